/* race.c: one thread calls, another changes what the arguments point to */
/* SPDX-License-Identifier: ISC */
/*
 *	race clone3 N	flags behind a pointer: none, then a user namespace
 *	race openat2 N	how.resolve and the path
 *
 * Says what came out and how often: "clone3: ENOSYS 1000".
 */
#include <linux/openat2.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "payload.h"

static struct clone_args clone_as = { .exit_signal = SIGCHLD };
static struct open_how how = { .flags = O_RDONLY };
static char path[32] = "/etc/passwd";
static volatile bool over;

static void *
rewrite(void *arg)
{
	(void)arg;
	for (unsigned i = 0; !over; i++) {
		volatile __u64 *flags = (volatile __u64 *)&clone_as.flags;
		*flags = i % 2 ? CLONE_NEWUSER : 0;
		path[5] = i % 2 ? 'p' : 's';
	}
	return NULL;
}

static long
try_clone3(void)
{
	long pid = syscall(SYS_clone3, &clone_as, sizeof(clone_as));

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid;
}

static long
try_openat2(void)
{
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd;
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);
	long count[200] = { 0 }, n;
	pthread_t t;

	if (args[0] == NULL || args[1] == NULL)
		return 2;
	n = strtol(args[1], NULL, 10);
	if (pthread_create(&t, NULL, rewrite, NULL) != 0)
		return 1;
	while (n-- > 0) {
		long rc = args[0][0] == 'c' ? try_clone3() : try_openat2();
		count[rc >= 0 ? 0 : errno % 200]++;
	}
	over = true;
	pthread_join(t, NULL);
	for (int e = 0; e < 200; e++)
		if (count[e] != 0)
			printf("%s: %s %ld\n", args[0],
			    e == 0 ? "ok" : strerrorname_np(e), count[e]);
	return 0;
}
