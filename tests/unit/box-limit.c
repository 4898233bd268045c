/* box-limit.c: rlimits: what the policy says, never above the caller's */
/* SPDX-License-Identifier: ISC */
#include "box-limit.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "tap.h"

static struct bnd_box_policy policy;

static uint64_t
planned(int resource)
{
	struct bnd_box_limit plan[BND_LIMITS];

	if (bnd_limit_plan(&policy, plan) != 0)
		return 0;
	for (size_t i = 0; i < BND_LIMITS; i++)
		if (plan[i].resource == resource)
			return plan[i].value;
	return 0;
}

static void
plans(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	is_int(planned(RLIMIT_FSIZE), 4096, "fsize");
	is_int(planned(RLIMIT_NOFILE), 64, "nofile");
	is_int(planned(RLIMIT_NPROC), 11,
	    "one more than pids: the cgroup is who says no, and counts it");
	is_int(planned(RLIMIT_CORE), 1, "core: exactly 1");
	is_int(planned(RLIMIT_RTPRIO), 0, "no realtime");
	policy.num[BND_BOX_NOFILE] = BND_BOX_TOP;
	ok(planned(RLIMIT_NOFILE) == files.rlim_max,
	    "max is the caller's hard limit");
	policy.num[BND_BOX_NOFILE] = 64;
	policy.num[BND_BOX_PIDS] = BND_BOX_TOP;
	ok(planned(RLIMIT_NPROC) > 11, "pids max does not wrap");
	policy.num[BND_BOX_PIDS] = 10;
}

/* In a child: each is what was planned, soft and hard. */
static int
set(void)
{
	struct bnd_box_limit plan[BND_LIMITS];
	struct rlimit r;
	uint32_t which = 0;

	if (bnd_limit_set(&policy, &which) != 0 ||
	    bnd_limit_plan(&policy, plan) != 0)
		return 1;
	for (size_t i = 0; i < BND_LIMITS; i++) {
		getrlimit((__rlimit_resource_t)plan[i].resource, &r);
		if (r.rlim_cur != plan[i].value || r.rlim_max != r.rlim_cur)
			return 2 + (int)i;
	}
	return 0;
}

int
main(void)
{
	int status = -1;
	pid_t pid;

	policy.num[BND_BOX_FSIZE] = 4096;
	policy.num[BND_BOX_NOFILE] = 64;
	policy.num[BND_BOX_PIDS] = 10;
	plans();
	pid = fork();
	if (pid == 0)
		_exit(set());
	waitpid(pid, &status, 0);
	is_int(status, 0, "set: soft and hard are what was planned");
	return tap_done();
}
