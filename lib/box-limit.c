/* box-limit.c: rlimits of a policy, soft and hard alike */
/* SPDX-License-Identifier: ISC */
#include "box-limit.h"

#include <linux/ioprio.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * CORE is 1: 1 makes the kernel skip a core_pattern that is a pipe to a program
 * of the host's; 0 does not.  The filter keeps the payload from lowering it.
 */
static const struct bnd_box_limit fixed[BND_LIMITS] = {
	{ RLIMIT_FSIZE, "Max file size", 0 },
	{ RLIMIT_STACK, "Max stack size", 8 << 20 },
	{ RLIMIT_CORE, "Max core file size", 1 },
	{ RLIMIT_NPROC, "Max processes", 0 },
	{ RLIMIT_NOFILE, "Max open files", 0 },
	{ RLIMIT_MEMLOCK, "Max locked memory", 64 << 10 },
	{ RLIMIT_SIGPENDING, "Max pending signals", 1024 },
	{ RLIMIT_MSGQUEUE, "Max msgqueue size", 819200 },
	{ RLIMIT_NICE, "Max nice priority", 0 },
	{ RLIMIT_RTPRIO, "Max realtime priority", 0 },
};

static uint64_t
wanted(const struct bnd_box_policy *p, const struct bnd_box_limit *l)
{
	uint64_t pids = p->num[BND_BOX_PIDS];

	switch (l->resource) {
	case RLIMIT_FSIZE:
		return p->num[BND_BOX_FSIZE];
	case RLIMIT_NOFILE:
		return p->num[BND_BOX_NOFILE];
	case RLIMIT_NPROC:
		/* One more: the cgroup says no first, and counts it. */
		return pids == BND_BOX_TOP ? pids : pids + 1;
	default:
		return l->value;
	}
}

int
bnd_limit_plan(const struct bnd_box_policy *p,
    struct bnd_box_limit plan[static BND_LIMITS])
{
	struct rlimit now;
	size_t i;

	memcpy(plan, fixed, sizeof(fixed));
	for (i = 0; i < BND_LIMITS; i++) {
		plan[i].value = wanted(p, &plan[i]);
		if (getrlimit((__rlimit_resource_t)plan[i].resource, &now) != 0)
			return -1;
		if (plan[i].value > now.rlim_max)
			plan[i].value = now.rlim_max;
	}
	return 0;
}

int
bnd_limit_set(const struct bnd_box_policy *p, uint32_t *which)
{
	struct bnd_box_limit plan[BND_LIMITS];
	struct rlimit r;
	size_t i;

	if (bnd_limit_plan(p, plan) != 0)
		return -1;
	for (i = 0; i < BND_LIMITS; i++) {
		*which = (uint32_t)plan[i].resource;
		r.rlim_cur = r.rlim_max = plan[i].value;
		if (setrlimit((__rlimit_resource_t)plan[i].resource, &r) != 0)
			return -1;
	}
	return 0;
}

int
bnd_limit_priority(void)
{
	const struct sched_param none = { 0 };
	const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
	const long io = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);

	if ((policy == SCHED_FIFO || policy == SCHED_RR) &&
	    sched_setscheduler(0, SCHED_OTHER, &none) != 0)
		return -1;
	if (io >= 0 && IOPRIO_PRIO_CLASS(io) == IOPRIO_CLASS_RT &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0) != 0)
		return -1;
	return 0;
}
