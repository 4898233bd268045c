/* puppet.c: stands in for pam-helper and says what a test wrote down */
/* SPDX-License-Identifier: ISC */
/*
 * DIR of root=DIR holds "play", a command a line:
 *
 *	s TEXT	send TEXT		S TEXT	the same with a newline inside
 *	a	wait for an answer, kept in "heard" as LENGTH:BYTES
 *	l	look about: environment, descriptors and the like into "seen"
 *	f	leave a child behind that holds the relay open for a second
 *	h	hang		k	be killed		x N	exit
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int play = -1;

static FILE *
open_in(const char *dir, const char *name, const char *how)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, how);
	if (f == NULL)
		_exit(99);
	return f;
}

static void
look_about(const char *dir, int argc, char **argv)
{
	FILE *f = open_in(dir, "seen", "we");
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	sigset_t mask;
	char cwd[256];

	for (int i = 1; i < argc; i++)
		fprintf(f, "arg %s\n", argv[i]);
	for (char **v = environ; *v != NULL; v++)
		fprintf(f, "env %s\n", *v);
	while (d != NULL && (e = readdir(d)) != NULL) {
		int fd = (int)strtol(e->d_name, NULL, 10);

		if (e->d_name[0] != '.' && fd != dirfd(d) && fd != fileno(f) &&
		    fd != play)
			fprintf(f, "fd %d\n", fd);
	}
	if (d != NULL)
		closedir(d);
	fprintf(f, "cwd %s\n", getcwd(cwd, sizeof(cwd)));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa;

		if (sigismember(&mask, sig) == 1)
			fprintf(f, "blocked %d\n", sig);
		if (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			fprintf(f, "ignored %d\n", sig);
	}
	fclose(f);
}

static void
keep_answer(const char *dir)
{
	char buf[2048];
	ssize_t n = recv(0, buf, sizeof(buf), 0);
	FILE *f = open_in(dir, "heard", "ae");

	fprintf(f, "%zd:%.*s\n", n, n > 0 ? (int)n : 0, buf);
	fclose(f);
}

static void
leave_child(void)
{
	if (fork() != 0)
		return;
	sleep(1);
	_exit(0);
}

static void
obey(const char *dir, char *line, int argc, char **argv)
{
	size_t len = strcspn(line, "\n");

	switch (line[0]) {
	case 'S':
		line[len++] = '\n';
		__attribute__((fallthrough));
	case 's':
		if (send(0, line + 2, len - 2, MSG_NOSIGNAL) < 0)
			_exit(98);
		break;
	case 'a':
		keep_answer(dir);
		break;
	case 'l':
		look_about(dir, argc, argv);
		break;
	case 'f':
		leave_child();
		break;
	case 'h':
		for (;;)
			pause();
	case 'k':
		raise(SIGKILL);
		break;
	case 'x':
		_exit((int)strtol(line + 2, NULL, 10));
	default:
		_exit(97);
	}
}

int
main(int argc, char **argv)
{
	const char *dir = NULL;
	char line[2048];
	FILE *f;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "root=", 5) == 0)
			dir = argv[i] + 5;
	}
	if (dir == NULL)
		return 96;
	f = open_in(dir, "play", "re");
	play = fileno(f);
	while (fgets(line, sizeof(line), f) != NULL)
		obey(dir, line, argc, argv);
	return 95;
}
