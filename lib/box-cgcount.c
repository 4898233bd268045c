/* box-cgcount.c: what a run used, and word of the OOM killer */
/* SPDX-License-Identifier: ISC */
#include "box-cgcount.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "scope.h"

/* The leaf that serves a facility: v2's, a v1 one, or -1. */
static int
dir_of(const struct bnd_cg *cg, enum bnd_cg_facility f, bool *v2)
{
	*v2 = (cg->v2_rows & BND_CG_BIT(f)) != 0;
	if (*v2)
		return cg->leaf;
	for (size_t i = 0; i < cg->n; i++)
		if ((cg->v1[i].rows & BND_CG_BIT(f)) != 0)
			return cg->v1[i].dir;
	return -1;
}

static bool
count(int dir, const char *name, const char *key, uint64_t *n)
{
	return dir >= 0 &&
	    bnd_cg_file_u64(dir, name, key, n, &(struct bnd_err){ 0 }) == 0;
}

int
bnd_cg_cpu_us(const struct bnd_cg *cg, uint64_t *us, struct bnd_err *err)
{
	return bnd_cg_file_u64(cg->leaf, "cpu.stat", "usage_usec", us, err);
}

static bool
count_oom(const struct bnd_cg *cg, uint64_t *n)
{
	bool v2;
	int mem = dir_of(cg, BND_CG_MEMORY, &v2);

	return count(
	    mem, v2 ? "memory.events" : "memory.oom_control", "oom_kill", n);
}

uint64_t
bnd_cg_oom_kills(const struct bnd_cg *cg)
{
	uint64_t n;

	return count_oom(cg, &n) ? n : 0;
}

void
bnd_cg_used(const struct bnd_cg *cg, struct bnd_cg_used *used)
{
	bool v2;
	int mem = dir_of(cg, BND_CG_MEMORY, &v2), pids;

	*used = (struct bnd_cg_used){ 0 };
	used->has_mem =
	    count(mem, v2 ? "memory.peak" : "memory.max_usage_in_bytes", NULL,
		&used->mem_peak);
	used->has_oom = count_oom(cg, &used->oom_kill);
	pids = dir_of(cg, BND_CG_PIDS, &v2);
	used->has_pids = count(pids, "pids.peak", NULL, &used->pids_peak);
	used->has_pids_max = count(pids, "pids.events", "max", &used->pids_max);
	used->has_cpu =
	    bnd_cg_cpu_us(cg, &used->cpu_us, &(struct bnd_err){ 0 }) == 0;
}

/* cgroup-v1/memory.rst, 9: an eventfd and what to watch, told to a third file. */
static int
watch_v1(int dir, struct bnd_err *err)
{
	SCOPED_FD int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	SCOPED_FD int control =
	    openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	char text[32];

	if (event < 0 || control < 0)
		return bnd_fail_errno(err, "cannot watch memory.oom_control");
	(void)snprintf(text, sizeof(text), "%d %d", event, control);
	if (bnd_cg_file_write(dir, "cgroup.event_control", text, err) != 0)
		return -1;
	return take_fd(&event);
}

int
bnd_cg_oom_fd(const struct bnd_cg *cg, short *events, struct bnd_err *err)
{
	char buf[BND_CG_TEXT];
	bool v2;
	int dir = dir_of(cg, BND_CG_MEMORY, &v2), fd;

	if (dir < 0)
		return bnd_fail(err, BND_E_SYS, "no cgroup counts memory");
	*events = v2 ? POLLPRI : POLLIN;
	if (!v2)
		return watch_v1(dir, err);
	fd = openat(dir, "memory.events", O_RDONLY | O_CLOEXEC);
	/* An event is one since the last read. */
	if (fd < 0 || read(fd, buf, sizeof(buf)) < 0) {
		(void)bnd_fail_errno(err, "cannot read memory.events");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	return fd;
}
