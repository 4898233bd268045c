/* scope.h: descriptors and heap that are given back on every way out */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SCOPE_H
#define BND_SCOPE_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
bnd_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void
bnd_close_file(FILE **f)
{
	int saved = errno;

	if (*f != NULL)
		fclose(*f);
	*f = NULL;
	errno = saved;
}

static inline void
bnd_close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir != NULL)
		closedir(*dir);
	*dir = NULL;
	errno = saved;
}

static inline void
bnd_free_ptr(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

/* int SCOPED_FD fd = -1;  closes at the end of the block, errno kept. */
#define SCOPED_FD   __attribute__((cleanup(bnd_close_fd)))
#define SCOPED_FILE __attribute__((cleanup(bnd_close_file)))
#define SCOPED_DIR  __attribute__((cleanup(bnd_close_dir)))
#define SCOPED_FREE __attribute__((cleanup(bnd_free_ptr)))

/* Hand a scoped descriptor over to somebody else. */
static inline int
take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* The directory of a descriptor, which is its own then.  NULL: see errno. */
static inline DIR *
bnd_dir_of(int *fd)
{
	DIR *dir = *fd >= 0 ? fdopendir(*fd) : NULL;

	if (dir != NULL)
		*fd = -1;
	return dir;
}

#endif
