/* tty.c: whether somebody sits at the machine itself */
/* SPDX-License-Identifier: ISC */
#include "tty.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "scope.h"
#include "text.h"

#define PATH_LEN     64
#define STAT_LEN     1024
#define TTY_NR_FIELD 5 /* behind the name: state ppid pgrp session tty_nr */

bool
bnd_tty_is_console_dev(dev_t dev)
{
	return major(dev) == 4 || (major(dev) == 5 && minor(dev) == 1);
}

bool
bnd_tty_is_console(const struct bnd_root *root, const char *name)
{
	char path[PATH_LEN];
	SCOPED_FD int fd = -1;
	struct stat st;
	int n;

	n = snprintf(path, sizeof(path), "dev/%s",
	    strncmp(name, "/dev/", 5) == 0 ? name + 5 : name);
	if (n < 0 || (size_t)n >= sizeof(path) || strstr(path, "..") != NULL)
		return false;
	fd = bnd_root_openat(root, path, O_PATH, 0, NULL);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    bnd_tty_is_console_dev(st.st_rdev);
}

/* tty_nr is the kernel's old packing: major in bits 8 to 19, minor around it. */
static dev_t
unpack_dev(uint64_t nr)
{
	return makedev((nr >> 8) & 0xfff, (nr & 0xff) | ((nr >> 12) & 0xfff00));
}

int
bnd_tty_controlling(dev_t *dev)
{
	SCOPED_FD int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	char text[STAT_LEN];
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	struct bnd_str rest, word = { "", 0 };
	const char *end;
	uint64_t nr;

	*dev = 0;
	/* The name may hold anything, a ")" included; nothing behind it does. */
	end = n > 0 ? memrchr(text, ')', (size_t)n) : NULL;
	if (end == NULL)
		return -1;
	rest = (struct bnd_str){ end + 1, (size_t)(text + n - end - 1) };
	for (int i = 0; i < TTY_NR_FIELD; i++) {
		if (!bnd_text_word(&rest, &word))
			return -1;
	}
	if (!bnd_text_u64(word, UINT32_MAX, &nr))
		return -1;
	*dev = unpack_dev(nr);
	return 0;
}
