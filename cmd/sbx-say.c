/* sbx-say.c: how a run ended, to files and to whoever looks on */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box-path.h"
#include "box-task.h"
#include "clock.h"
#include "cmd.h"
#include "file.h"
#include "sbx-go.h"
#include "sbx-run.h"
#include "scope.h"
#include "text.h"

#define RESULT_SIZE 65536
#define RESULT_ROOM 16384 /* what one needs on its disk, asked for beforehand */

/* ---- files ---- */

/* "fd:N": one that the caller opened; 1: none of that form. */
static int
open_fd(struct sbx_file *f, const char *name, struct bnd_err *err)
{
	struct bnd_str s = { name, strlen(name) };
	uint64_t fd;
	int flags;

	if (!bnd_text_take(&s, "fd:"))
		return 1;
	if (!bnd_text_u64(s, INT32_MAX, &fd))
		return bnd_fail(err, BND_E_INPUT, "no descriptor: %.60s", name);
	flags = sbx_is_callers((int)fd) ? fcntl((int)fd, F_GETFL) : -1;
	if (flags == -1)
		return bnd_fail_errno(err, "cannot use %.60s", name);
	if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY)
		return bnd_fail(
		    err, BND_E_INPUT, "%.60s is not open for writing", name);
	f->fd = (int)fd;
	return 0;
}

/* Refused now, or there is room for what will be said. */
static int
prepare(int fd, const char *name, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot look at %.100s", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return bnd_fail(err, BND_E_UNSAFE,
		    "%.100s is not a regular file of one name", name);
	if (ftruncate(fd, 0) != 0 ||
	    (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESULT_ROOM) != 0 &&
		errno != EOPNOTSUPP && errno != ENOSYS))
		return bnd_fail_errno(err, "cannot write %.100s", name);
	return 0;
}

static const char *
base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

/* Where name is, by no link on the way that a user could have planted. */
static int
open_dir(const char *name, struct bnd_path *at, struct bnd_err *err)
{
	const char *slash = strrchr(name, '/');
	struct bnd_str dir = { ".", 1 };
	char path[PATH_MAX];

	if (slash != NULL)
		dir = (struct bnd_str){ name,
			slash == name ? 1 : (size_t)(slash - name) };
	if (!bnd_str_copy(dir, path, sizeof(path)))
		return bnd_fail(err, BND_E_INPUT, "too long: %.100s", name);
	return bnd_path_open_up(AT_FDCWD, path, at, err);
}

/* The user's own rights are what bounds him. */
static int
open_file(void *arg, struct bnd_err *err)
{
	const int flags =
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct sbx_file *f = arg;
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	int SCOPED_FD fd = -1;

	if (!f->users && open_dir(f->name, &at, err) == -1)
		return -1;
	fd = f->users ? open(f->name, flags, 0600)
		      : openat(at.fd, base_of(f->name), flags, 0600);
	if (fd == -1)
		return bnd_fail_errno(err, "cannot open %.100s", f->name);
	if (prepare(fd, f->name, err) == -1)
		return -1;
	f->fd = take_fd(&fd);
	f->own = true;
	return 0;
}

/* A file system of the user's own cannot hold us longer than that. */
static int
bounded(const struct sbx *s, const struct bnd_box_user *as,
    const struct sbx_file *f, bnd_task_do *do_it, void *arg,
    struct bnd_err *err)
{
	if (s->job.user == NULL)
		return do_it(arg, err);
	return bnd_task_run(
	    as, do_it, arg, f->name, bnd_clock_ms() + BND_TASK_MS, err);
}

static int
open_result(
    struct sbx *s, struct sbx_file *f, const char *name, struct bnd_err *err)
{
	int rc;

	if (name == NULL)
		return 0;
	f->name = name;
	f->users = s->job.user != NULL;
	rc = open_fd(f, name, err);
	return rc != 1 ? rc : bounded(s, s->job.user, f, open_file, f, err);
}

static int
check_two(
    const struct sbx_file *a, const struct sbx_file *b, struct bnd_err *err)
{
	struct stat x, y;

	if (!a->own || !b->own)
		return 0;
	if (fstat(a->fd, &x) != 0 || fstat(b->fd, &y) != 0)
		return bnd_fail_errno(err, "cannot look at %.100s", a->name);
	if (x.st_dev != y.st_dev || x.st_ino != y.st_ino)
		return 0;
	return bnd_fail(
	    err, BND_E_INPUT, "%.100s cannot be result and meta", a->name);
}

int
sbx_open_results(struct sbx *s, struct bnd_err *err)
{
	const struct opt_args *a = s->args;

	if (open_result(s, &s->result, a->value[SBX_ID_RESULT], err) == -1 ||
	    open_result(s, &s->meta, a->value[SBX_ID_META], err) == -1)
		return -1;
	return check_two(&s->result, &s->meta, err);
}

/*
 * Whoever reads it by its name reads ours: the payload, dead by now, may have
 * been lent a directory on the way.  A way that we may not go does not tell.
 */
static bool
is_in_place(const struct sbx_file *f, int cwd)
{
	struct stat ours, there;

	if (fstat(f->fd, &ours) != 0 || ours.st_nlink == 0)
		return false;
	if (fstatat(cwd, f->name, &there,
		AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0)
		return errno == EACCES;
	return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

struct writing {
	const struct sbx_file *f;
	int cwd;
	const char *buf;
	size_t len;
};

static int
write_file(void *arg, struct bnd_err *err)
{
	const struct writing *w = arg;

	if (bnd_file_write_all(w->f->fd, w->f->name, w->buf, w->len, err) == -1)
		return -1;
	if (!w->f->own)
		return 0;
	/* What was set apart and not needed. */
	if (ftruncate(w->f->fd, (off_t)w->len) != 0)
		cmd_warn("%s: %m", w->f->name);
	if (is_in_place(w->f, w->cwd))
		return 0;
	return bnd_fail(err, BND_E_UNSAFE,
	    "%.100s is not the file that was written: it was replaced",
	    w->f->name);
}

typedef bool print(
    const struct bnd_box_result *r, char *buf, size_t size, size_t *len);

static int
write_result(const struct sbx *s, const struct sbx_file *f, print *p)
{
	SCOPED_FREE char *buf = malloc(RESULT_SIZE);
	struct writing w = { f, s->cwd != -1 ? s->cwd : AT_FDCWD, buf, 0 };
	struct bnd_err err = { 0 };

	if (f->fd == -1)
		return 0;
	if (buf == NULL || !p(&s->r, buf, RESULT_SIZE, &w.len)) {
		cmd_warn("%s: the result does not fit", f->name);
		return -1;
	}
	/* The rights are those of the opening; we have none to change by now. */
	if (bounded(s, NULL, f, write_file, &w, &err) == 0)
		return 0;
	cmd_warn_err(&err);
	return -1;
}

/* ---- standard error ---- */

static void
say_reason(const struct sbx *s)
{
	const struct bnd_box_result *r = &s->r;
	const char *word = bnd_box_reason_word(r->reason);

	switch (r->reason) {
	case BND_WHY_EXITED:
	case BND_WHY_SIGNALED:
	case BND_WHY_CANCELLED:
		return; /* as without us */
	case BND_WHY_SECCOMP:
	case BND_WHY_WALL:
	case BND_WHY_CPU:
	case BND_WHY_IDLE:
	case BND_WHY_MEMORY:
	case BND_WHY_OUTPUT:
	case BND_WHY_MODE:
		if (!s->args->seen[OPT_ID_QUIET])
			cmd_warn("%s: %s", word, r->detail);
		return;
	case BND_WHY_EXEC:
		cmd_warn("cannot run %s: %s", r->argv0, r->detail);
		return;
	case BND_WHY_REFUSED:
	case BND_WHY_SETUP:
	case BND_WHY_SETUP_TIME:
		cmd_warn("%s: %s: %s", word, bnd_box_stage_word(r->stage),
		    r->detail);
		return;
	case BND_WHY_NONE:
	case BND_WHY_STUCK:
	case BND_WHY_INTERNAL:
	case BND_WHYS:
		cmd_warn("%s: %s", word, r->detail);
		return;
	}
}

int
sbx_say(struct sbx *s)
{
	const struct bnd_box_result *r = &s->r;
	int status = bnd_box_exit(r);
	bool written = write_result(s, &s->result, bnd_box_result_json) == 0;

	written =
	    write_result(s, &s->meta, bnd_box_result_meta) == 0 && written;
	say_reason(s);
	if (r->cleanup[0] != '\0')
		cmd_warn("%s", r->cleanup);
	/* A reader that has read enough is none of our business. */
	if (r->out_errnum != 0 && r->out_errnum != EPIPE) {
		cmd_warn("output is lost: %s", strerror(r->out_errnum));
		written = written && status != 0;
	}
	return written ? status : SBX_TROUBLE;
}
