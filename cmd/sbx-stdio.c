/* sbx-stdio.c: descriptors of the caller, and the payload's first three */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sbx-go.h"
#include "scope.h"

bool
sbx_is_callers(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags != -1 && (flags & FD_CLOEXEC) == 0)
		return true;
	errno = EBADF;
	return false;
}

/*
 * A directory leads out of the root.  What is no file at all (io_uring, a mount
 * or another task held) acts with the rights of whoever made it.
 */
bool
sbx_leads_out(const struct stat *st)
{
	return S_ISDIR(st->st_mode) || (st->st_mode & S_IFMT) == 0;
}

/* Pipes and files to read are harmless; the rest only under `any`. */
static bool
passes(const struct bnd_box_policy *p)
{
	struct stat st;
	int flags = fcntl(0, F_GETFL);

	if (p->num[BND_BOX_STDIN] == BND_STDIN_NULL || flags == -1 ||
	    fstat(0, &st) != 0 || sbx_leads_out(&st))
		return false;
	if (p->num[BND_BOX_STDIN] == BND_STDIN_ANY)
		return true;
	return (flags & (O_PATH | O_ACCMODE)) == O_RDONLY &&
	    (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode));
}

/*
 * Of a pipe an open description of the payload's own, so that what it sets
 * there (O_NONBLOCK) is not set for the caller.  Not of one that nobody writes
 * to any more: who opens that is never told of its end by poll().
 */
static int
own_pipe(void)
{
	struct pollfd was = { .fd = 0 };
	struct stat st;
	int SCOPED_FD fd = -1;

	if (fstat(0, &st) != 0 || !S_ISFIFO(st.st_mode) ||
	    (fcntl(0, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return -1;
	fd = open(
	    "/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || poll(&was, 1, 0) != 0 || fcntl(fd, F_SETFL, 0) != 0)
		return -1;
	return take_fd(&fd);
}

static int
make_input(struct sbx *s, struct bnd_err *err)
{
	int *in = &s->job.stdio[0];

	if (!passes(&s->policy))
		*in = open("/dev/null", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	else if ((*in = own_pipe()) == -1)
		*in = fcntl(0, F_DUPFD_CLOEXEC, 3);
	if (*in == -1)
		return bnd_fail_errno(err, "cannot make standard input");
	return 0;
}

/*
 * The payload's end belongs to the payload, so that it can open /dev/stdout and
 * /dev/stderr again as scripts do.
 */
static int
make_output(struct sbx *s, int i, struct bnd_err *err)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return bnd_fail_errno(err, "cannot make a pipe");
	s->watch.out[i] = fd[0];
	s->watch.to[i] = i + 1;
	s->job.stdio[i + 1] = fd[1];
	if (fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0 ||
	    fchown(fd[1], s->job.payload_id, s->job.payload_id) != 0)
		return bnd_fail_errno(err, "cannot prepare a pipe");
	return 0;
}

/* The same open description, as `2>&1` makes it. */
static bool
is_one(void)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, 1, 2) == 0;
}

/* Where both go to one place one pipe keeps their order. */
int
sbx_make_stdio(struct sbx *s, struct bnd_err *err)
{
	if (make_input(s, err) == -1 || make_output(s, 0, err) == -1)
		return -1;
	if (!is_one())
		return make_output(s, 1, err);
	s->job.stdio[2] = fcntl(s->job.stdio[1], F_DUPFD_CLOEXEC, 3);
	if (s->job.stdio[2] == -1)
		return bnd_fail_errno(err, "cannot make standard error");
	return 0;
}

void
sbx_close_stdio(struct sbx *s)
{
	for (int i = 0; i < 3; i++)
		bnd_close_fd(&s->job.stdio[i]);
}
