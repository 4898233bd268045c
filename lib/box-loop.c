/* box-loop.c: the supervisor while the payload runs */
/* SPDX-License-Identifier: ISC */
/*
 * What ended a run is asked of whoever was hurt by it, so one cause is kept,
 * the first, and each has a number of the kernel's beside it.  The payload's
 * bytes are carried and never read; its init is ours, but believed only in how
 * the payload ended, and only where the kernel says that it was the init who
 * wrote.  No call here waits for anybody but poll().
 *
 * The end is always the same: the init is killed by its pidfd, which ends the
 * whole pid namespace and lets nobody fork any more; then the leaf, for whoever
 * should have got out of it; and the end is reported when both are empty.
 */
#include "box-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box-cgcount.h"
#include "box-cgkill.h"
#include "box-enforce.h"
#include "box-floor.h"
#include "box-pump.h"
#include "scope.h"
#include "state.h"

#define US_OF_MS     UINT64_C(1000)
#define STUCK_US     UINT64_C(2000000) /* from the kill to giving up */
#define OOM_WATCH_US UINT64_C(1000000) /* v1 tells before it kills */
#define OOM_STEP_US  UINT64_C(5000)
/*
 * Between two looks at the mode.  To be told by inotify costs an SRCU grace
 * period at the end of each run, some 14 ms, in which a run of a millisecond
 * waits for nothing.
 */
#define MODE_US	     UINT64_C(250000)
#define IDLE_LEAST   UINT64_C(1000) /* of CPU: what is less is no work */

enum at {
	AT_STATUS = 0, /* before the pidfd: it says how, that only says that */
	AT_INIT,
	AT_LEAF,
	AT_TIMER,
	AT_OOM,
	AT_SIGNAL,
	AT_ALIVE,
	AT_RELAY,
	AT_IN,
	AT_OUT = AT_IN + 2,
	ATS = AT_OUT + 2,
};

struct bnd_box_loop {
	const struct bnd_root *root;
	const struct bnd_box_policy *p;
	const struct bnd_cg *cg;
	const struct bnd_box_run *run;
	struct bnd_box_result *r;
	struct bnd_pump pump[2];
	struct bnd_pump_sum sum;
	int fd[AT_IN]; /* by enum at; those of run and *w are not ours */
	short oom_events;
	enum bnd_mode mode; /* the strictest that was seen */
	unsigned cpus;
	/* CLOCK_BOOTTIME in microseconds; 0: never */
	uint64_t go_us, wall_us, kill_us, stuck_us, tick_us, oom_us, mode_us;
	uint64_t idle_us, idle_cpu_us; /* since when nothing was done */
	bool ending, dead, empty, over;
};

static uint64_t
now_us(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* A span of the policy from then on; 0 (never) for `max`. */
static uint64_t
after(uint64_t us, uint64_t ms)
{
	if (ms >= (UINT64_MAX - us) / US_OF_MS)
		return 0;
	return us + ms * US_OF_MS;
}

/* ---- the end ---- */

static void explain(struct bnd_box_loop *l, enum bnd_box_reason why,
    const char *fmt, ...) BND_PRINTF(3, 4);
static void
explain(struct bnd_box_loop *l, enum bnd_box_reason why, const char *fmt, ...)
{
	va_list ap;

	if (l->r->reason != BND_WHY_NONE)
		return;
	l->r->reason = why;
	va_start(ap, fmt);
	(void)vsnprintf(l->r->detail, sizeof(l->r->detail), fmt, ap);
	va_end(ap);
}

static int
signal_to(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

/* From here on it is only waited for. */
static void
end_tree(struct bnd_box_loop *l)
{
	struct bnd_err err = { 0 };

	if (l->ending)
		return;
	l->ending = true;
	l->kill_us = l->wall_us = l->tick_us = 0;
	l->stuck_us = now_us() + STUCK_US;
	(void)signal_to(l->run->init_fd, SIGKILL);
	/* Nothing has got out of the namespace; who says so is the leaf. */
	if (bnd_cg_kill(l->cg, &err) == -1)
		explain(l, BND_WHY_INTERNAL, "%s", err.text);
}

static void
kill_tree(struct bnd_box_loop *l)
{
	if (l->ending)
		return;
	l->r->killed = true;
	end_tree(l);
}

/* Let it put its things in order, for as long as the policy grants. */
static void
ask_to_end(struct bnd_box_loop *l, int sig)
{
	uint64_t grace_ms = l->p->num[BND_BOX_GRACE];

	if (l->ending)
		return;
	l->wall_us = 0;
	if (grace_ms == 0 || l->kill_us != 0 ||
	    signal_to(l->run->payload_fd, sig) != 0) {
		kill_tree(l);
		return;
	}
	/* One that is stopped does not hear it otherwise. */
	(void)signal_to(l->run->payload_fd, SIGCONT);
	l->r->killed = true;
	l->kill_us = after(now_us(), grace_ms);
}

/* ---- what the kernel tells ---- */

static void look_at_mode(struct bnd_box_loop *l);

static bool
had_oom(struct bnd_box_loop *l)
{
	uint64_t killed = bnd_cg_oom_kills(l->cg);

	if (killed == 0)
		return false;
	explain(l, BND_WHY_MEMORY, "the memory limit killed %" PRIu64, killed);
	return true;
}

static void
check_oom(struct bnd_box_loop *l)
{
	if (had_oom(l))
		kill_tree(l);
	else if (l->oom_us == 0)
		l->oom_us = now_us() + OOM_WATCH_US;
}

static void
on_oom(struct bnd_box_loop *l)
{
	char buf[512];

	/* Of a counter file the next event is one after this reading. */
	(void)lseek(l->fd[AT_OOM], 0, SEEK_SET);
	if (read(l->fd[AT_OOM], buf, sizeof(buf)) < 0 && errno != EAGAIN)
		l->fd[AT_OOM] = -1;
	l->oom_us = 0;
	check_oom(l);
	l->tick_us = l->ending ? 0 : now_us() + OOM_STEP_US;
}

static void
payload_ended(struct bnd_box_loop *l, const struct bnd_box_note *n)
{
	struct bnd_box_result *r = l->r;
	int status = (int)n->value;

	r->ended = true;
	if (n->arg == CLD_EXITED)
		r->exit_code = status;
	else if (r->reason != BND_WHY_CANCELLED)
		r->signal = status;
	/* The killer's victim may have been the payload itself, or a child. */
	if (!had_oom(l)) {
		if (n->arg == CLD_EXITED)
			explain(l, BND_WHY_EXITED, "%s", "");
		else if (status == SIGSYS)
			explain(l, BND_WHY_SECCOMP,
			    "a system call that is never allowed");
		else
			explain(l, BND_WHY_SIGNALED, "%s", strsignal(status));
	}
	end_tree(l);
}

static void
on_status(struct bnd_box_loop *l)
{
	struct bnd_box_note n;
	struct bnd_err err = { 0 };
	pid_t from = -1;
	int r = bnd_box_note_take(l->run, &n, &from, &err);

	if (r == 0) {
		l->fd[AT_STATUS] = -1; /* the init is about to be gone */
		return;
	}
	if (r == 1 && from == l->run->init && n.kind == BND_NOTE_ENDED) {
		payload_ended(l, &n);
		return;
	}
	explain(l, BND_WHY_INTERNAL, "process %ld: %s", (long)from,
	    r == -1 ? err.text : "a note that nobody asked for");
	kill_tree(l);
}

/* Killed by somebody else: the enforcer, the memory limit, an administrator. */
static void
on_init(struct bnd_box_loop *l)
{
	siginfo_t si = { 0 };

	(void)waitid(
	    (idtype_t)P_PIDFD, (id_t)l->run->init_fd, &si, WEXITED | WNOHANG);
	l->fd[AT_INIT] = -1;
	l->dead = true;
	end_tree(l);
	if (l->r->reason != BND_WHY_NONE || had_oom(l))
		return;
	look_at_mode(l);
	if (l->mode > l->r->mode) {
		l->r->mode_then = l->mode;
		explain(l, BND_WHY_MODE, "%s became %s",
		    bnd_mode_name(l->r->mode), bnd_mode_name(l->mode));
		return;
	}
	explain(l, BND_WHY_INTERNAL, "the init %s %d",
	    si.si_code == CLD_EXITED ? "exited with" : "was ended by signal",
	    si.si_status);
}

/* By n, or as if by it. */
static void
cancel(struct bnd_box_loop *l, int n, const char *why)
{
	struct bnd_box_result *r = l->r;

	if (l->dead || r->ended) {
		/* Only a reader is waited for, and somebody does not want to. */
		for (int i = 0; i < 2; i++)
			bnd_pump_give_up(&l->pump[i], &l->sum);
		r->reason = BND_WHY_NONE;
	}
	if (r->reason == BND_WHY_NONE)
		r->signal = n;
	explain(l, BND_WHY_CANCELLED, "%s", why);
	ask_to_end(l, n);
}

static void
on_signal(struct bnd_box_loop *l)
{
	struct signalfd_siginfo si;

	if (read(l->fd[AT_SIGNAL], &si, sizeof(si)) == (ssize_t)sizeof(si))
		cancel(l, (int)si.ssi_signo, strsignal((int)si.ssi_signo));
}

/* Bytes mean nothing; the end does, and a pidfd has nothing else. */
static void
on_alive(struct bnd_box_loop *l)
{
	struct pollfd p = { .fd = l->fd[AT_ALIVE], .events = POLLIN };
	char buf[512];

	if (poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0 &&
	    read(p.fd, buf, sizeof(buf)) > 0)
		return;
	l->fd[AT_ALIVE] = -1;
	cancel(l, SIGHUP, "the lifetime descriptor closed");
}

/* ---- the mode ---- */

/*
 * Whoever tightens also sweeps, and that does not rely on us.  But we need not
 * wait for it where the floor leaves nothing to lower or freeze.
 */
static bool
floor_kills(const struct bnd_box_loop *l, enum bnd_mode m)
{
	struct bnd_box_pool pool = { 0 };
	struct bnd_box_policy floor;
	struct bnd_err err = { 0 };
	bool kills = true;

	if (bnd_box_pool_make(&pool, &err) == 0 &&
	    bnd_box_floor(l->root, m, &pool, &floor, &err) == 0)
		kills = bnd_box_judge(l->p, &floor) == BND_DID_KILLED;
	bnd_box_pool_free(&pool);
	return kills;
}

static void
look_at_mode(struct bnd_box_loop *l)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	/* What cannot be read is LOCKDOWN in *s. */
	if (bnd_state_load(l->root, &s, &err) == -1)
		s.effective = BND_LOCKDOWN;
	if (s.effective <= l->mode)
		return;
	l->mode = s.effective;
	if (l->ending || !floor_kills(l, l->mode))
		return;
	l->r->mode_then = l->mode;
	explain(l, BND_WHY_MODE, "%s became %s", bnd_mode_name(l->r->mode),
	    bnd_mode_name(l->mode));
	kill_tree(l);
}

/*
 * Nothing of ours ended it.  A run that goes on without its network would not be
 * the run that was asked for.
 */
static void
on_relay(struct bnd_box_loop *l)
{
	siginfo_t si = { 0 };

	(void)waitid((idtype_t)P_PIDFD, (id_t)l->fd[AT_RELAY], &si,
	    WEXITED | WNOHANG | WNOWAIT);
	l->fd[AT_RELAY] = -1;
	if (l->ending)
		return;
	look_at_mode(l);
	if (si.si_status == SIGXCPU)
		explain(l, BND_WHY_CPU, "the relay used as much CPU");
	explain(l, BND_WHY_INTERNAL, "the relay was ended by somebody");
	kill_tree(l);
}

/* ---- clocks ---- */

static void
check_cpu(struct bnd_box_loop *l, uint64_t now, uint64_t used)
{
	uint64_t limit = l->p->num[BND_BOX_TIME], left, next;

	if (limit == BND_BOX_TOP || limit >= UINT64_MAX / US_OF_MS)
		return;
	limit *= US_OF_MS;
	if (used >= limit) {
		explain(l, BND_WHY_CPU, "%" PRIu64 " ms of CPU used",
		    used / US_OF_MS);
		kill_tree(l);
		return;
	}
	/* All CPUs at once cannot use it up before then. */
	left = (limit - used) / l->cpus;
	next = now + (left > US_OF_MS ? left : US_OF_MS);
	if (l->tick_us == 0 || next < l->tick_us)
		l->tick_us = next;
}

static void
check_idle(struct bnd_box_loop *l, uint64_t now, uint64_t used)
{
	uint64_t window = l->p->num[BND_BOX_IDLE], end, next;

	if (used - l->idle_cpu_us >= IDLE_LEAST) {
		l->idle_us = now;
		l->idle_cpu_us = used;
	}
	end = after(l->idle_us, window);
	if (end == 0)
		return;
	/* So that it is known when the last work was, to an eighth. */
	next = after(now, window / 8 + 1);
	next = next < end ? next : end;
	if (now >= end) {
		explain(l, BND_WHY_IDLE,
		    "%" PRIu64 " us of CPU in %" PRIu64 " ms",
		    used - l->idle_cpu_us, (now - l->idle_us) / US_OF_MS);
		kill_tree(l);
	} else if (l->tick_us == 0 || next < l->tick_us)
		l->tick_us = next;
}

static void
tick(struct bnd_box_loop *l, uint64_t now)
{
	struct bnd_err err = { 0 };
	uint64_t used;

	l->tick_us = 0;
	if (l->oom_us != 0) {
		check_oom(l);
		l->oom_us = now < l->oom_us ? l->oom_us : 0;
		l->tick_us = l->oom_us != 0 ? now + OOM_STEP_US : 0;
	}
	if (l->p->num[BND_BOX_TIME] == BND_BOX_TOP &&
	    l->p->num[BND_BOX_IDLE] == BND_BOX_TOP)
		return;
	/* A clock that cannot be read is no clock. */
	if (bnd_cg_cpu_us(l->cg, &used, &err) == -1) {
		explain(l, BND_WHY_INTERNAL, "%s", err.text);
		kill_tree(l);
		return;
	}
	check_cpu(l, now, used);
	if (!l->ending)
		check_idle(l, now, used);
}

static void
on_timer(struct bnd_box_loop *l)
{
	uint64_t now = now_us(), times;

	(void)!read(l->fd[AT_TIMER], &times, sizeof(times));
	if (l->kill_us != 0 && now >= l->kill_us)
		kill_tree(l);
	if (now >= l->mode_us) {
		l->mode_us = now + MODE_US;
		look_at_mode(l);
	}
	if (l->wall_us != 0 && now >= l->wall_us) {
		explain(l, BND_WHY_WALL, "%" PRIu64 " ms",
		    (now - l->go_us) / US_OF_MS);
		ask_to_end(l, SIGTERM);
	}
	if (!l->ending && l->tick_us != 0 && now >= l->tick_us)
		tick(l, now);
}

static void
least(uint64_t *at, uint64_t us)
{
	if (us != 0 && (*at == 0 || us < *at))
		*at = us;
}

static void
arm(struct bnd_box_loop *l)
{
	struct itimerspec t = { 0 };
	uint64_t at = 0;

	least(&at, l->wall_us);
	least(&at, l->kill_us);
	least(&at, l->stuck_us);
	least(&at, l->tick_us);
	least(&at, l->ending ? 0 : l->mode_us);
	t.it_value.tv_sec = (time_t)(at / 1000000);
	t.it_value.tv_nsec = (long)(at % 1000000 * 1000);
	(void)timerfd_settime(l->fd[AT_TIMER], TFD_TIMER_ABSTIME, &t, NULL);
}

/* ---- one turn ---- */

static void (*const on[AT_IN])(struct bnd_box_loop *l) = {
	[AT_STATUS] = on_status,
	[AT_INIT] = on_init,
	[AT_LEAF] = NULL, /* is asked at every turn */
	[AT_TIMER] = on_timer,
	[AT_OOM] = on_oom,
	[AT_SIGNAL] = on_signal,
	[AT_ALIVE] = on_alive,
	[AT_RELAY] = on_relay,
};

/*
 * What a payload wrote it wrote before its end, however late we come to read it:
 * its own end is not the first cause then.
 */
static void
check_output(struct bnd_box_loop *l)
{
	struct bnd_box_result *r = l->r;

	if (!l->sum.over || l->over)
		return;
	l->over = true;
	if (r->reason == BND_WHY_EXITED || r->reason == BND_WHY_SIGNALED)
		r->reason = BND_WHY_NONE;
	explain(l, BND_WHY_OUTPUT, "more than %" PRIu64 " bytes", l->sum.limit);
	if (l->p->num[BND_BOX_OUT_OVER] == BND_OVER_KILL)
		kill_tree(l);
}

static void
pump(struct bnd_box_loop *l)
{
	for (int i = 0; i < 2; i++)
		(void)bnd_pump_move(&l->pump[i], &l->sum);
	check_output(l);
}

static void
wants(const struct bnd_box_loop *l, struct pollfd p[static ATS])
{
	for (int i = 0; i < AT_IN; i++)
		p[i] = (struct pollfd){ l->fd[i], POLLIN, 0 };
	p[AT_OOM].events = l->oom_events;
	p[AT_LEAF] =
	    (struct pollfd){ l->dead ? l->fd[AT_LEAF] : -1, POLLPRI, 0 };
	for (int i = 0; i < 2; i++) {
		short in = bnd_pump_wants_in(&l->pump[i]);
		short out = bnd_pump_wants_out(&l->pump[i]);

		/* One that hung up would end every poll at once. */
		p[AT_IN + i] =
		    (struct pollfd){ in != 0 ? l->pump[i].from : -1, in, 0 };
		p[AT_OUT + i] =
		    (struct pollfd){ out != 0 ? l->pump[i].to : -1, out, 0 };
	}
}

static void
turn(struct bnd_box_loop *l)
{
	struct pollfd p[ATS];
	char buf[512];

	wants(l, p);
	arm(l);
	if (poll(p, ATS, -1) < 1)
		return;
	for (int i = 0; i < AT_IN; i++)
		if (p[i].revents != 0 && on[i] != NULL)
			on[i](l);
	if (p[AT_LEAF].revents != 0) {
		(void)lseek(l->fd[AT_LEAF], 0, SEEK_SET);
		(void)!read(l->fd[AT_LEAF], buf, sizeof(buf));
	}
	pump(l);
}

/* ---- is it over ---- */

static void
give_up(struct bnd_box_loop *l)
{
	if (!l->dead || !l->empty) {
		l->r->reason = BND_WHY_STUCK;
		(void)snprintf(l->r->detail, sizeof(l->r->detail),
		    "%s after %d s",
		    l->dead ? "the cgroup is not empty"
			    : "the init is not dead",
		    (int)(STUCK_US / 1000000));
	}
	for (int i = 0; i < 2; i++)
		bnd_pump_give_up(&l->pump[i], &l->sum);
}

/*
 * All writers are dead: what is in the pipes now is all there will be.  A reader
 * of a run that ended by itself has the time that was left to the run.
 */
static void
became_empty(struct bnd_box_loop *l)
{
	l->empty = true;
	l->wall_us = 0;
	l->stuck_us = l->r->killed ? now_us() + STUCK_US
				   : after(l->go_us, l->p->num[BND_BOX_WALL]);
}

static bool
is_dry(struct bnd_box_loop *l)
{
	bool done = true;

	for (int i = 0; i < 2; i++) {
		while (bnd_pump_move(&l->pump[i], &l->sum))
			continue;
		/* Not even at its end if somebody else was given a writer. */
		done = done && l->pump[i].len == 0;
	}
	check_output(l);
	return done;
}

static bool
is_over(struct bnd_box_loop *l)
{
	struct bnd_err err = { 0 };

	if (l->dead && !l->empty && bnd_cg_populated(l->cg, &err) == 0)
		became_empty(l);
	if (l->empty && is_dry(l))
		return true;
	if (l->stuck_us == 0 || now_us() < l->stuck_us)
		return false;
	give_up(l);
	return true;
}

static void
account(struct bnd_box_loop *l)
{
	struct bnd_box_result *r = l->r;

	bnd_cg_used(l->cg, &r->used);
	r->wall_ms = (now_us() - l->go_us) / US_OF_MS;
	r->out_bytes = l->sum.bytes;
	r->out_lost = l->sum.lost;
	r->out_errnum = l->sum.errnum;
	r->truncated = l->sum.over;
}

void
bnd_box_loop_run(struct bnd_box_loop *l, const struct bnd_box_run *run,
    uint64_t go_us, struct bnd_box_result *r)
{
	l->run = run;
	l->r = r;
	l->mode = r->mode;
	l->fd[AT_INIT] = run->init_fd;
	l->fd[AT_STATUS] = run->status;
	l->go_us = l->idle_us = go_us;
	l->wall_us = after(go_us, l->p->num[BND_BOX_WALL]);
	/* What was changed before the go was looked at by whoever gave it. */
	look_at_mode(l);
	l->mode_us = go_us + MODE_US;
	if (!l->ending)
		tick(l, now_us());
	while (!is_over(l))
		turn(l);
	account(l);
}

/* ---- making it ---- */

static int
open_timers(struct bnd_box_loop *l, struct bnd_err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	l->cpus = cpus > 0 ? (unsigned)cpus : 1;
	l->fd[AT_TIMER] =
	    timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->fd[AT_TIMER] == -1)
		return bnd_fail_errno(err, "cannot make a timer");
	l->fd[AT_LEAF] =
	    openat(l->cg->leaf, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (l->fd[AT_LEAF] == -1)
		return bnd_fail_errno(err, "cannot open cgroup.events");
	if (l->p->num[BND_BOX_MEM] == BND_BOX_TOP)
		return 0;
	l->fd[AT_OOM] = bnd_cg_oom_fd(l->cg, &l->oom_events, err);
	return l->fd[AT_OOM] == -1 ? -1 : 0;
}

/* In .bss, one for a process: of 128 KiB of buffers what is used is touched. */
struct bnd_box_loop *
bnd_box_loop_new(const struct bnd_root *root, const struct bnd_box_policy *p,
    const struct bnd_cg *cg, const struct bnd_box_watch *w, struct bnd_err *err)
{
	static struct bnd_box_loop the_loop, *const l = &the_loop;

	l->root = root;
	l->p = p;
	l->cg = cg;
	for (int i = 0; i < AT_IN; i++)
		l->fd[i] = -1;
	l->fd[AT_SIGNAL] = w->signals;
	l->fd[AT_ALIVE] = w->alive;
	l->sum.limit = p->num[BND_BOX_OUT];
	for (int i = 0; i < 2; i++)
		bnd_pump_open(&l->pump[i], w->out[i], w->to[i]);
	if (open_timers(l, err) == 0)
		return l;
	bnd_box_loop_free(l);
	return NULL;
}

void
bnd_box_loop_relay(struct bnd_box_loop *l, int pidfd)
{
	l->fd[AT_RELAY] = pidfd;
}

void
bnd_box_loop_free(struct bnd_box_loop *l)
{
	if (l == NULL)
		return;
	for (int i = 0; i < 2; i++)
		bnd_pump_close(&l->pump[i]);
	bnd_close_fd(&l->fd[AT_LEAF]);
	bnd_close_fd(&l->fd[AT_TIMER]);
	bnd_close_fd(&l->fd[AT_OOM]);
}
