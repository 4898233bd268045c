/* box-find.c: the sources of binds by their names, for root or for a user */
/* SPDX-License-Identifier: ISC */
#include "box-find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box-bind.h"
#include "box-task.h"
#include "clock.h"
#include "scope.h"

#define WORK "$WORK"

void
bnd_find_begin(struct bnd_find *f)
{
	if (f->missing != NULL && f->size > 0)
		*f->missing = '\0';
	for (size_t i = 0; i < BND_BOX_BINDS; i++)
		f->found[i].fd = f->found[i].above = -1;
}

void
bnd_find_end(struct bnd_find *f)
{
	for (size_t i = 0; i < BND_BOX_BINDS; i++) {
		bnd_close_fd(&f->found[i].fd);
		bnd_close_fd(&f->found[i].above);
	}
}

bool
bnd_find_is_absent(const struct bnd_find *f, const struct bnd_box_bind *b)
{
	return f->work == -1 && bnd_box_bind_is_work(b);
}

static int
note_missing(struct bnd_find *f, const char *src, struct bnd_err *err)
{
	size_t used;
	int n;

	if (f->missing == NULL)
		return 0;
	used = strlen(f->missing);
	n = snprintf(f->missing + used, f->size - used, "%s%s",
	    used > 0 ? " " : "", src);
	if (n < 0 || (size_t)n >= f->size - used)
		return bnd_fail(
		    err, BND_E_INPUT, "too many optional binds are missing");
	return 0;
}

static int
open_source(const struct bnd_find *f, const struct bnd_box_bind *b,
    struct bnd_path *at, struct bnd_err *err)
{
	bool work = bnd_box_bind_is_work(b);
	const char *path = work ? b->src + strlen(WORK) : b->src;

	while (work && *path == '/')
		path++;
	return bnd_path_open(
	    work ? f->work : f->cwd, *path ? path : ".", at, err);
}

static int
open_plainly(struct bnd_find *f, const struct bnd_box_bind *b,
    struct bnd_path *at, struct bnd_err *err)
{
	if (open_source(f, b, at, err) == 0)
		return 0;
	if (err->errnum != ENOENT || !(b->rights & BND_BIND_OPTIONAL))
		return -1;
	return note_missing(f, b->src, err) == 0 ? 1 : -1;
}

/* ---- for a user ---------------------------------------------------------- */

/* By the rights that this task has now. */
static bool
may_open(int fd, int mode)
{
	return syscall(SYS_faccessat2, fd, "", mode,
		   AT_EACCESS | AT_EMPTY_PATH) == 0;
}

static bool
may_use(const struct bnd_path *at, unsigned rights)
{
	int mode = R_OK;

	if (rights & BND_BIND_W)
		mode |= W_OK;
	if (S_ISDIR(at->st.st_mode) || (rights & BND_BIND_X))
		mode |= X_OK;
	return may_open(at->fd, mode);
}

/* Root looks for him, and must not tell him more than he could see. */
static int
fail_found(
    const char *src, const struct bnd_box_user *user, struct bnd_err *err)
{
	(void)bnd_fail(err, BND_E_SYS,
	    "cannot open %.100s: it is not there, or not for user %u", src,
	    (unsigned)user->uid);
	err->errnum = ENOENT;
	return -1;
}

static int
find_one(struct bnd_find *f, size_t i, struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	const struct bnd_box_bind *b = &f->p->bind[i];

	if (open_source(f, b, &at, err) == 0 && may_use(&at, b->rights)) {
		f->found[i].fd = take_fd(&at.fd);
		f->found[i].above = take_fd(&at.above);
		return 0;
	}
	f->found[i].missing = b->rights & BND_BIND_OPTIONAL;
	return f->found[i].missing ? note_missing(f, b->src, err)
				   : fail_found(b->src, f->user, err);
}

int
bnd_find_all(void *arg, struct bnd_err *err)
{
	struct bnd_find *f = arg;

	for (size_t i = 0; i < f->p->binds; i++)
		if (!bnd_find_is_absent(f, &f->p->bind[i]) &&
		    find_one(f, i, err) == -1)
			return -1;
	return 0;
}

static int
take_found(struct bnd_find *f, const struct bnd_box_bind *b,
    struct bnd_path *at, struct bnd_err *err)
{
	size_t i = (size_t)(b - f->p->bind);

	if (f->found[i].missing)
		return 1;
	at->fd = take_fd(&f->found[i].fd);
	at->above = take_fd(&f->found[i].above);
	if (fstat(at->fd, &at->st) == -1)
		return bnd_fail_errno(err, "cannot stat %s", b->src);
	return 0;
}

int
bnd_find(struct bnd_find *f, const struct bnd_box_bind *b, struct bnd_path *at,
    struct bnd_err *err)
{
	return f->user != NULL ? take_found(f, b, at, err)
			       : open_plainly(f, b, at, err);
}

/* ---- $WORK --------------------------------------------------------------- */

struct work {
	const struct bnd_box_user *user;
	const char *path;
	int fd;
};

/* A user's would let him choose whose directory root lends. */
static int
open_by_roots_links(struct work *w, struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };

	if (bnd_path_open_up(AT_FDCWD, w->path, &at, err) == -1)
		return -1;
	if (!S_ISDIR(at.st.st_mode))
		return bnd_fail(
		    err, BND_E_INPUT, "%.100s is no directory", w->path);
	w->fd = take_fd(&at.fd);
	return 0;
}

static int
open_work(void *arg, struct bnd_err *err)
{
	struct work *w = arg;

	if (w->user == NULL)
		return open_by_roots_links(w, err);
	w->fd = open(w->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->fd != -1 && may_open(w->fd, R_OK | X_OK))
		return 0;
	return fail_found(w->path, w->user, err);
}

int
bnd_find_work(const struct bnd_box_user *user, const char *path, int *fd,
    struct bnd_err *err)
{
	struct work w = { user, path, -1 };
	int rc = user == NULL ? open_work(&w, err)
			      : bnd_task_run(user, open_work, &w, path,
				    bnd_clock_ms() + BND_TASK_MS, err);

	*fd = w.fd;
	if (rc == -1)
		bnd_close_fd(fd);
	return rc;
}
