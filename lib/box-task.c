/* box-task.c: what may hang, or is another's to do, by a task of its own */
/* SPDX-License-Identifier: ISC */
#include "box-task.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box-creds.h"
#include "clock.h"
#include "scope.h"

/*
 * How long a killed one may take to be gone.  Not even death wakes who waits for
 * a server that has read the question: it is still on its stack then.
 */
#define DYING_MS 200
static bool hangs;

struct task {
	const struct bnd_box_user *as;
	bnd_task_do *do_it;
	void *arg;
	struct bnd_err *err;
	pid_t parent;
	int result;
};

/*
 * It holds what we have open, so it does not outlive us, if it can die.  Only after
 * the change of ids, which forgets the signal; and we may be dead already.
 */
static bool
dies_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	    getppid() == parent;
}

static int
run_task(void *arg)
{
	struct task *t = arg;

	if (t->as != NULL && bnd_creds_files(t->as) != 0)
		t->result = bnd_fail_errno(t->err,
		    "cannot take the rights of user %u", (unsigned)t->as->uid);
	else if (!dies_with(t->parent))
		t->result = bnd_fail_errno(t->err, "cannot bind a task to us");
	else
		t->result = t->do_it(t->arg, t->err);
	return 0;
}

static int
wait_task(int task, const char *what, uint64_t deadline_ms, struct bnd_err *err)
{
	uint64_t now = bnd_clock_ms();
	uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
	struct pollfd p = { .fd = task, .events = POLLIN };
	siginfo_t info;
	int n, why;

	/* Whoever interrupts only makes it look at the clock again. */
	n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	if (n == -1 && errno == EINTR)
		return wait_task(task, what, deadline_ms, err);
	if (n == 1 &&
	    waitid(P_PIDFD, (id_t)task, &info, WEXITED | __WALL) == -1)
		return bnd_fail_errno(err, "cannot wait for a task: waitid");
	if (n == 1)
		return info.si_code == CLD_EXITED
		    ? 0
		    : bnd_fail(err, BND_E_SYS, "%s: its task was killed", what);
	why = n == 0 ? ETIMEDOUT : errno;
	(void)syscall(SYS_pidfd_send_signal, task, SIGKILL, NULL, 0);
	/* It writes to our frames; whom not even death wakes never will. */
	hangs = poll(&p, 1, DYING_MS) != 1 ||
	    waitid(P_PIDFD, (id_t)task, &info, WEXITED | __WALL) == -1;
	errno = why;
	return bnd_fail_errno(err, "%s did not answer", what);
}

int
bnd_task_run(const struct bnd_box_user *as, bnd_task_do *do_it, void *arg,
    const char *what, uint64_t deadline_ms, struct bnd_err *err)
{
	static _Alignas(64) char stack[128 * 1024];
	struct task t = { as, do_it, arg, err, getpid(), -1 };
	struct bnd_err late;
	int SCOPED_FD task = -1;

	if (hangs)
		return bnd_fail(
		    err, BND_E_BUSY, "a task before this one hangs");
	if (clone(run_task, stack + sizeof(stack),
		CLONE_VM | CLONE_FILES | CLONE_PIDFD, &t, &task) == -1)
		return bnd_fail_errno(err, "cannot make a task: clone");
	if (wait_task(task, what, deadline_ms, &late) == -1) {
		*err = late;
		return -1;
	}
	return t.result;
}

bool
bnd_task_hangs(void)
{
	return hangs;
}
