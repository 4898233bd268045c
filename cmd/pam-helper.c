/* pam-helper.c: what pam_bnd runs: it asks, and says how it ended */
/* SPDX-License-Identifier: ISC */
/*
 *	pam-helper PHASE service[=S] user[=U] ruser[=R] rhost[=H] tty[=T] ARG...
 *
 * with the relay (relay.h) as descriptor 0.  Not for people, not set-user-id:
 * whoever runs it himself gets answers that nobody acts on.
 */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd.h"
#include "pam-talk.h"
#include "scope.h"
#include "sign.h"

#define ITEMS	 5
#define SLACK_NS 50000UL /* the kernel's own default */

static const struct {
	const char *word;
	enum pam_phase phase;
} phases[] = {
	{ "auth", PAM_PHASE_AUTH },
	{ "setcred", PAM_PHASE_SETCRED },
	{ "account", PAM_PHASE_ACCOUNT },
	{ "open", PAM_PHASE_OPEN },
	{ "close", PAM_PHASE_CLOSE },
};

static enum pam_phase
phase_of(const char *word)
{
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (strcmp(word, phases[i].word) == 0)
			return phases[i].phase;
	}
	return PAM_PHASE_NONE;
}

static bool
take_item(const char *arg, const char *word, const char **value)
{
	size_t n = strlen(word);

	if (strncmp(arg, word, n) != 0 || (arg[n] != '\0' && arg[n] != '='))
		return false;
	*value = arg[n] == '=' ? arg + n + 1 : NULL;
	return true;
}

static int
parse(int argc, char **argv, struct pam_asked *q, struct bnd_err *err)
{
	if (argc < 2 + ITEMS ||
	    (q->phase = phase_of(argv[1])) == PAM_PHASE_NONE ||
	    !take_item(argv[2], "service", &q->service) ||
	    !take_item(argv[3], "user", &q->user) ||
	    !take_item(argv[4], "ruser", &q->ruser) ||
	    !take_item(argv[5], "rhost", &q->rhost) ||
	    !take_item(argv[6], "tty", &q->tty))
		return bnd_fail(err, BND_E_INPUT, "not run by pam_bnd");
	return bnd_pamarg_parse((const char *const *)(argv + 2 + ITEMS),
	    (size_t)(argc - 2 - ITEMS), &q->arg, err);
}

/*
 * Answers are secrets.  In a process group of its own, as the stop key of its
 * caller's terminal would else stop it while it holds the log's lock.
 */
static int
withdraw(struct bnd_err *err)
{
	if (getpgrp() != getpid() && setpgid(0, 0) != 0)
		return bnd_fail_errno(err, "cannot leave the process group");
	if (cmd_keep_secrets(err) != 0)
		return -1;
	(void)prctl(PR_SET_NAME, "pam-helper");
	return 0;
}

/*
 * su and sudo leave their caller's ids behind; the tools that are run from here
 * must not take him for the one who asks them.
 */
static int
become_whole(struct bnd_err *err)
{
	gid_t g = getegid();
	uid_t u = geteuid();

	if (u != 0 || getuid() == 0)
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(g, g, g) != 0 ||
	    setresuid(u, u, u) != 0 || getuid() != u || getgid() != g)
		return bnd_fail_errno(err, "cannot leave the caller's ids");
	return 0;
}

/* Version 2, alone and beside version 1; in the first there is no freezing. */
static void
leave_cgroup(const struct bnd_root *root)
{
	static const char *const procs[] = { "sys/fs/cgroup/cgroup.procs",
		"sys/fs/cgroup/unified/cgroup.procs" };

	for (size_t i = 0; i < sizeof(procs) / sizeof(procs[0]); i++) {
		SCOPED_FD int fd =
		    bnd_root_openat(root, procs[i], O_WRONLY, 0, NULL);

		if (fd >= 0 && write(fd, "0", 1) == 1)
			return;
	}
}

/*
 * Before a lock is taken.  Whoever runs su may own the cgroup it is in, and
 * freeze or starve it; and he may be idle, nice or tied to one busy processor.
 * The locks of the log are not his to hold.  What cannot be changed stays.
 */
static void
leave_callers_hold(const struct bnd_root *root)
{
	const struct sched_param none = { 0 };
	const int policy = sched_getscheduler(0);
	cpu_set_t all;

	leave_cgroup(root);
	if (policy == SCHED_IDLE || policy == SCHED_BATCH)
		(void)sched_setscheduler(0, SCHED_OTHER, &none);
	if (getpriority(PRIO_PROCESS, 0) > 0)
		(void)setpriority(PRIO_PROCESS, 0, 0);
	memset(&all, 0xff, sizeof(all));
	(void)sched_setaffinity(0, sizeof(all), &all);
	/* 1, 0: this process; 0: by its niceness. */
	(void)syscall(SYS_ioprio_set, 1, 0, 0);
	(void)prctl(PR_SET_TIMERSLACK, SLACK_NS, 0, 0, 0);
}

static int
prepare(int argc, char **argv, struct pam_asked *q, struct bnd_err *err)
{
	q->ruid = getuid();
	cmd_lift_limits();
	if (parse(argc, argv, q, err) != 0 || withdraw(err) != 0 ||
	    become_whole(err) != 0 || bnd_sign_init(err) != 0)
		return -1;
	if (bnd_root_open(&q->root, q->arg.root, err) != 0)
		return -1;
	leave_callers_hold(&q->root);
	return 0;
}

static int
answer(enum bnd_ruling ruling)
{
	struct bnd_said s = { .say = BND_SAY_VERDICT, .ruling = ruling };
	char buf[BND_RELAY_MAX];
	size_t len;

	if (bnd_relay_pack(&s, buf, &len))
		(void)send(0, buf, len, MSG_NOSIGNAL);
	return bnd_ruling_exit(ruling);
}

int
main(int argc, char **argv)
{
	struct pam_asked q = { .root = { .fd = -1 } };
	struct bnd_err err = { 0 };

	cmd_start("pam-helper");
	if (prepare(argc, argv, &q, &err) != 0) {
		pam_log("%s", err.text);
		return answer(BND_RULING_TROUBLE);
	}
	if (q.arg.action == BND_PAM_CEREMONY)
		return answer(pam_ceremony(&q));
	return answer(pam_login(&q));
}
