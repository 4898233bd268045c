/* nsheld.c: a network namespace that only one thread, or one descriptor, holds */
/* SPDX-License-Identifier: ISC */
/*
 *	nsheld thread	a second thread makes a network namespace and stays there
 *	nsheld fd	a descriptor of one whose processes have ended
 *
 * Says where it is, as a path for nsenter(1) --net, and waits to be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "nsheld: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
tell(const char *path)
{
	printf("%s\n", path);
	fflush(stdout);
}

static _Noreturn void *
thread(void *arg)
{
	char path[96];

	(void)arg;
	if (unshare(CLONE_NEWNET) == -1)
		die("unshare");
	(void)snprintf(
	    path, sizeof(path), "/proc/%d/task/%d/ns/net", getpid(), gettid());
	tell(path);
	for (;;)
		pause();
}

static void
descriptor(void)
{
	char path[96];
	int fd, go[2];
	pid_t pid;

	if (pipe(go) == -1)
		die("pipe");
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) == -1 || write(go[1], "", 1) != 1)
			die("unshare");
		for (;;)
			pause();
	}
	if (pid == -1 || read(go[0], path, 1) != 1)
		die("fork");
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY);
	if (fd == -1)
		die(path);
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	tell(path);
}

int
main(int argc, char **argv)
{
	pthread_t t;

	if (argc == 2 && strcmp(argv[1], "thread") == 0) {
		if (pthread_create(&t, NULL, thread, NULL) != 0)
			die("thread");
	} else if (argc == 2 && strcmp(argv[1], "fd") == 0) {
		descriptor();
	} else {
		fprintf(stderr, "usage: nsheld thread | fd\n");
		return 2;
	}
	for (;;)
		pause();
}
