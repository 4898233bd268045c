/* probe.c: packets sent at the seal from both sides, to see that none passes */
/* SPDX-License-Identifier: ISC */
/*
 * A read-back shows that the kernel has the rules that were meant.  That these
 * rules stop what they should is shown here, with packets:
 *
 *	1 a peer is started in a network namespace of its own
 *	2 control: from a second such namespace, where nothing is sealed, every
 *	  kind of packet is sent both ways, and all of them must arrive
 *	3 a wire is laid from here to the peer; before it is hooked a frame must
 *	  pass both ways, or come to its door where new links are hooked at once
 *	4 it is hooked as any new link; every kind is sent both ways again, and
 *	  nothing may arrive in several times what the control took
 *
 * In 4 the peer's packets must be seen at this end of the wire, before any hook:
 * a link that somebody took down meanwhile stops everything and proves nothing.
 * Whatever does not work is "not shown", never "nothing passed".
 *
 * Killed anywhere, nothing remains: the peer dies with this process, its
 * namespace with it, and the wire with that.
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "probe-host.h"
#include "probe-peer.h"
#include "probe-wire.h"
#include "scope.h"
#include "sign.h"

#define TRIES	   2
#define CONTROL_MS 400
#define READY_MS   600 /* to make a namespace and the ends of a wire */
#define AGAIN_MS   25  /* what did not arrive by then is sent once more */
#define QUIET_MIN  20
#define QUIET_MAX  200
#define PATIENCE   4 /* times what the control took */

/*
 * They show that the wire is up.  A kernel whose first question for a neighbour
 * is lost asks again after a second only.
 */
#define FRAMES \
	(BND_PROBE_BIT(BND_PROBE_OUT_L2) | BND_PROBE_BIT(BND_PROBE_IN_L2))

struct wire {
	struct bnd_nl *nl;
	struct bnd_probe_peer *peer;
	struct bnd_probe_plan plan;
	struct bnd_probe_wire near;
	struct bnd_probe_host host;
	uint32_t door, passed;
};

static void
wire_close(struct wire *w)
{
	bnd_probe_host_close(&w->host);
	bnd_probe_wire_cut(w->nl, &w->near);
}
#define SCOPED_WIRE __attribute__((cleanup(wire_close)))

static int
wire_open(struct wire *w, struct bnd_err *err)
{
	uint8_t random[BND_PROBE_RANDOM];

	bnd_random(random, sizeof(random));
	bnd_probe_plan(random, &w->plan);
	if (bnd_probe_wire_lay(w->nl, &w->plan, w->peer->pid, &w->near, err) ==
		-1 ||
	    bnd_probe_peer_take(w->peer, &w->plan, err) == -1 ||
	    bnd_probe_wire_furnish(w->nl, &w->plan, &w->near, err) == -1)
		return -1;
	return bnd_probe_host_open(&w->host, &w->plan, &w->near, err);
}

static int
look(struct wire *w, struct bnd_err *err)
{
	if (bnd_probe_host_seen(&w->host, &w->door, &w->passed, err) == -1 ||
	    bnd_probe_wire_learned(
		w->nl, &w->plan, &w->near, &w->passed, err) == -1)
		return -1;
	return bnd_probe_peer_seen(w->peer, &w->passed, err);
}

static void
nap(void)
{
	const struct timespec t = { .tv_nsec = 500000 };

	(void)nanosleep(&t, NULL);
}

/* Send kinds both ways, then look for ms, or until all of want passed. */
static int
exchange(struct wire *w, uint32_t kinds, uint32_t want, unsigned ms,
    struct bnd_err *err)
{
	uint64_t until;

	if (bnd_probe_host_send(&w->host, kinds, err) == -1 ||
	    bnd_probe_peer_send(w->peer, kinds & BND_PROBE_INWARD, err) == -1)
		return -1;
	until = bnd_clock_ms() + ms;
	do {
		nap();
		if (look(w, err) == -1)
			return -1;
	} while ((w->passed & want) != want && bnd_clock_ms() < until);
	return 0;
}

/* What could be sent at all. */
static uint32_t
possible(const struct wire *w, uint32_t kinds)
{
	return w->near.v6 ? kinds : kinds & ~BND_PROBE_IPV6;
}

/* All of want must pass; what a link that just came up lost is sent again. */
static int
must_pass(struct wire *w, uint32_t want, unsigned *took, struct bnd_err *err)
{
	uint64_t start = bnd_clock_ms(), round;
	char text[160];

	want = possible(w, want);
	do {
		round = bnd_clock_ms();
		if (exchange(w, want, want, AGAIN_MS, err) == -1)
			return -1;
		*took = (unsigned)(bnd_clock_ms() - round);
		if ((w->passed & want) == want)
			return 0;
	} while (bnd_clock_ms() - start < CONTROL_MS);
	bnd_probe_list(want & ~w->passed, text, sizeof(text));
	return bnd_fail(
	    err, BND_E_SYS, "its control failed, never arrived: %s", text);
}

/* No frame passes a link that is hooked at once: it must come to its door. */
static int
must_knock(struct wire *w, struct bnd_err *err)
{
	const uint32_t frame = BND_PROBE_BIT(BND_PROBE_IN_L2);
	uint64_t start = bnd_clock_ms();
	bool runs = false;

	do {
		if (bnd_probe_peer_send(w->peer, frame, err) == -1)
			return -1;
		nap();
		if (look(w, err) == -1 ||
		    bnd_probe_wire_runs(w->nl, &w->near, &runs, err) == -1)
			return -1;
		if (runs && (w->door & frame) != 0)
			return 0;
	} while (bnd_clock_ms() - start < CONTROL_MS);
	return bnd_fail(err, BND_E_SYS, "its wire does not come up");
}

/* ---- control ---- */

struct control {
	bool good;
	unsigned took;
	struct bnd_err why;
};

static void
end_process(pid_t *pid)
{
	if (*pid <= 0)
		return;
	(void)kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) == -1 && errno == EINTR)
		;
	*pid = 0;
}
#define SCOPED_PROCESS __attribute__((cleanup(end_process)))

/*
 * In a process of its own, in a namespace that nobody sealed.  What it opened
 * goes with it, after the answer: the kernel takes its time for that.
 */
static noreturn void
control(struct bnd_probe_peer *peer, int to)
{
	struct bnd_nl nl = BND_NL_CLOSED;
	struct wire w = {
		.nl = &nl, .peer = peer, .host = BND_PROBE_HOST_NONE
	};
	struct control c = { 0 };

	if (unshare(CLONE_NEWNET) == -1)
		(void)bnd_fail_errno(&c.why, "cannot make a network namespace");
	else
		c.good = bnd_nl_open(&nl, NETLINK_ROUTE, &c.why) == 0 &&
		    wire_open(&w, &c.why) == 0 &&
		    must_pass(&w, FRAMES, &c.took, &c.why) == 0 &&
		    must_pass(&w, BND_PROBE_CONTROL, &c.took, &c.why) == 0;
	_exit(write(to, &c, sizeof(c)) != (ssize_t)sizeof(c));
}

static pid_t
start_control(struct bnd_probe_peer *peer, int to)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
	control(peer, to);
}

static int
run_control(struct bnd_probe_peer *peer, pid_t *pid, unsigned *took,
    struct bnd_err *err)
{
	SCOPED_FD int from = -1, to = -1;
	struct pollfd pfd = { .events = POLLIN };
	struct control c = { 0 };
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return bnd_fail_errno(err, "cannot make a pipe");
	pfd.fd = from = fd[0];
	to = fd[1];
	*pid = start_control(peer, to);
	if (*pid == -1)
		return bnd_fail_errno(err, "cannot fork");
	bnd_close_fd(&to);
	if (poll(&pfd, 1, CONTROL_MS + READY_MS) != 1 ||
	    read(from, &c, sizeof(c)) != (ssize_t)sizeof(c))
		return bnd_fail(
		    err, BND_E_SYS, "its control did not end in time");
	*took = c.took;
	if (c.good)
		return 0;
	*err = c.why;
	return -1;
}

/* ---- the sealed side ---- */

static int
judge(struct bnd_probe *p, const struct wire *w, struct bnd_err *err)
{
	uint32_t sent = possible(w, BND_PROBE_INWARD);

	p->passed = w->passed & BND_PROBE_ALL;
	p->v6 = w->near.v6;
	if ((p->passed & p->judged) != 0)
		p->result = BND_PROBED_LEAKS;
	else if ((w->door & sent) != sent)
		return bnd_fail(
		    err, BND_E_SYS, "its wire did not last as long as it");
	else
		p->result = BND_PROBED_TIGHT;
	return 0;
}

static int
across(struct bnd_probe *p, struct bnd_nl *nl, struct bnd_probe_peer *peer,
    unsigned quiet_ms, struct bnd_err *err)
{
	SCOPED_WIRE struct wire w = {
		.nl = nl, .peer = peer, .host = BND_PROBE_HOST_NONE
	};
	unsigned took;

	if (wire_open(&w, err) == -1)
		return -1;
	if ((p->hooked ? must_knock(&w, err)
		       : must_pass(&w, FRAMES, &took, err)) == -1)
		return -1;
	if (p->hook != NULL && p->hook(p->ctx, err) == -1)
		return -1;
	/* What was on its way before the hook is not what passes it. */
	nap();
	if (look(&w, err) == -1)
		return -1;
	w.door = w.passed = 0;
	if (exchange(&w, BND_PROBE_CONTROL, UINT32_MAX, quiet_ms, err) == -1)
		return -1;
	return judge(p, &w, err);
}

static int
once(struct bnd_probe *p, struct bnd_nl *nl, struct bnd_err *err)
{
	SCOPED_PEER struct bnd_probe_peer peer = BND_PROBE_PEER_NONE;
	SCOPED_PROCESS pid_t control_pid = 0;
	unsigned took = 0, quiet_ms;

	/* A kernel without namespaces, or that grants none; one without veth. */
	if (bnd_probe_peer_start(&peer, err) == -1) {
		if (err->errnum == EINVAL || err->errnum == ENOSPC)
			p->result = BND_PROBED_ABSENT;
		return -1;
	}
	if (run_control(&peer, &control_pid, &took, err) == -1) {
		if (err->errnum == EOPNOTSUPP)
			p->result = BND_PROBED_ABSENT;
		return -1;
	}
	quiet_ms = took * PATIENCE;
	if (quiet_ms < QUIET_MIN)
		quiet_ms = QUIET_MIN;
	if (quiet_ms > QUIET_MAX)
		quiet_ms = QUIET_MAX;
	return across(p, nl, &peer, quiet_ms, err);
}

void
bnd_probe_run(struct bnd_probe *p, struct bnd_nl *nl)
{
	uint64_t start = bnd_clock_ms();

	p->result = BND_PROBED_NOT;
	for (int i = 0; i < TRIES && p->result == BND_PROBED_NOT; i++) {
		p->why = (struct bnd_err){ 0 };
		if (once(p, nl, &p->why) == -1)
			p->passed = 0;
	}
	if (p->result == BND_PROBED_NOT)
		p->result = BND_PROBED_UNSHOWN;
	p->ms = (unsigned)(bnd_clock_ms() - start);
}

void
bnd_probe_list(uint32_t kinds, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (int k = 1; k < BND_PROBE_KINDS; k++) {
		const char *name = bnd_probe_kind_name((enum bnd_probe_kind)k);

		if ((kinds & BND_PROBE_BIT(k)) == 0 ||
		    len + strlen(name) + 2 > size)
			continue;
		if (len > 0)
			text[len++] = ' ';
		memcpy(text + len, name, strlen(name) + 1);
		len += strlen(name);
	}
}
