/* tty.c: run a command at a terminal of its own, with somebody who types */
/* SPDX-License-Identifier: ISC */
/*
 *	tty [-s SECONDS] CMD [ARG...] <SCRIPT
 *
 * A line of SCRIPT each: "expect TEXT" waits until the terminal has shown TEXT
 * behind what was expected before; "type TEXT" types it and return; "key C"
 * one control key (C-@ to C-_), "sleep MS", "hangup" closes the terminal.  What
 * was shown goes to stdout.  Exit status: that of CMD, 128 + n for a signal,
 * 250 when a TEXT did not come in time (default 20 s).
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int master = -1;
static char seen[1 << 20];
static size_t len, from;
static double patience = 20;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* False at the end of what the terminal has to show. */
static int
more(int ms)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	if (master < 0)
		return 0;
	if (poll(&p, 1, ms) <= 0)
		return 1;
	n = read(master, seen + len, sizeof(seen) - 1 - len);
	if (n <= 0)
		return 0;
	fwrite(seen + len, 1, (size_t)n, stdout);
	fflush(stdout);
	len += (size_t)n;
	return 1;
}

static int
expect(const char *text)
{
	double end = now() + patience;

	for (;;) {
		char *hit = memmem(seen + from, len - from, text, strlen(text));

		if (hit != NULL) {
			from = (size_t)(hit - seen) + strlen(text);
			return 1;
		}
		if (now() > end || !more(50)) {
			fprintf(stderr, "tty: no \"%s\"\n", text);
			return 0;
		}
	}
}

static void
type(const char *text, size_t n)
{
	if (master >= 0 && write(master, text, n) != (ssize_t)n)
		fprintf(stderr, "tty: cannot type\n");
}

/* The next line of the script; what the terminal shows meanwhile is shown. */
static int
next_line(char *line, size_t size)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t n = 0;

	while (n + 1 < size) {
		(void)more(0);
		if (poll(&p, 1, 20) <= 0)
			continue;
		if (read(STDIN_FILENO, line + n, 1) != 1)
			return 0;
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = '\0';
	return 1;
}

/* One line of the script; false if it cannot be met. */
static int
play(char *line)
{
	char *arg = strchr(line, ' ');
	char key;

	arg = arg != NULL ? arg + 1 : line + strlen(line);
	if (strncmp(line, "expect ", 7) == 0)
		return expect(arg);
	if (strncmp(line, "type", 4) == 0) {
		type(arg, strlen(arg));
		type("\n", 1);
	} else if (strncmp(line, "key ", 4) == 0) {
		key = (char)(*arg & 0x1f);
		type(&key, 1);
	} else if (strncmp(line, "sleep ", 6) == 0) {
		for (double end = now() + strtod(arg, NULL) / 1e3; now() < end;)
			if (!more(10))
				break;
	} else if (strcmp(line, "hangup") == 0) {
		close(master);
		master = -1;
	}
	return 1;
}

static _Noreturn void
at_terminal(const char *name, char **argv)
{
	int fd;

	/* A shell's background ignores what a terminal sends. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0 || dup2(fd, 0) < 0 ||
	    dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(251);
	if (fd > 2)
		close(fd);
	execvp(argv[0], argv);
	_exit(127);
}

static int
end(pid_t pid, int good)
{
	double until = now() + patience;
	int st = 0;
	pid_t gone;

	if (!good)
		kill(pid, SIGKILL);
	do
		gone = waitpid(pid, &st, WNOHANG);
	while (more(50) && gone == 0 && now() < until);
	if (gone == 0 && now() >= until) {
		fprintf(stderr, "tty: it does not end\n");
		kill(pid, SIGKILL);
		good = 0;
	}
	if (gone == 0 && waitpid(pid, &st, 0) != pid)
		return 251;
	if (!good)
		return 250;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

int
main(int argc, char **argv)
{
	char line[1024];
	int good = 1;
	pid_t pid;

	if (argc > 3 && strcmp(argv[1], "-s") == 0) {
		patience = strtod(argv[2], NULL);
		argv += 2;
	} else if (argc < 2) {
		return 251;
	}
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
		perror("tty");
		return 251;
	}
	pid = fork();
	if (pid == 0)
		at_terminal(ptsname(master), argv + 1);
	while (good && next_line(line, sizeof(line)))
		good = play(line);
	return end(pid, good);
}
