/* opens.c: opens what it is told to, and reads or writes it */
/* SPDX-License-Identifier: ISC */
/*
 *	opens [-HOW] PATH... [-HOW PATH...]
 *
 * HOW: r read a byte (default), w write one at the start, a append one, c create
 * and write, d list a directory (the number of names), x execute, u unlink,
 * p O_PATH, k mkdir, s lstat (the owner is the value).
 */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "payload.h"

static long
used(int fd, bool put)
{
	char c = 'x';
	long n;

	if (fd < 0)
		return -1;
	n = put ? write(fd, &c, 1) : read(fd, &c, 1);
	int saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : n;
}

static long
listed(const char *path)
{
	DIR *d = opendir(path);
	long n = 0;

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static long
executed(char *path)
{
	char *argv[] = { path, NULL }, *envp[] = { NULL };
	int st = 0, p[2], e = 0;

	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		execve(path, argv, envp);
		e = errno;
		_exit(write(p[1], &e, sizeof(e)) == sizeof(e) ? 126 : 125);
	}
	close(p[1]);
	bool failed = read(p[0], &e, sizeof(e)) == sizeof(e);
	close(p[0]);
	waitpid(pid, &st, 0);
	if (!failed)
		return st;
	errno = e;
	return -1;
}

static long
try(char how, char *path)
{
	struct stat st;

	switch (how) {
	case 'w':
		return used(open(path, O_WRONLY | O_NOCTTY), true);
	case 'a':
		return used(open(path, O_WRONLY | O_APPEND | O_NOCTTY), true);
	case 'c':
		return used(open(path, O_WRONLY | O_CREAT, 0644), true);
	case 'd':
		return listed(path);
	case 'x':
		return executed(path);
	case 'u':
		return unlink(path);
	case 'p':
		return open(path, O_PATH);
	case 'k':
		return mkdir(path, 0755);
	case 's':
		return lstat(path, &st) == 0 ? (long)st.st_uid : -1;
	default:
		return used(
		    open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK), false);
	}
}

int
main(int argc, char **argv)
{
	char how = 'r', what[5000];

	for (char **a = payload(argc, argv); *a != NULL; a++) {
		if ((*a)[0] == '-') {
			how = (*a)[1];
			continue;
		}
		snprintf(what, sizeof(what), "%c %s", how, *a);
		told(what, try(how, *a));
	}
	return 0;
}
