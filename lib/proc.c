/* proc.c: run a helper that can neither hang nor inherit */
/* SPDX-License-Identifier: ISC */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "scope.h"

#define EXIT_NOT_RUN 127
#define DRAIN_MS     100 /* for output after the helper itself ended */

static const char *const clean_env[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	NULL,
};

/* What the parent holds of a running helper. */
struct run {
	pid_t pid;
	int pidfd, in, out[2], err[2];
	char errbuf[256];
	size_t errlen;
	uint64_t end_ms;
};

/* stdin as an anonymous file: the parent can never block on writing it. */
static int
open_input(struct bnd_str input, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	if (input.len == 0)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else
		fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot make a helper's input");
	if (input.len > 0 &&
	    (bnd_file_write_all(fd, "input", input.p, input.len, err) != 0 ||
		lseek(fd, 0, SEEK_SET) != 0))
		return -1;
	return take_fd(&fd);
}

/*
 * Between fork and exec: async-signal-safe calls only, and _exit or exec at
 * the end.  The three descriptors were made above 2 (see spawn), so dup2
 * neither overwrites one of them nor leaves CLOEXEC on the copies.
 */
static _Noreturn void
child(const struct bnd_proc *p, const struct run *r)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(r->in, 0) == 0 && dup2(r->out[1], 1) == 1 &&
	    dup2(r->err[1], 2) == 2 &&
	    syscall(SYS_close_range, 3U, UINT_MAX, 0U) == 0 && setsid() >= 0 &&
	    chdir("/") == 0)
		execve(p->path, (char *const *)(uintptr_t)p->argv,
		    (char *const *)(uintptr_t)clean_env);
	_exit(EXIT_NOT_RUN);
}

static int
make_pipes(struct run *r, struct bnd_err *err)
{
	if (pipe2(r->out, O_CLOEXEC) != 0 || pipe2(r->err, O_CLOEXEC) != 0 ||
	    fcntl(r->out[0], F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(r->err[0], F_SETFL, O_NONBLOCK) != 0)
		return bnd_fail_errno(err, "cannot make a helper's pipes");
	if (r->in < 3 || r->out[0] < 3 || r->err[0] < 3)
		return bnd_fail(
		    err, BND_E_SYS, "descriptors 0 to 2 are not open");
	return 0;
}

static int
spawn(const struct bnd_proc *p, struct run *r, struct bnd_err *err)
{
	r->in = open_input(p->input, err);
	if (r->in < 0 || make_pipes(r, err) != 0)
		return -1;
	r->pid = fork();
	if (r->pid < 0)
		return bnd_fail_errno(err, "cannot fork for %s", p->path);
	if (r->pid == 0)
		child(p, r);
	r->end_ms = bnd_clock_ms() + p->deadline_ms;
	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0U);
	if (r->pidfd < 0)
		return bnd_fail_errno(err, "cannot watch %s", p->path);
	bnd_close_fd(&r->out[1]);
	bnd_close_fd(&r->err[1]);
	return 0;
}

/* Everything readable now; at the end of the stream the descriptor closes. */
static void
take_output(int *fd, char *buf, size_t size, size_t *len, bool *full)
{
	char spill[512];

	for (;;) {
		bool room = *len < size;
		ssize_t n = read(*fd, room ? buf + *len : spill,
		    room ? size - *len : sizeof(spill));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			bnd_close_fd(fd);
		if (n <= 0)
			return;
		if (room)
			*len += (size_t)n;
		else
			*full = true;
	}
}

/* True while there is something left to wait for. */
static bool
pump(struct bnd_proc *p, struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = r->out[0], .events = POLLIN },
		{ .fd = r->err[0], .events = POLLIN },
		{ .fd = r->pidfd, .events = POLLIN },
	};
	uint64_t now = bnd_clock_ms();
	bool ignored = false;

	if (now >= r->end_ms)
		return false;
	if (poll(fds, 3, (int)(r->end_ms - now)) < 0)
		return errno == EINTR;
	take_output(
	    &r->out[0], p->out, p->out_size - 1, &p->out_len, &p->out_full);
	take_output(
	    &r->err[0], r->errbuf, sizeof(r->errbuf) - 1, &r->errlen, &ignored);
	if (fds[2].revents != 0 && r->pidfd >= 0) {
		/* It ended; a grandchild may hold the pipes, but not us. */
		bnd_close_fd(&r->pidfd);
		if (r->end_ms > bnd_clock_ms() + DRAIN_MS)
			r->end_ms = bnd_clock_ms() + DRAIN_MS;
	}
	return r->pidfd >= 0 || r->out[0] >= 0 || r->err[0] >= 0;
}

/* The child leads a session of its own, so its whole group goes with it. */
static int
reap(struct bnd_proc *p, struct run *r, struct bnd_err *err)
{
	int ws;

	p->timed_out = r->pidfd >= 0;
	if (p->timed_out) {
		kill(r->pid, SIGKILL);
		kill(-r->pid, SIGKILL);
	}
	while (waitpid(r->pid, &ws, 0) < 0)
		if (errno != EINTR)
			return bnd_fail_errno(
			    err, "cannot wait for %s", p->path);
	if (WIFSIGNALED(ws))
		p->status = 128 + WTERMSIG(ws);
	else
		p->status = WEXITSTATUS(ws);
	return 0;
}

static void
close_run(struct run *r)
{
	bnd_close_fd(&r->pidfd);
	bnd_close_fd(&r->in);
	for (int i = 0; i < 2; i++) {
		bnd_close_fd(&r->out[i]);
		bnd_close_fd(&r->err[i]);
	}
}

static void
keep_message(struct bnd_proc *p, const struct run *r)
{
	struct bnd_str rest = { r->errbuf, r->errlen }, line = { "", 0 };
	bool whole;

	if (bnd_text_line(&rest, &line, &whole))
		bnd_text_show(line, p->errtext, sizeof(p->errtext));
}

int
bnd_proc_run(struct bnd_proc *p, struct bnd_err *err)
{
	__attribute__((cleanup(close_run))) struct run r = {
		.pid = -1,
		.pidfd = -1,
		.in = -1,
		.out = { -1, -1 },
		.err = { -1, -1 },
	};

	p->out_len = 0;
	p->out_full = p->timed_out = false;
	p->errtext[0] = p->out[0] = '\0';
	p->status = EXIT_NOT_RUN;
	if (p->path[0] != '/')
		return bnd_fail(err, BND_E_INPUT,
		    "helper %s has no absolute path", p->path);
	if (spawn(p, &r, err) != 0) {
		if (r.pid > 0) {
			kill(r.pid, SIGKILL);
			waitpid(r.pid, NULL, 0);
		}
		return -1;
	}
	while (pump(p, &r))
		;
	p->out[p->out_len] = '\0';
	keep_message(p, &r);
	return reap(p, &r, err);
}

/* -1 in these files means "never set", a session of no login. */
static bool
read_id(const char *path, unsigned *id)
{
	SCOPED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[24];
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	struct bnd_str s = { text, n > 0 ? (size_t)n : 0 };
	uint64_t v;

	if (s.len > 0 && s.p[s.len - 1] == '\n')
		s.len--;
	if (!bnd_text_u64(s, UINT32_MAX, &v) || v == UINT32_MAX)
		return false;
	*id = (unsigned)v;
	return true;
}

/* The seventh field of /proc/self/stat, counted behind the name in brackets. */
static unsigned
read_tty(void)
{
	SCOPED_FD int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	char text[512];
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	const char *end = n > 0 ? memrchr(text, ')', (size_t)n) : NULL;
	struct bnd_str rest, word = { NULL, 0 };
	uint64_t dev;

	if (end == NULL)
		return 0;
	rest = (struct bnd_str){ end + 1, (size_t)(text + n - end - 1) };
	for (int i = 0; i < 5; i++)
		if (!bnd_text_word(&rest, &word))
			return 0;
	return bnd_text_u64(word, UINT32_MAX, &dev) ? (unsigned)dev : 0;
}

/* Documentation/admin-guide/devices.txt; others by their numbers. */
static void
name_tty(unsigned dev, char name[static BND_WHO_TTY])
{
	unsigned major = dev >> 8 & 0xfff;
	unsigned minor = (dev & 0xff) | (dev >> 12 & 0xfff00);

	if (dev == 0)
		name[0] = '\0';
	else if (major >= 136 && major <= 143)
		(void)snprintf(
		    name, BND_WHO_TTY, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		(void)snprintf(name, BND_WHO_TTY, "tty%u", minor);
	else if (major == 4)
		(void)snprintf(name, BND_WHO_TTY, "ttyS%u", minor - 64);
	else if (major == 5 && minor == 1)
		(void)snprintf(name, BND_WHO_TTY, "console");
	else
		(void)snprintf(name, BND_WHO_TTY, "char/%u:%u", major, minor);
}

void
bnd_proc_who(struct bnd_who *who)
{
	memset(who, 0, sizeof(*who));
	who->pid = getpid();
	who->uid = getuid();
	who->has_auid = read_id("/proc/self/loginuid", &who->auid);
	who->has_ses = read_id("/proc/self/sessionid", &who->ses);
	name_tty(read_tty(), who->tty);
}
