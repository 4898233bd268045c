/* box-relay.c: a child of the supervisor that gives away all but two sockets */
/* SPDX-License-Identifier: ISC */
/*
 * It is in the host's network namespace, so its packets are the host's and the
 * host's rules hold for them; nothing is added to those.  It reads what the
 * payload and the network send, so it is treated as if it were theirs already:
 * it keeps no file, no right and few calls, and it says nothing to the
 * supervisor but numbers in a page of memory.  Its life is a socket of which the
 * supervisor alone has the other end: no SIGKILL of that one leaves it behind.
 */
#include "box-relay.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box-creds.h"
#include "box-fault.h"
#include "box-fds.h"
#include "box-land.h"
#include "box-limit.h"
#include "box-walk.h"
#include "clock.h"
#include "filter.h"
#include "scope.h"

#define FAILED	 125
#define DYING_MS 2000

/* What its steps need. */
struct scene {
	const struct bnd_relay_plan *plan;
	int listener, life, landlock_errno;
};

/* ---- in the relay: no heap, no stdio, no exit() ---------------------------- */

/* Of its own: no key and no hang-up of the caller's terminal is for it. */
static int
session(struct scene *s)
{
	(void)s;
	return setsid() < 0 ? -1 : 0;
}

/* The payload could have it work: then that counts as the payload's. */
static int
join(struct scene *s)
{
	if (s->plan->tasks < 0)
		return 0;
	return write(s->plan->tasks, "0", 1) == 1 ? 0 : -1;
}

static int
shut(struct scene *s)
{
	return bnd_fds_pair(s->listener, s->life);
}

static int
bound(struct scene *s)
{
	(void)s;
	return bnd_creds_bound();
}

static int
limit_time(uint64_t ms)
{
	const uint64_t most = ms / 1000 + 1;
	struct rlimit cpu;

	if (getrlimit(RLIMIT_CPU, &cpu) != 0)
		return -1;
	if (ms == BND_BOX_TOP || most >= cpu.rlim_max)
		return 0;
	/* The hard one would be a SIGKILL, which does not tell why. */
	cpu.rlim_cur = most;
	cpu.rlim_max = most + 1;
	return setrlimit(RLIMIT_CPU, &cpu);
}

/* As many as connections need, or as few as the caller may have. */
static int
limits(struct scene *s)
{
	const struct rlimit none = { 0, 0 }, core = { 1, 1 };
	struct rlimit files;

	if (bnd_limit_priority() != 0 ||
	    getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    limit_time(s->plan->time_ms) != 0)
		return -1;
	if (files.rlim_max > 2 * BND_CARRY_CONNS + 1024)
		files.rlim_max = 2 * BND_CARRY_CONNS + 1024;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    setrlimit(RLIMIT_FSIZE, &none) != 0 ||
	    setrlimit(RLIMIT_NPROC, &none) != 0)
		return -1;
	/* 1 and not 0: a core_pattern that is a pipe would ignore that. */
	return setrlimit(RLIMIT_CORE, &core);
}

static int
no_new_privs(struct scene *s)
{
	(void)s;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
landlock(struct scene *s)
{
	return bnd_land_shut(
	    s->plan->landlock_abi, s->plan->dials, &s->landlock_errno);
}

static int
ids(struct scene *s)
{
	return bnd_creds_ids(s->plan->id, s->plan->id);
}

static int
strip(struct scene *s)
{
	(void)s;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -1;
	return bnd_creds_strip();
}

static int
filter(struct scene *s)
{
	(void)s;
	return bnd_creds_filter(&bnd_filter_relay);
}

static const struct {
	const char *does;
	int (*run)(struct scene *s);
} steps[] = {
	{ "begin a session", session },
	{ "join the CPU's control group", join },
	{ "close other descriptors", shut },
	{ "empty the bounding set", bound },
	{ "set limits", limits },
	{ "set no_new_privs", no_new_privs },
	{ "enter a Landlock domain", landlock },
	{ "take its ids", ids },
	{ "drop capabilities", strip },
	{ "load its filter", filter },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* All of them, or a note of the one that failed. */
static void
confine(struct scene *s)
{
	struct bnd_box_note note = { .stage = BND_STAGE_RELAY };
	enum bnd_step_fault fault;

	for (unsigned i = 0; i < STEPS; i++) {
		fault = bnd_box_fault(BND_STAGE_RELAY, BND_RELAY_STEPS + i);
		if (fault == BND_FAULT_SKIP)
			continue;
		errno = EIO;
		if (fault == BND_FAULT_NONE && steps[i].run(s) == 0)
			continue;
		note.step = i;
		note.errnum = errno;
		(void)bnd_box_tell(s->life, BND_NOTE_FAILED, &note);
		_exit(FAILED);
	}
}

_Noreturn BND_FILTERED static void
be_relay(struct scene *s, struct bnd_carry *c)
{
	struct bnd_box_note note = { .stage = BND_STAGE_RELAY };

	confine(s);
	note.value = s->landlock_errno;
	if (bnd_box_tell(s->life, BND_NOTE_READY, &note) != 0)
		_exit(FAILED);
	bnd_carry_run(c, s->listener, s->life);
	_exit(0);
}

/* ---- in the supervisor ----------------------------------------------------- */

static int
await_ready(struct bnd_relay *r, uint64_t deadline_ms, struct bnd_err *err)
{
	struct pollfd p = { .fd = r->life, .events = POLLIN };
	struct bnd_box_note n;
	char buf[sizeof(n) + 1];
	uint64_t now = bnd_clock_ms(), left;
	ssize_t len;

	left = deadline_ms > now ? deadline_ms - now : 0;
	if (poll(&p, 1, left < INT32_MAX ? (int)left : -1) != 1) {
		errno = ETIMEDOUT;
		return bnd_fail_errno(err, "the relay is not ready");
	}
	len = recv(r->life, buf, sizeof(buf), 0);
	if (len <= 0)
		return bnd_fail(err, BND_E_SYS, "the relay ended early");
	if (!bnd_box_note_read(buf, (size_t)len, &n) ||
	    n.stage != BND_STAGE_RELAY || n.step >= STEPS)
		return bnd_fail(err, BND_E_CORRUPT, "malformed note");
	if (n.kind != BND_NOTE_READY) {
		errno = n.errnum;
		return bnd_fail_errno(
		    err, "the relay cannot %s", steps[n.step].does);
	}
	r->landlock_errno = (int)n.value;
	return 0;
}

/* The child never returns. */
static int
give_birth(struct bnd_relay *r, const struct bnd_relay_plan *plan,
    struct bnd_carry *c, struct bnd_err *err)
{
	struct scene s = { plan, r->listener, r->its_life, 0 };
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)&r->fd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)plan->cgroup,
	};
	long pid;

	if (bnd_box_fault(BND_STAGE_RELAY, 1) == BND_FAULT_NONE)
		args.flags |= CLONE_INTO_CGROUP;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		be_relay(&s, c);
	if (pid < 0)
		return bnd_fail_errno(err, "cannot clone a relay (clone3)");
	r->pid = (pid_t)pid;
	return 0;
}

static int
start(
    struct bnd_relay *r, const struct bnd_relay_plan *plan, struct bnd_err *err)
{
	int pair[2], rc;
	struct bnd_carry *c;

	r->sum = mmap(NULL, sizeof(*r->sum), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->sum == MAP_FAILED) {
		r->sum = NULL;
		return bnd_fail_errno(err, "cannot map a page");
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return bnd_fail_errno(err, "cannot make a socket pair");
	r->life = pair[0];
	r->its_life = pair[1];
	c = bnd_carry_new(plan->dials, r->sum, err);
	rc = c == NULL ? -1 : give_birth(r, plan, c, err);
	bnd_carry_free(c);
	(void)close(pair[1]);
	return rc == -1 ? -1 : await_ready(r, plan->deadline_ms, err);
}

int
bnd_relay_start(
    struct bnd_relay *r, const struct bnd_relay_plan *plan, struct bnd_err *err)
{
	const int number = r->listener;
	struct bnd_carry_sum sum;
	int rc;

	r->fd = r->life = -1;
	r->pid = -1;
	rc = start(r, plan, err);
	(void)close(number);
	if (rc == -1)
		bnd_relay_stop(r, &sum);
	return rc;
}

void
bnd_relay_stop(struct bnd_relay *r, struct bnd_carry_sum *sum)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	siginfo_t si;

	*sum = (struct bnd_carry_sum){ 0 };
	if (r->fd >= 0) {
		(void)pidfd_send_signal(r->fd, SIGKILL, NULL, 0);
		if (poll(&p, 1, DYING_MS) == 1)
			(void)waitid(P_PIDFD, (id_t)r->fd, &si, WEXITED);
	}
	bnd_close_fd(&r->fd);
	bnd_close_fd(&r->life);
	if (r->sum == NULL)
		return;
	*sum = *r->sum;
	(void)munmap(r->sum, sizeof(*r->sum));
	r->sum = NULL;
}
