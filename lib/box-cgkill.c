/* box-cgkill.c: a whole tree killed or frozen, and whether it is */
/* SPDX-License-Identifier: ISC */
/*
 * cgroup.kill takes a tree at once: no fork gets away, a frozen one dies too,
 * and no process number is spoken of that could be somebody else's by now.
 */
#include "box-cgkill.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "clock.h"
#include "scope.h"

#define EVENTS "cgroup.events"

static int
event(int dir, const char *key, struct bnd_err *err)
{
	uint64_t n;

	if (bnd_cg_file_u64(dir, EVENTS, key, &n, err) != 0)
		return -1;
	return n != 0;
}

/* The kernel wakes who polls the file whenever a line of it changes. */
static int
wait_event(
    int dir, const char *key, int want, unsigned wait_ms, struct bnd_err *err)
{
	const uint64_t end = bnd_clock_ms() + wait_ms;
	SCOPED_FD int fd = openat(dir, EVENTS, O_RDONLY | O_CLOEXEC);
	struct pollfd p = { fd, POLLPRI, 0 };
	char buf[BND_CG_TEXT];

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open " EVENTS);
	for (;;) {
		uint64_t now = bnd_clock_ms();
		int is;

		/* This descriptor has seen what it is then woken after. */
		if (pread(fd, buf, sizeof(buf), 0) < 0)
			return bnd_fail_errno(err, "cannot read " EVENTS);
		is = event(dir, key, err);
		if (is == -1 || is == want)
			return is == -1 ? -1 : 0;
		if (now >= end)
			return bnd_fail(err, BND_E_BUSY,
			    "the cgroup is still %s %d after %u ms", key, is,
			    wait_ms);
		if (poll(&p, 1, (int)(end - now)) < 0 && errno != EINTR)
			return bnd_fail_errno(err, "cannot wait");
	}
}

int
bnd_cg_kill(const struct bnd_cg *cg, struct bnd_err *err)
{
	return bnd_cg_file_write(cg->leaf, "cgroup.kill", "1", err);
}

int
bnd_cg_freeze(const struct bnd_cg *cg, bool frozen, struct bnd_err *err)
{
	return bnd_cg_file_write(
	    cg->leaf, "cgroup.freeze", frozen ? "1" : "0", err);
}

int
bnd_cg_populated(const struct bnd_cg *cg, struct bnd_err *err)
{
	return event(cg->leaf, "populated", err);
}

int
bnd_cg_frozen(const struct bnd_cg *cg, struct bnd_err *err)
{
	return event(cg->leaf, "frozen", err);
}

int
bnd_cg_wait_empty(
    const struct bnd_cg *cg, unsigned wait_ms, struct bnd_err *err)
{
	return wait_event(cg->leaf, "populated", 0, wait_ms, err);
}

int
bnd_cg_wait_frozen(
    const struct bnd_cg *cg, bool frozen, unsigned wait_ms, struct bnd_err *err)
{
	return wait_event(cg->leaf, "frozen", frozen, wait_ms, err);
}

int
bnd_cg_kill_all(
    const struct bnd_cg_host *host, unsigned wait_ms, struct bnd_err *err)
{
	if (bnd_cg_file_write(host->tree, "cgroup.kill", "1", err) != 0)
		return -1;
	return wait_event(host->tree, "populated", 0, wait_ms, err);
}
