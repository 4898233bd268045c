/* ask.c: what a human types: a line, or a secret that is not shown */
/* SPDX-License-Identifier: ISC */
/*
 * Echo is off for the whole of a question, and on again before a signal that
 * came meanwhile does what it would have done: the handler only notes it.  They
 * are blocked but for the wait in ppoll(), so none is noted too late; those that
 * our own calls raise, as of a process in the background, end the call.  A
 * stopped question is asked again when it goes on.
 */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "scope.h"
#include "sign.h"

static const int signals[] = { SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM,
	SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2 };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t caught;

static void
note(int sig)
{
	caught = sig;
}

/* Signals and terminal as they were before the question. */
struct quiet {
	int fd;
	struct sigaction old[SIGNALS];
	sigset_t mask;
	struct termios term;
	bool is_quiet;
};

static void
catch_signals(struct quiet *q)
{
	struct sigaction sa = { .sa_handler = note };
	sigset_t block;

	caught = 0;
	sigemptyset(&block);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&block, signals[i]);
	sigdelset(&block, SIGTTIN);
	sigdelset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &q->mask);
	for (size_t i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &q->old[i]);
		/* What was ignored stays ignored (nohup). */
		if (q->old[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
}

static void
release_signals(const struct quiet *q)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &q->old[i], NULL);
	sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

/* TCSAFLUSH: what was typed before the question is no answer to it. */
static int
set_echo(struct quiet *q, bool echo, struct bnd_err *err)
{
	struct termios t;

	if (tcgetattr(q->fd, &q->term) != 0)
		return bnd_fail_errno(err, "cannot ask the terminal");
	t = q->term;
	t.c_lflag |= ICANON | ISIG;
	t.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	if (echo)
		t.c_lflag |= ECHO | ECHOE | ECHOK;
	if (tcsetattr(q->fd, TCSAFLUSH, &t) != 0)
		return bnd_fail_errno(err, "cannot set the terminal");
	q->is_quiet = true;
	return 0;
}

/* From the background it fails: the terminal is somebody else's then. */
static void
restore(struct quiet *q)
{
	if (q->is_quiet)
		(void)tcsetattr(q->fd, TCSAFLUSH, &q->term);
}

/* 1 and a byte, 0 at the end; -1 with EINTR: a signal was noted. */
static ssize_t
get_byte(int fd, char *c, const sigset_t *mask)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		if (ppoll(&p, 1, NULL, mask) < 0 &&
		    (errno != EINTR || caught != 0))
			return -1;
		if (p.revents == 0)
			continue;
		n = read(fd, c, 1);
		if (n >= 0 ||
		    (errno != EAGAIN && (errno != EINTR || caught != 0)))
			return n;
	}
}

/* To the LF, also of what is refused: the rest is no answer to another. */
static int
get_line(int fd, const sigset_t *mask, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	bool too_long = false, has_nul = false;
	ssize_t n;
	char c = 0;

	*len = 0;
	while ((n = get_byte(fd, &c, mask)) == 1 && c != '\n') {
		has_nul |= c == '\0';
		too_long |= *len + 1 >= size;
		if (!too_long)
			buf[(*len)++] = c;
	}
	bnd_wipe(&c, sizeof(c));
	buf[*len] = '\0';
	if (n < 0)
		return bnd_fail_errno(err, "cannot read the answer");
	if (n == 0)
		return bnd_fail(err, BND_E_INPUT, "the answer ended too early");
	if (too_long)
		return bnd_fail(err, BND_E_INPUT,
		    "an answer has at most %zu bytes", size - 1);
	if (has_nul)
		return bnd_fail(err, BND_E_INPUT, "the answer has a NUL in it");
	return 0;
}

static bool
put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static int
terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && isatty(0) == 1)
		fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	return fd;
}

bool
ask_can(void)
{
	SCOPED_FD int fd = terminal();

	return fd >= 0;
}

/* One question, asked once; -1 and *again: it was stopped, and goes on now. */
static int
question(int fd, const char *prompt, bool echo, char *buf, size_t size,
    size_t *len, bool *again, struct bnd_err *err)
{
	struct quiet q = { .fd = fd };
	int rc, sig;

	catch_signals(&q);
	rc = set_echo(&q, echo, err);
	if (rc == 0 && !put(fd, prompt))
		rc = bnd_fail_errno(err, "cannot write to the terminal");
	if (rc == 0)
		rc = get_line(fd, &q.mask, buf, size, len, err);
	if (rc == 0 && !echo)
		(void)put(fd, "\n");
	restore(&q);
	sig = caught;
	caught = 0;
	release_signals(&q);
	if (rc == 0 && sig != 0)
		rc = bnd_fail(err, BND_E_INPUT, "the question was interrupted");
	*again =
	    rc != 0 && (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU);
	if (sig != 0) {
		bnd_wipe(buf, size);
		(void)put(fd, "\n");
		kill(getpid(), sig);
	}
	return rc;
}

static int
ask(int fd, const char *prompt, bool echo, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	bool again;
	int rc;

	*len = 0;
	do
		rc = question(fd, prompt, echo, buf, size, len, &again, &why);
	while (again);
	if (rc == 0)
		return 0;
	bnd_wipe(buf, size);
	return bnd_fail(err, why.kind, "%s", why.text);
}

static int
ask_terminal(const char *prompt, bool echo, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	SCOPED_FD int fd = terminal();

	if (fd < 0)
		return bnd_fail(
		    err, BND_E_DENIED, "there is no terminal to ask on");
	return ask(fd, prompt, echo, buf, size, len, err);
}

int
ask_line(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	return ask_terminal(prompt, true, buf, size, len, err);
}

int
ask_secret(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	return ask_terminal(prompt, false, buf, size, len, err);
}

int
ask_secret_twice(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	char *again = bnd_secret_new(size, err);
	size_t again_len = 0;
	int rc;

	if (again == NULL)
		return -1;
	rc = ask_secret(prompt, buf, size, len, err);
	if (rc == 0)
		rc = ask_secret(
		    "The same again: ", again, size, &again_len, err);
	if (rc == 0 && (*len != again_len || !bnd_same(buf, again, again_len)))
		rc = bnd_fail(err, BND_E_INPUT, "the two are not the same");
	bnd_secret_free(again, size);
	if (rc != 0)
		bnd_wipe(buf, size);
	return rc;
}

int
ask_secret_fd(int fd, char *buf, size_t size, size_t *len, struct bnd_err *err)
{
	if (isatty(fd) == 1)
		return ask(fd, "", false, buf, size, len, err);
	if (get_line(fd, NULL, buf, size, len, err) == 0)
		return 0;
	bnd_wipe(buf, size);
	return -1;
}

bool
ask_tell(const char *text)
{
	SCOPED_FD int fd = terminal();

	return fd >= 0 && put(fd, text);
}
