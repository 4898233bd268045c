/* disturb.c: the Nth system call of a command and all it starts goes wrong */
/* SPDX-License-Identifier: ISC */
/*
 *	disturb -o FILE [-l] CMD...		only counts; -l: lists them
 *	disturb -o FILE -n N -e ERRNO CMD...	the Nth answers ERRNO, undone
 *	disturb -o FILE -n N -k CMD...		CMD itself is killed before the Nth
 *
 * Counted are the calls of every process, in the order they come, from the first
 * of CMD until the last exec of the whole tree, which here is the payload's.
 * FILE: "calls N", and at the Nth "at PROCESS CALL" (process 1 is CMD).  Exit
 * status: CMD's, or 128 + its signal; 2 for trouble of its own.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS 4096

static struct task {
	pid_t pid;
	int process; /* 1, 2, ... in the order they came */
	bool inside; /* in a system call */
	bool undo;   /* its answer is to be replaced */
} task[TASKS];
static int tasks, processes, execs;
static long calls, until, nth, answer;
static bool killing, listing;
static FILE *out;
static pid_t first;

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "disturb: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct task *
task_of(pid_t pid)
{
	for (int i = 0; i < tasks; i++)
		if (task[i].pid == pid)
			return &task[i];
	if (tasks == TASKS)
		fail("too many processes");
	task[tasks] = (struct task){ .pid = pid, .process = ++processes };
	return &task[tasks++];
}

static void
gone(pid_t pid)
{
	for (int i = 0; i < tasks; i++)
		if (task[i].pid == pid)
			task[i] = task[--tasks];
}

/* The Nth is here: by whom, and what is done to it. */
static void
disturb(struct task *t, struct user_regs_struct *r)
{
	fprintf(out, "at %d %lld\n", t->process, (long long)r->orig_rax);
	if (killing) {
		kill(first, SIGKILL);
		return;
	}
	t->undo = true;
	r->orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, t->pid, NULL, r);
}

static void
stopped_at_call(struct task *t)
{
	struct user_regs_struct r;

	t->inside = !t->inside;
	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &r) != 0)
		return;
	if (t->inside) {
		calls++;
		if (listing)
			fprintf(out, "call %ld %d %lld\n", calls, t->process,
			    (long long)r.orig_rax);
		if (calls == nth)
			disturb(t, &r);
	} else if (t->undo) {
		t->undo = false;
		r.rax = (unsigned long long)-answer;
		ptrace(PTRACE_SETREGS, t->pid, NULL, &r);
	}
}

/* The signal that the task is to get, if any. */
static int
stopped(pid_t pid, int st)
{
	int sig = WSTOPSIG(st), event = st >> 16;
	struct task *t = task_of(pid);

	if (sig == (SIGTRAP | 0x80)) {
		stopped_at_call(t);
		return 0;
	}
	if (event == PTRACE_EVENT_EXEC) {
		execs++;
		until = calls;
	}
	if (event != 0 || sig == SIGSTOP || sig == SIGTRAP)
		return 0;
	return sig;
}

static int
follow(void)
{
	int st, status = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &st, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(st)) {
			int sig = stopped(pid, st);
			ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig);
			continue;
		}
		gone(pid);
		if (pid == first)
			status = WIFEXITED(st) ? WEXITSTATUS(st)
					       : 128 + WTERMSIG(st);
	}
	return status;
}

static void
begin(char **argv)
{
	int st;

	first = fork();
	if (first == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (first < 0 || waitpid(first, &st, 0) != first || !WIFSTOPPED(st))
		fail(argv[0]);
	if (ptrace(PTRACE_SETOPTIONS, first, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
		    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		    PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) != 0)
		fail("options");
	task_of(first);
	ptrace(PTRACE_SYSCALL, first, NULL, 0L);
}

int
main(int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "+o:n:e:kl")) != -1) {
		if (o == 'o')
			out = fopen(optarg, "we");
		else if (o == 'n')
			nth = strtol(optarg, NULL, 10);
		else if (o == 'e')
			answer = strtol(optarg, NULL, 10);
		else if (o == 'k')
			killing = true;
		else if (o == 'l')
			listing = true;
		else
			return 2;
	}
	if (out == NULL || optind == argc)
		return 2;
	begin(argv + optind);
	o = follow();
	fprintf(out, "calls %ld\nexecs %d\n", until, execs);
	return fclose(out) == 0 ? o : 2;
}
