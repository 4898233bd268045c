/* relay-run.c: run the helper and carry what it and the people say */
/* SPDX-License-Identifier: ISC */
/*
 * SIGCHLD has its default meaning while the helper lives: a host that ignores
 * it would never learn how the helper ended, and one that handles it might
 * take the status first.  What the host had is put back, and if a child of its
 * own ended meanwhile it is told.
 */
#include "relay-run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"

#define EXIT_MS 1000 /* from the verdict to the exit */

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* Between clone and exec: async-signal-safe calls only. */
static _Noreturn void
child(int helper, int sock, const char *const *argv)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C", NULL };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Above 2 first: the host may have had 0 to 2 closed. */
	helper = fcntl(helper, F_DUPFD_CLOEXEC, 3);
	sock = fcntl(sock, F_DUPFD_CLOEXEC, 3);
	if (helper >= 0 && sock >= 0 && dup2(sock, 0) == 0 &&
	    syscall(SYS_close_range, 1U, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0 &&
	    chdir("/") == 0)
		syscall(SYS_execveat, helper, "", argv, env, AT_EMPTY_PATH);
	_exit(127);
}

/* Closed 0 to 2 are still what the conversation may read and write. */
static void
lift(int *fd)
{
	int high = *fd < 3 ? fcntl(*fd, F_DUPFD_CLOEXEC, 3) : -1;

	if (high < 0)
		return;
	close(*fd);
	*fd = high;
}

int
relay_start(struct relay *r, int fd, const char *const *argv,
    unsigned deadline_s, struct bnd_err *err)
{
	struct clone_args how = { .flags = CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = (uintptr_t)&r->pidfd };
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all, was;
	int pair[2];
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return bnd_fail_errno(err, "cannot make a socket");
	r->sock = pair[0];
	lift(&r->sock);
	r->end_ms = bnd_clock_ms() + deadline_s * UINT64_C(1000);
	r->holds_chld = sigaction(SIGCHLD, &dfl, &r->chld) == 0;
	/* No handler of the host's may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &was);
	pid = syscall(SYS_clone3, &how, sizeof(how));
	if (pid == 0)
		child(fd, pair[1], argv);
	if (pid < 0)
		(void)bnd_fail_errno(err, "cannot fork");
	sigprocmask(SIG_SETMASK, &was, NULL);
	close(pair[1]);
	lift(&r->pidfd);
	return pid < 0 ? -1 : 0;
}

/* True once it is gone. */
static bool
wait_for(const struct relay *r, unsigned ms)
{
	struct pollfd gone = { .fd = r->pidfd, .events = POLLIN };
	uint64_t now = bnd_clock_ms(), end = now + ms;

	for (; now < end; now = bnd_clock_ms()) {
		if (poll(&gone, 1, (int)(end - now)) > 0)
			return true;
	}
	return false;
}

/* Its exit status, or -1; it is gone, or at least killed, afterwards. */
static int
reap(struct relay *r, unsigned patience_ms)
{
	siginfo_t info = { 0 };

	bnd_close_fd(&r->sock);
	if (!wait_for(r, patience_ms)) {
		(void)syscall(
		    SYS_pidfd_send_signal, r->pidfd, SIGKILL, NULL, 0);
		(void)wait_for(r, EXIT_MS);
	}
	if (waitid(P_PIDFD, (id_t)r->pidfd, &info,
		WEXITED | WNOHANG | __WALL) != 0 ||
	    info.si_code != CLD_EXITED)
		return -1;
	return info.si_status;
}

static void
give_chld_back(struct relay *r)
{
	siginfo_t info = { 0 };

	if (!r->holds_chld)
		return;
	r->holds_chld = false;
	(void)sigaction(SIGCHLD, &r->chld, NULL);
	if (r->chld.sa_handler != SIG_DFL && r->chld.sa_handler != SIG_IGN &&
	    waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0)
		(void)kill(getpid(), SIGCHLD);
}

void
relay_end(struct relay *r)
{
	bnd_close_fd(&r->sock);
	bnd_close_fd(&r->pidfd);
	give_chld_back(r);
}

/* ---- what is said ---- */

/* False: silence, the deadline, or something that is not of the protocol. */
static bool
hear(const struct relay *r, struct bnd_said *s)
{
	struct pollfd in = { .fd = r->sock, .events = POLLIN };
	char buf[BND_RELAY_MAX + 1];
	int ready = -1;
	ssize_t n;

	do {
		uint64_t now = bnd_clock_ms();

		if (now >= r->end_ms)
			return false;
		ready = poll(&in, 1, (int)(r->end_ms - now));
	} while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return false;
	n = recv(r->sock, buf, sizeof(buf), MSG_DONTWAIT);
	return n > 0 && bnd_relay_unpack((struct bnd_str){ buf, (size_t)n }, s);
}

static bool
send_answer(const struct relay *r, const char *text)
{
	char buf[1 + BND_RELAY_TEXT] = "=";
	size_t len = strnlen(text, BND_RELAY_TEXT + 1);
	bool sent = false;

	if (len <= BND_RELAY_TEXT) {
		memcpy(buf + 1, text, len);
		sent = send(r->sock, buf, 1 + len, MSG_NOSIGNAL) ==
		    (ssize_t)(1 + len);
	}
	explicit_bzero(buf, sizeof(buf));
	return sent;
}

static void
wipe(struct pam_response *a)
{
	if (a == NULL)
		return;
	if (a->resp != NULL)
		explicit_bzero(a->resp, strlen(a->resp));
	free(a->resp);
	free(a);
}

/* One message a call.  At EOF misc_conv gives success and no answer. */
static bool
pass_on(const struct relay *r, const struct bnd_said *s)
{
	static const int style[BND_SAY_LAST + 1] = {
		[BND_SAY_NOTE] = PAM_TEXT_INFO,
		[BND_SAY_INFO] = PAM_TEXT_INFO,
		[BND_SAY_ERROR] = PAM_ERROR_MSG,
		[BND_SAY_ECHO] = PAM_PROMPT_ECHO_ON,
		[BND_SAY_SECRET] = PAM_PROMPT_ECHO_OFF,
	};
	const bool asks = s->say == BND_SAY_ECHO || s->say == BND_SAY_SECRET;
	const struct pam_message m = { style[s->say], s->text };
	const struct pam_message *one = &m;
	struct pam_response *a = NULL;
	bool good;

	if (r->silent && !asks)
		return true;
	if (r->conv == NULL || r->conv->conv == NULL ||
	    r->conv->conv(1, &one, &a, r->conv->appdata_ptr) != PAM_SUCCESS)
		return s->say == BND_SAY_NOTE;
	good =
	    !asks || (a != NULL && a->resp != NULL && send_answer(r, a->resp));
	wipe(a);
	return good;
}

enum bnd_ruling
relay_converse(struct relay *r)
{
	struct bnd_said s = { 0 };
	bool told = true, heard;

	while ((heard = hear(r, &s)) && s.say != BND_SAY_VERDICT) {
		told = pass_on(r, &s);
		if (!told)
			break;
	}
	/* Said so, and died otherwise: then it was not said. */
	if (reap(r, heard ? EXIT_MS : 0) == bnd_ruling_exit(s.ruling) &&
	    heard && told)
		return s.ruling;
	return told ? BND_RULING_TROUBLE : BND_RULING_UNAVAILABLE;
}
