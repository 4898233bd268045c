/* box-start.c: from a job to two processes that wait for the go */
/* SPDX-License-Identifier: ISC */
#include "box-start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box-child.h"
#include "box-fault.h"
#include "box-land.h"
#include "box-payload.h"
#include "box-root.h"
#include "box-src.h"
#include "box-walk.h"
#include "clock.h"
#include "scope.h"

/* The network namespace, half of a clone's time, the init makes (box-child.c). */
static const uint64_t spaces[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID,
	CLONE_NEWIPC, CLONE_NEWUTS, CLONE_INTO_CGROUP, 0 };

/* How long a killed init may take to be gone. */
#define DYING_MS 2000

/* Test builds: this step fails, or is told to be left out. */
static int
faulty(enum bnd_box_stage stage, struct bnd_err *err)
{
	errno = EIO;
	return bnd_box_fault(stage, 0) == BND_FAULT_NONE
	    ? 0
	    : bnd_fail_errno(err, "cannot do this step");
}

/* ours gets the kernel's word on who wrote what it reads. */
static int
pair(int *ours, int *theirs, struct bnd_err *err)
{
	int fd[2], on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		return bnd_fail_errno(err, "cannot make a socket pair");
	*ours = fd[0];
	*theirs = fd[1];
	if (setsockopt(*ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0)
		return bnd_fail_errno(err, "cannot ask for senders' pids");
	return 0;
}

/*
 * The kernel counts what is used below a user namespace (inotify, watches,
 * pending signals, message queues) against its owner, too.  Were that root,
 * one sandbox could use up root's own on the host.  So the owner is the leased
 * id, as which the clone is made; for the leaf the file system's id stays root's.
 */
static long
clone_as(uid_t owner, struct clone_args *args)
{
	long pid;
	int why;

	if (seteuid(owner) != 0)
		return -1;
	(void)setfsuid(0);
	pid = syscall(SYS_clone3, args, sizeof(*args));
	if (pid == 0)
		return 0;
	why = errno;
	if (seteuid(0) != 0)
		return -1; /* a child is found by its pidfd */
	errno = why;
	return pid;
}

/* The only clone of the host's side; the child never returns. */
static int
give_birth(
    struct bnd_box_job *job, struct bnd_box_run *run, struct bnd_err *err)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
		    bnd_box_flags(spaces, BND_STAGE_CLONE, 1),
		.pidfd = (uint64_t)(uintptr_t)&run->init_fd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)job->cgroup,
	};
	long pid = clone_as(job->init_id, &args);

	if (pid == 0)
		bnd_box_init(job);
	if (pid < 0)
		return bnd_fail_errno(err, "cannot make namespaces (clone3)");
	run->init = (pid_t)pid;
	return 0;
}

static int
write_map(pid_t pid, const char *file, const char *text, struct bnd_err *err)
{
	char path[64];
	size_t len = strlen(text);

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		return bnd_fail_errno(err, "cannot write %s", file);
	return 0;
}

/* Ours as itself, the payload's as u; 0 is nobody's: no root inside. */
static int
map_ids(const struct bnd_box_job *job, pid_t init, struct bnd_err *err)
{
	char text[80];
	unsigned b = job->init_id, p = job->payload_id;

	if (job->uid == 0 || job->gid == 0 || b == 0 || p == 0)
		return bnd_fail(err, BND_E_INPUT, "id 0 is not mapped");
	(void)snprintf(text, sizeof(text), "%u %u 1\n%u %u 1\n", b, b,
	    (unsigned)job->uid, p);
	if (write_map(init, "uid_map", text, err) != 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%u %u 1\n%u %u 1\n", b, b,
	    (unsigned)job->gid, p);
	return write_map(init, "gid_map", text, err);
}

/*
 * Whom the memory killer spares (udev, a login service) hands that down, and
 * then neither a limit nor the host finds a victim.  More of it is his choice.
 */
static int
spare_not(pid_t init, struct bnd_err *err)
{
	char first = '\0';
	int SCOPED_FD fd =
	    open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &first, 1) != 1)
		return bnd_fail_errno(err, "cannot read oom_score_adj");
	return first == '-' ? write_map(init, "oom_score_adj", "0", err) : 0;
}

/* The trees that show the host's inodes as the payload's. */
static int
idmap(struct bnd_box_job *job, pid_t init, struct bnd_err *err)
{
	char path[64];
	size_t i;

	for (i = 0; i < job->trees && !job->tree[i].idmap; i++)
		;
	if (i == job->trees)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)init);
	int SCOPED_FD ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return bnd_fail_errno(err, "cannot open the user namespace");
	return bnd_src_idmap(job, ns, err);
}

/* Whom the kernel names as sender of a message; -1: it named nobody. */
static pid_t
sender(struct msghdr *m)
{
	struct cmsghdr *c;
	struct ucred who;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(who))) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			return who.pid;
		}
	}
	return -1;
}

/*
 * Who dies with something of ours unread resets the socket: that is told once,
 * and before what he said last.
 */
static bool
is_to_repeat(bool *reset)
{
	if (errno == EINTR)
		return true;
	if (errno != ECONNRESET || *reset)
		return false;
	*reset = true;
	return true;
}

int
bnd_box_note_take(const struct bnd_box_run *run, struct bnd_box_note *n,
    pid_t *from, struct bnd_err *err)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} u;
	char buf[sizeof(*n) + 1];
	struct iovec io = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &u,
		.msg_controllen = sizeof(u) };
	bool reset = false;
	ssize_t len;

	do
		len = recvmsg(run->status, &m, MSG_CMSG_CLOEXEC);
	while (len < 0 && is_to_repeat(&reset));
	if (len < 0)
		return bnd_fail_errno(err, "cannot read a note");
	if (len == 0)
		return 0;
	*from = sender(&m);
	if (!bnd_box_note_read(buf, (size_t)len, n) || *from <= 0 ||
	    (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return bnd_fail(err, BND_E_CORRUPT, "malformed note");
	return 1;
}

/* What of a step failed: a tree's place, or a part of the root. */
static const char *
object(const struct bnd_box_job *job, const struct bnd_box_note *n)
{
	if (n->stage != BND_STAGE_ROOT && n->stage != BND_STAGE_LANDLOCK)
		return "";
	if (n->arg < job->trees)
		return job->tree[n->arg].dst;
	return n->stage == BND_STAGE_ROOT ? bnd_root_part_name(n->arg)
					  : bnd_land_part_name(n->arg);
}

static const char *
deed(const struct bnd_box_note *n)
{
	const struct bnd_box_step *const tables[] = { bnd_box_init_steps,
		bnd_box_payload_steps };
	const struct bnd_box_step *s;
	size_t i;

	for (i = 0; i < 2; i++) {
		for (s = tables[i]; s->run != NULL; s++) {
			if (s->stage == n->stage && s->step == n->step)
				return s->does;
		}
	}
	return "start";
}

/* -1 always. */
static int
tell_failure(const struct bnd_box_job *job, const struct bnd_box_note *n,
    enum bnd_box_stage *stage, struct bnd_err *err)
{
	const char *of = object(job, n);

	*stage = (enum bnd_box_stage)n->stage;
	errno = n->errnum;
	return bnd_fail_errno(
	    err, "cannot %s%s%s", deed(n), *of != '\0' ? ": " : "", of);
}

/*
 * The payload's pid is the sender's of READY.  It has not been given to anybody
 * else: the payload still holds its end of go after the pidfd was opened.
 */
static int
know_payload(struct bnd_box_run *run, pid_t from, struct bnd_err *err)
{
	struct pollfd go = { .fd = run->go };

	if (run->payload_fd != -1 || from == run->init)
		return bnd_fail(err, BND_E_CORRUPT, "a second payload");
	run->payload = from;
	run->payload_fd = pidfd_open(from, 0);
	if (run->payload_fd < 0)
		return bnd_fail_errno(
		    err, "cannot hold the payload (pidfd_open)");
	if (poll(&go, 1, 0) != 0)
		return bnd_fail(err, BND_E_SYS, "the payload ended early");
	return 0;
}

/* Readable, or its other end closed, before the deadline. */
static int
await(int fd, uint64_t deadline_ms, struct bnd_err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now;
	int r;

	do {
		now = bnd_clock_ms();
		r = now >= deadline_ms ? 0
		    : deadline_ms - now > INT32_MAX
		    ? poll(&p, 1, -1)
		    : poll(&p, 1, (int)(deadline_ms - now));
	} while (r < 0 && errno == EINTR);
	if (r > 0)
		return 0;
	errno = r == 0 ? ETIMEDOUT : errno;
	return bnd_fail_errno(err, "the setup is not done");
}

/* One note of the setup. */
static int
heed(const struct bnd_box_job *job, struct bnd_box_run *run,
    const struct bnd_box_note *n, pid_t from, enum bnd_box_stage *stage,
    struct bnd_err *err)
{
	if (n->kind == BND_NOTE_FAILED)
		return tell_failure(job, n, stage, err);
	if (n->kind == BND_NOTE_READY) {
		run->landlock_errno = (int)n->value;
		/* Ours to hold, wherever the init is by now. */
		*stage = BND_STAGE_PAYLOAD;
		return know_payload(run, from, err);
	}
	if (n->kind == BND_NOTE_SEALED && from == run->init) {
		run->sealed = true;
		return 0;
	}
	return bnd_fail(err, BND_E_SYS, "the payload ended early");
}

/* Where the one that is not ready stands. */
static enum bnd_box_stage
standing(const struct bnd_box_job *job, const struct bnd_box_run *run)
{
	uint32_t at = job->at[run->sealed ? 1 : 0];

	return at != BND_STAGE_NONE ? (enum bnd_box_stage)at : BND_STAGE_JOIN;
}

int
bnd_box_await_one(const struct bnd_box_job *job, struct bnd_box_run *run,
    enum bnd_box_stage *stage, struct bnd_err *err)
{
	struct bnd_box_note n = { 0 };
	pid_t from = -1;
	int r = await(run->status, run->deadline_ms, err);

	*stage = standing(job, run);
	if (r != 0)
		return -1;
	r = bnd_box_note_take(run, &n, &from, err);
	if (r == 0)
		return bnd_fail(err, BND_E_SYS, "the init ended early");
	return r < 0 ? -1 : heed(job, run, &n, from, stage, err);
}

int
bnd_box_await_both(const struct bnd_box_job *job, struct bnd_box_run *run,
    enum bnd_box_stage *stage, struct bnd_err *err)
{
	while (!run->sealed || run->payload_fd == -1)
		if (bnd_box_await_one(job, run, stage, err) != 0)
			return -1;
	return 0;
}

/* An init that is dead already has left a note, or end of file. */
static int
release(const struct bnd_box_run *run, struct bnd_err *err)
{
	if (send(run->status, "", 1, MSG_NOSIGNAL) != 1 && errno != EPIPE)
		return bnd_fail_errno(err, "cannot release the init");
	return 0;
}

/* From the first socket to an init at work. */
static int
start(struct bnd_box_job *job, bnd_box_born *born, void *arg,
    struct bnd_box_run *run, enum bnd_box_stage *stage, struct bnd_err *err)
{
	*stage = BND_STAGE_CLONE;
	if (pair(&run->status, &job->status, err) != 0 ||
	    pair(&run->go, &job->go, err) != 0 ||
	    (job->relay && pair(&run->hand, &job->hand, err) != 0) ||
	    faulty(BND_STAGE_CLONE, err) != 0 || give_birth(job, run, err) != 0)
		return -1;
	bnd_close_fd(&job->status);
	bnd_close_fd(&job->go);
	bnd_close_fd(&job->hand);
	*stage = BND_STAGE_MAP;
	if (faulty(BND_STAGE_MAP, err) != 0 ||
	    map_ids(job, run->init, err) != 0 ||
	    spare_not(run->init, err) != 0 || idmap(job, run->init, err) != 0)
		return -1;
	*stage = BND_STAGE_LEASE;
	if (born != NULL && born(arg, run->init, err) != 0)
		return -1;
	*stage = BND_STAGE_JOIN;
	return release(run, err);
}

int
bnd_box_start(struct bnd_box_job *job, uint64_t deadline_ms, bnd_box_born *born,
    void *arg, struct bnd_box_run *run, enum bnd_box_stage *stage,
    struct bnd_err *err)
{
	int r;

	*run = (struct bnd_box_run){ .init = -1,
		.payload = -1,
		.init_fd = -1,
		.payload_fd = -1,
		.status = -1,
		.go = -1,
		.hand = -1,
		.deadline_ms = deadline_ms };
	job->status = job->go = job->hand = -1;
	/* As long as we live. */
	job->at = mmap(NULL, 2 * sizeof(*job->at), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*stage = BND_STAGE_CLONE;
	if (job->at == MAP_FAILED)
		return bnd_fail_errno(err, "cannot map a page");
	r = start(job, born, arg, run, stage, err);
	bnd_close_fd(&job->status);
	bnd_close_fd(&job->go);
	bnd_close_fd(&job->hand);
	if (r != 0)
		bnd_box_drop(run);
	return r;
}

int
bnd_box_go(struct bnd_box_run *run, int *errnum, bool *interpreter,
    struct bnd_err *err)
{
	struct bnd_box_note n;
	char buf[sizeof(n) + 1];
	ssize_t len;

	*errnum = 0;
	*interpreter = false;
	if (send(run->go, "", 1, MSG_NOSIGNAL) != 1)
		return bnd_fail_errno(err, "cannot release the payload");
	if (await(run->go, run->deadline_ms, err) != 0)
		return -1;
	len = recv(run->go, buf, sizeof(buf), 0);
	/* ECONNRESET: closed with our byte unread, by a death. */
	if (len == 0 || (len < 0 && errno == ECONNRESET))
		return 0;
	if (len < 0 || !bnd_box_note_read(buf, (size_t)len, &n) ||
	    n.kind != BND_NOTE_FAILED || n.stage != BND_STAGE_EXEC)
		return bnd_fail(err, BND_E_CORRUPT, "malformed note");
	*errnum = n.errnum;
	*interpreter = n.arg != 0;
	return 1;
}

/* By pidfd, never by a number; its pid namespace goes with it. */
static void
end_init(const struct bnd_box_run *run)
{
	struct pollfd p = { .fd = run->init_fd, .events = POLLIN };
	siginfo_t si;

	(void)pidfd_send_signal(run->init_fd, SIGKILL, NULL, 0);
	if (poll(&p, 1, DYING_MS) == 1)
		(void)waitid(P_PIDFD, (id_t)run->init_fd, &si, WEXITED);
}

void
bnd_box_drop(struct bnd_box_run *run)
{
	if (run->init_fd >= 0)
		end_init(run);
	bnd_close_fd(&run->init_fd);
	bnd_close_fd(&run->payload_fd);
	bnd_close_fd(&run->status);
	bnd_close_fd(&run->go);
	bnd_close_fd(&run->hand);
}
