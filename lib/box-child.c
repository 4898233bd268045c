/* box-child.c: the init of a sandbox, from clone to the last reaped orphan */
/* SPDX-License-Identifier: ISC */
/*
 * It is pid 1 of its namespaces and owns them with every capability until it
 * has made the payload; then it has none, and a filter that leaves it six calls.
 * Nothing inside can reach it: another id on the host, not dumpable, and a
 * signal without handler is ignored by pid 1.  From the host only SIGKILL and
 * SIGSTOP reach it.  Its status socket is its life: only the supervisor holds
 * the other end, so end of file is the supervisor's death.
 */
#include "box-child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box-creds.h"
#include "box-fds.h"
#include "box-limit.h"
#include "box-listen.h"
#include "box-payload.h"
#include "box-root.h"

#define FAILED 125

static int
shut(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_fds_of_init(c->job), note);
}

/* By tasks and not cgroup.procs, which waits for an RCU grace period: 5-16 ms. */
static int
join(struct bnd_box_child *c, struct bnd_box_note *note)
{
	const struct bnd_box_job *job = c->job;
	size_t i;

	for (i = 0; i < job->joins; i++) {
		note->arg = (uint32_t)i;
		if (write(job->join[i], "0", 1) != 1)
			return bnd_box_said(-1, note);
		close(job->join[i]);
	}
	return 0;
}

/*
 * The kernel looks into the session's keyring for whatever it does for a task
 * (AFS, CIFS, fscrypt), and the caller's is handed down.  So an empty one; while
 * it is root who asks, as no key of a leased id may stay behind.
 */
static int
keyring(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) != -1 ||
	    errno == ENOSYS)
		return 0;
	return bnd_box_said(-1, note);
}

/*
 * After the leaves are joined: the cgroup namespace has its root there.  The
 * network namespace takes longer than the others together; made here, and not
 * by the clone, the supervisor does its own work meanwhile.
 */
static int
spaces(struct bnd_box_child *c, struct bnd_box_note *note)
{
	static const uint64_t flags[] = { CLONE_NEWCGROUP, CLONE_NEWTIME,
		CLONE_NEWNET, 0 };

	(void)c;
	return bnd_box_said(
	    unshare((int)bnd_box_flags(flags, BND_STAGE_JOIN, 5)), note);
}

static int
ids(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(
	    bnd_creds_ids(c->job->init_id, c->job->init_id), note);
}

/* A byte says that the maps are there; nobody left to say it: an end. */
static int
maps(struct bnd_box_child *c, struct bnd_box_note *note)
{
	char byte;
	ssize_t n = read(c->job->status, &byte, 1);

	if (n == 0)
		_exit(FAILED);
	return bnd_box_said(n == 1 ? 0 : -1, note);
}

static int
procfs(struct bnd_box_child *c, struct bnd_box_note *note)
{
	int fd = fsopen("proc", FSOPEN_CLOEXEC);

	if (fd < 0 ||
	    fsconfig(fd, FSCONFIG_SET_STRING, "subset", "pid", 0) != 0 ||
	    fsconfig(fd, FSCONFIG_SET_STRING, "hidepid", "invisible", 0) != 0 ||
	    fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return bnd_box_said(-1, note);
	/* EPERM here: no procfs of this host is whole ("too revealing"). */
	note->arg = 1;
	c->procfs = fsmount(fd, FSMOUNT_CLOEXEC,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(fd);
	return bnd_box_said(c->procfs, note);
}

static char *
put_number(char *at, uint64_t n)
{
	char digit[20];
	size_t len = 0;

	do
		digit[len++] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	while (len > 0)
		*at++ = digit[--len];
	return at;
}

/* "NAME -SECONDS 0\n" onto at: that clock begins within its first second. */
static char *
clock_line(char *at, const char *name, clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	at = mempcpy(at, name, strlen(name));
	return mempcpy(put_number(at, (uint64_t)now.tv_sec), " 0\n", 3);
}

/*
 * A task that is not dumpable may not write there; nobody else is inside yet.
 * Then nothing of this procfs is written any more.
 */
static int
clocks(struct bnd_box_child *c, struct bnd_box_note *note)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	char text[96], *end;
	ssize_t n;
	int fd;

	end = clock_line(text, "monotonic -", CLOCK_MONOTONIC);
	end = clock_line(end, "boottime -", CLOCK_BOOTTIME);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = openat(c->procfs, "self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return bnd_box_said(-1, note);
	n = write(fd, text, (size_t)(end - text));
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	close(fd);
	note->arg = 1;
	return bnd_box_said(n == end - text
		? mount_setattr(c->procfs, "", AT_EMPTY_PATH, &ro, sizeof(ro))
		: -1,
	    note);
}

static int
root(struct bnd_box_child *c, struct bnd_box_note *note)
{
	bool seen = c->job->policy->num[BND_BOX_PROC] != 0;

	umask(0);
	return bnd_root_build(c->job, seen ? c->procfs : -1, note);
}

static int
leave(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_root_leave(note);
}

static int
loopback(struct bnd_box_child *c, struct bnd_box_note *note)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, r;

	if (c->job->policy->num[BND_BOX_NET] == BND_NET_NONE)
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return bnd_box_said(-1, note);
	note->arg = 1;
	r = bnd_box_said(ioctl(fd, SIOCSIFFLAGS, &lo), note);
	close(fd);
	return r;
}

/* Before anybody else is inside, so the place is free. */
static int
relay(struct bnd_box_child *c, struct bnd_box_note *note)
{
	int fd, r;

	if (!c->job->relay)
		return 0;
	fd = bnd_listen_make();
	if (fd < 0)
		return bnd_box_said(-1, note);
	note->arg = 1;
	r = bnd_box_said(bnd_listen_give(c->job->hand, fd), note);
	close(fd);
	return r;
}

static int
name(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	if (sethostname("sandbox", 7) != 0)
		return bnd_box_said(-1, note);
	return bnd_box_said(setdomainname("(none)", 6), note);
}

static int
limits(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_limit_set(c->job->policy, &note->arg), note);
}

static int
priority(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_box_said(bnd_limit_priority(), note);
}

static int
bound(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_box_said(bnd_creds_bound(), note);
}

/* Of both: the payload is cloned from here. */
static int
no_new_privs(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_box_said(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), note);
}

/* Only wakes ppoll. */
static void
child_ended(int sig)
{
	(void)sig;
}

/*
 * What the caller's whole process group is sent (^C) is the supervisor's to act
 * on: the payload, of that group until it has a session, begins deaf.
 */
static int
payload(struct bnd_box_child *c, struct bnd_box_note *note)
{
	struct sigaction wake = { .sa_handler = child_ended };
	sigset_t chld, all;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) != 0 ||
	    sigaction(SIGCHLD, &wake, NULL) != 0)
		return bnd_box_said(-1, note);
	c->payload = _Fork();
	if (c->payload == 0)
		bnd_box_payload(c);
	if (c->payload > 0 && sigprocmask(SIG_SETMASK, &chld, NULL) != 0)
		return bnd_box_said(-1, note);
	return bnd_box_said(c->payload, note);
}

/* What is the payload's alone, or it would never see the end of it. */
static int
let_go(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_fds_only(c->job->status), note);
}

static int
strip(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return bnd_box_said(-1, note);
	return bnd_box_said(bnd_creds_strip(), note);
}

static int
seal(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_creds_filter(&c->job->seal), note);
}

const struct bnd_box_step bnd_box_init_steps[] = {
	{ BND_STAGE_JOIN, 0, "close other descriptors (close_range)", shut,
	    BND_HAS_CAPS, 0, 0, BND_HAS_SHUT },
	{ BND_STAGE_JOIN, 1, "join the control groups", join, BND_HAS_SHUT, 0,
	    0, BND_HAS_LEAVES },
	{ BND_STAGE_JOIN, 2,
	    "make cgroup, time and network namespace (unshare)", spaces,
	    BND_HAS_CAPS | BND_HAS_LEAVES, 0, 0, BND_HAS_SPACES },
	{ BND_STAGE_JOIN, 8, "leave the caller's keys (keyctl)", keyring,
	    BND_HAS_SHUT, BND_HAS_ID, 0, BND_HAS_KEYRING },
	{ BND_STAGE_JOIN, 3, "wait for its ids", maps, BND_HAS_SHUT, 0, 0,
	    BND_HAS_MAPS },
	{ BND_STAGE_JOIN, 4, "take its ids", ids, BND_HAS_CAPS | BND_HAS_MAPS,
	    0, 0, BND_HAS_ID },
	{ BND_STAGE_TIME, 0, "make a procfs", procfs, BND_HAS_CAPS | BND_HAS_ID,
	    BND_HAS_ROOT, 0, BND_HAS_PROCFS },
	{ BND_STAGE_TIME, 1, "set the clocks' offsets", clocks,
	    BND_HAS_PROCFS | BND_HAS_SPACES, BND_HAS_PAYLOAD, 0,
	    BND_HAS_CLOCKS },
	{ BND_STAGE_ROOT, 0, "build the root", root,
	    BND_HAS_CAPS | BND_HAS_ID | BND_HAS_CLOCKS | BND_HAS_SHUT,
	    BND_HAS_LIMITS, 0, BND_HAS_ROOT },
	{ BND_STAGE_NET, 0, "bring up lo", loopback, BND_HAS_CAPS, 0, 0, 0 },
	{ BND_STAGE_NET, 1, "listen for the relay", relay, BND_HAS_SHUT,
	    BND_HAS_PAYLOAD, 0, 0 },
	{ BND_STAGE_HOST, 0, "set the host name", name, BND_HAS_CAPS, 0, 0, 0 },
	{ BND_STAGE_HOST, 1, "set the limits", limits, BND_HAS_ROOT, 0, 0,
	    BND_HAS_LIMITS },
	{ BND_STAGE_HOST, 2, "empty the bounding set", bound,
	    BND_HAS_CAPS | BND_HAS_ID, 0, 0, BND_HAS_BOUND },
	{ BND_STAGE_HOST, 3, "set no_new_privs", no_new_privs, 0, 0, 0,
	    BND_HAS_NO_NEW },
	{ BND_STAGE_HOST, 4, "give up real time", priority, 0, 0, 0, 0 },
	{ BND_STAGE_PAYLOAD, 0, "clone the payload", payload,
	    BND_HAS_CAPS | BND_HAS_ID | BND_HAS_SHUT | BND_HAS_LEAVES |
		BND_HAS_SPACES | BND_HAS_KEYRING | BND_HAS_CLOCKS |
		BND_HAS_ROOT | BND_HAS_LIMITS | BND_HAS_BOUND | BND_HAS_NO_NEW,
	    BND_HAS_FILTER, 0, BND_HAS_PAYLOAD },
	{ BND_STAGE_ROOT, 1, "let go of the host's root (umount2)", leave,
	    BND_HAS_CAPS | BND_HAS_ROOT | BND_HAS_PAYLOAD, BND_HAS_LEFT, 0,
	    BND_HAS_LEFT },
	{ BND_STAGE_SEAL, 0, "let go of descriptors", let_go, BND_HAS_PAYLOAD,
	    0, 0, BND_HAS_FDS },
	{ BND_STAGE_SEAL, 1, "drop capabilities", strip, BND_HAS_PAYLOAD, 0,
	    BND_HAS_CAPS, BND_HAS_PLAIN },
	{ BND_STAGE_SEAL, 2, "load its filter", seal,
	    BND_HAS_PLAIN | BND_HAS_FDS | BND_HAS_NO_NEW | BND_HAS_LEFT,
	    BND_HAS_CAPS, 0, BND_HAS_FILTER },
	{ 0 },
};

/* All that are dead; true: the payload was among them, and is told of. */
static bool
reap(const struct bnd_box_child *c)
{
	struct bnd_box_note note = { .stage = BND_STAGE_EXEC };
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) != 0 ||
		    si.si_pid == 0)
			return false;
		if (si.si_pid != c->payload)
			continue;
		note.arg = (uint32_t)si.si_code;
		note.value = si.si_status;
		(void)bnd_box_tell(c->job->status, BND_NOTE_ENDED, &note);
		return true;
	}
}

/* With the init all that is left inside is killed by the kernel. */
_Noreturn BND_FILTERED static void
keep(const struct bnd_box_child *c)
{
	struct pollfd status = { .fd = c->job->status };
	sigset_t none;

	sigemptyset(&none);
	while (!reap(c)) {
		if (ppoll(&status, 1, NULL, &none) > 0)
			_exit(FAILED);
	}
	_exit(0);
}

_Noreturn BND_FILTERED void
bnd_box_init(struct bnd_box_job *job)
{
	struct bnd_box_child c = { .job = job, .procfs = -1, .payload = -1 };
	struct bnd_box_note note = { .stage = BND_STAGE_SEAL };

	bnd_box_walk(bnd_box_init_steps, &c);
	if (bnd_box_tell(job->status, BND_NOTE_SEALED, &note) != 0)
		_exit(FAILED);
	keep(&c);
}
