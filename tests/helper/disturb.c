/* disturb.c: the Nth system call of a command and all it starts goes wrong */
/* SPDX-License-Identifier: ISC */
/*
 *	disturb -o FILE [-l] CMD...		only counts; -l: lists them
 *	disturb -o FILE -n N -e ERRNO CMD...	the Nth answers ERRNO, undone
 *	disturb -o FILE -n N -k CMD...		CMD itself is killed before the Nth
 *	disturb -o FILE -n N -s SIGNAL CMD...	CMD gets a signal before the Nth
 *
 * By seccomp's notifications, since a tracer would be seen.  Counted are the
 * calls of every process, in the order they come, until the last exec that is
 * not CMD's own, which here is the payload's.  FILE: "calls N", and at the Nth
 * "at PROCESS CALL" (process 0 is CMD).  Exit status: CMD's, or 128 + its signal;
 * 2 for trouble of its own.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long calls, until, nth, answer;
static int shot; /* the signal for CMD, or 0 */
static bool listing, begun;
static FILE *out;
static pid_t first;

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "disturb: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
listen_to_me(void)
{
	struct sock_filter all[] = {
		{ .code = BPF_RET | BPF_K, .k = SECCOMP_RET_USER_NOTIF },
	};
	struct sock_fprog prog = { .len = 1, .filter = all };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

/*
 * The child shares our descriptors until it executes: what it is to be heard
 * through is ours as well, and nothing has to be sent by calls that wait for
 * an answer already.
 */
static int
begin(char **argv)
{
	volatile int *listener = mmap(NULL, sizeof(*listener),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (listener == MAP_FAILED)
		fail("memory");
	*listener = -1;
	first = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (first == 0) {
		int fd = listen_to_me();
		*listener = fd < 0 ? -2 : fd;
		execvp(argv[0], argv);
		_exit(127);
	}
	while (*listener == -1)
		sched_yield();
	if (first < 0 || *listener < 0)
		fail("listen");
	return *listener;
}

/* Counting begins with CMD's own exec; the last one of another is its end. */
static bool
counted(const struct seccomp_notif *n)
{
	bool exec = n->data.nr == SYS_execve || n->data.nr == SYS_execveat;

	if (!begun) {
		begun = exec;
		return false;
	}
	calls++;
	if (exec && (pid_t)n->pid != first)
		until = calls;
	return true;
}

/* These have no way to say no, and what calls them is not prepared for one. */
static bool
can_fail(int call)
{
	return call != SYS_brk && call != SYS_exit && call != SYS_exit_group &&
	    call != SYS_rt_sigreturn;
}

static void
answer_to(int fd, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp r = { .id = n->id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	if (counted(n)) {
		if (listing)
			fprintf(out, "call %ld %d %d\n", calls,
			    (int)n->pid - (int)first, n->data.nr);
		if (calls == nth) {
			fprintf(out, "at %d %d\n", (int)n->pid - (int)first,
			    n->data.nr);
			if (shot != 0) {
				kill(first, shot);
			} else if (can_fail(n->data.nr)) {
				r.flags = 0;
				r.error = -(int)answer;
			}
		}
	}
	/* It may have died meanwhile. */
	(void)!ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

static void
serve(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct seccomp_notif n;

	for (;;) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			fail("poll");
		if ((p.revents & POLLIN) != 0) {
			memset(&n, 0, sizeof(n));
			if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0)
				answer_to(fd, &n);
		} else if ((p.revents & POLLHUP) != 0) {
			return;
		}
	}
}

int
main(int argc, char **argv)
{
	int o, st;

	while ((o = getopt(argc, argv, "+o:n:e:kls:")) != -1) {
		if (o == 'o')
			out = fopen(optarg, "we");
		else if (o == 'n')
			nth = strtol(optarg, NULL, 10);
		else if (o == 'e')
			answer = strtol(optarg, NULL, 10);
		else if (o == 'k')
			shot = SIGKILL;
		else if (o == 's')
			shot = (int)strtol(optarg, NULL, 10);
		else if (o == 'l')
			listing = true;
		else
			return 2;
	}
	if (out == NULL || optind == argc)
		return 2;
	serve(begin(argv + optind));
	if (waitpid(first, &st, 0) != first)
		fail("wait");
	fprintf(out, "calls %ld\n", until);
	if (fclose(out) != 0)
		return 2;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}
