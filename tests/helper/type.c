/* type.c: somebody at a terminal, who answers when he is asked */
/* SPDX-License-Identifier: ISC */
/*
 *	type CMD [ARG...] <SCRIPT
 *
 * Runs CMD on a terminal of its own and shows what it shows.  SCRIPT is pairs
 * of lines: what is waited for, and what is then typed, written backward so
 * that a secret stands forward nowhere else.  In the place of an answer
 * "=" types what is shown up to the next quote, and "!COMMAND" is run by the
 * shell.  Exit status is CMD's; 99 if 20 s pass.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE 1024

static char seen[65536];
static size_t seen_len, looked;
static bool alive; /* it shows nothing, and has not ended */

/* More of what is shown; false at its end. */
static bool
look(int master)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	alive = true;
	if (seen_len == sizeof(seen) - 1 || poll(&p, 1, 20000) <= 0)
		return false;
	alive = false;
	n = read(master, seen + seen_len, sizeof(seen) - 1 - seen_len);
	if (n <= 0)
		return false;
	(void)!write(1, seen + seen_len, (size_t)n);
	seen_len += (size_t)n;
	seen[seen_len] = '\0';
	return true;
}

static bool
wait_for(int master, const char *text)
{
	char *at;

	while ((at = strstr(seen + looked, text)) == NULL) {
		if (!look(master))
			return false;
	}
	looked = (size_t)(at - seen) + strlen(text);
	return true;
}

static void
type(int master, const char *backward)
{
	char line[LINE];
	size_t len = strlen(backward);

	for (size_t i = 0; i < len; i++)
		line[i] = backward[len - 1 - i];
	line[len] = '\n';
	(void)!write(master, line, len + 1);
	explicit_bzero(line, sizeof(line));
}

/* A phrase that stands in quotes, the first of which was waited for. */
static void
repeat(int master)
{
	size_t from = looked;

	if (!wait_for(master, "\""))
		return;
	(void)!write(master, seen + from, looked - from - 1);
	(void)!write(master, "\n", 1);
}

static void
shell(const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static bool
next(char line[static LINE])
{
	if (fgets(line, LINE, stdin) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

int
main(int argc, char **argv)
{
	char what[LINE], answer[LINE];
	int master, status;
	pid_t pid;

	if (argc < 2)
		return 98;
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid < 0)
		return 98;
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	while (next(what) && next(answer)) {
		if (!wait_for(master, what))
			break;
		if (answer[0] == '!')
			shell(answer + 1);
		else if (strcmp(answer, "=") == 0)
			repeat(master);
		else
			type(master, answer);
	}
	while (look(master))
		;
	/* Whose terminal has no end yet is waiting for what never comes. */
	if (waitpid(pid, &status, alive ? WNOHANG : 0) != pid) {
		kill(pid, SIGKILL);
		return 99;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
