/* tree.c: processes that multiply, hide, and will not go */
/* SPDX-License-Identifier: ISC */
/*
 *	tree daemon	a grandchild in its own session stays; the first returns
 *	tree keep	the same, and it holds standard output open
 *	tree hide	both of these: a daemon, and deaf beside it
 *	tree deaf	ignores and blocks every signal it can, for ever
 *	tree stop	stops itself
 *	tree orphans N	N grandchildren end and nobody waits for them
 *	tree bomb	forks until it cannot: how many, by what errno; then stays
 *	tree storm	forks for ever, whatever fails
 *	tree threads	the same with threads
 *	tree kill WHOM...	signal 9 to each (-1: everybody)
 *	tree signals WHOM...	STOP, TSTP, TERM, KILL to each
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "payload.h"

static _Noreturn void
stay(void)
{
	for (;;)
		pause();
}

static void
leave(bool keep)
{
	if (fork() != 0)
		return;
	setsid();
	if (fork() != 0)
		_exit(0);
	if (!keep)
		for (int fd = 0; fd < 3; fd++)
			close(fd);
	stay();
}

static _Noreturn void
deaf(void)
{
	sigset_t all;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	puts("ready");
	stay();
}

static _Noreturn void
hide(void)
{
	leave(false);
	deaf();
}

static void
orphans(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() >= 0)
				_exit(0);
			_exit(1);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
	puts("ready");
}

static _Noreturn void
bomb(void)
{
	long n = 0;
	pid_t pid;

	while ((pid = fork()) > 0)
		n++;
	if (pid == 0)
		stay();
	printf("fork: %s\nforked: %ld\n", strerrorname_np(errno), n);
	payload_ready();
	exit(0);
}

static _Noreturn void
storm(void)
{
	puts("ready");
	for (;;)
		(void)!fork();
}

static void *
stay_too(void *arg)
{
	(void)arg;
	stay();
}

static void
threads(void)
{
	pthread_attr_t attr;
	pthread_t t;
	long n = 0;
	int e;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	while ((e = pthread_create(&t, &attr, stay_too, NULL)) == 0)
		n++;
	printf("thread: %s\nthreads: %ld\n", strerrorname_np(e), n);
	payload_ready();
}

static void
shoot(char **whom, const int *sig)
{
	char what[64];

	for (; *whom != NULL; whom++)
		for (const int *s = sig; *s != 0; s++) {
			snprintf(what, sizeof(what), "kill %s %d", *whom, *s);
			told(what, kill((pid_t)strtol(*whom, NULL, 10), *s));
		}
}

int
main(int argc, char **argv)
{
	static const int all[] = { SIGSTOP, SIGTSTP, SIGTERM, SIGKILL, 0 },
			 one[] = { SIGKILL, 0 };
	char **args = payload(argc, argv);
	const char *job = args[0] != NULL ? args[0] : "";

	if (strcmp(job, "daemon") == 0)
		leave(false);
	else if (strcmp(job, "keep") == 0)
		leave(true);
	else if (strcmp(job, "hide") == 0)
		hide();
	else if (strcmp(job, "deaf") == 0)
		deaf();
	else if (strcmp(job, "stop") == 0)
		raise(SIGSTOP);
	else if (strcmp(job, "orphans") == 0 && args[1] != NULL)
		orphans(strtol(args[1], NULL, 10));
	else if (strcmp(job, "bomb") == 0)
		bomb();
	else if (strcmp(job, "storm") == 0)
		storm();
	else if (strcmp(job, "threads") == 0)
		threads();
	else if (strcmp(job, "kill") == 0)
		shoot(args + 1, one);
	else if (strcmp(job, "signals") == 0)
		shoot(args + 1, all);
	else
		return 2;
	return 0;
}
