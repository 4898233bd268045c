/* quota.c: takes all it can of what the kernel counts by user */
/* SPDX-License-Identifier: ISC */
/*
 *	quota inotify|watches|epoll|pipes|mqueue|processes|signals
 *
 * "had: N" and the errno that ended it, then as stay: held until standard
 * input ends.
 */
#include <mqueue.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/resource.h>

#include "payload.h"

#define ENOUGH 20000

static bool
one_inotify(void)
{
	return inotify_init1(IN_CLOEXEC) >= 0;
}

static bool
one_watch(void)
{
	static int fd = -1;
	static long n;
	char path[64];

	if (fd < 0)
		fd = inotify_init1(IN_CLOEXEC);
	snprintf(path, sizeof(path), "/tmp/w%ld", n++);
	int f = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (f < 0)
		return false;
	close(f);
	return inotify_add_watch(fd, path, IN_ALL_EVENTS) >= 0;
}

static bool
one_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd = epoll_create1(EPOLL_CLOEXEC), p[2];

	return fd >= 0 && pipe(p) == 0 &&
	    epoll_ctl(fd, EPOLL_CTL_ADD, p[0], &e) == 0;
}

/* What counts is whether the pipe may be made larger than the soft limit lets. */
static bool
one_pipe(void)
{
	int p[2];

	return pipe(p) == 0 && fcntl(p[0], F_SETPIPE_SZ, 1 << 20) > 0;
}

static bool
one_mqueue(void)
{
	static long n;
	char name[32];

	snprintf(name, sizeof(name), "/q%ld", n++);
	return mq_open(name, O_RDWR | O_CREAT, 0600, NULL) >= 0;
}

static bool
one_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid > 0;
}

static bool
one_signal(void)
{
	union sigval v = { .sival_int = 1 };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return sigqueue(getpid(), SIGRTMIN, v) == 0;
}

static const struct {
	const char *name;
	bool (*one)(void);
} quota[] = {
	{ "inotify", one_inotify },
	{ "watches", one_watch },
	{ "epoll", one_epoll },
	{ "pipes", one_pipe },
	{ "mqueue", one_mqueue },
	{ "processes", one_process },
	{ "signals", one_signal },
};

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);
	long n = 0;

	for (size_t i = 0;
	     args[0] != NULL && i < sizeof(quota) / sizeof(quota[0]); i++) {
		if (strcmp(quota[i].name, args[0]) != 0)
			continue;
		errno = 0;
		while (n < ENOUGH && quota[i].one())
			n++;
		printf("ended: %s\nhad: %ld\n", strerrorname_np(errno), n);
	}
	payload_ready();
	return 0;
}
