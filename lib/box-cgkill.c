/* box-cgkill.c: a whole tree killed, and whether it is gone or frozen */
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

int
bnd_cg_kill(const struct bnd_cg *cg, struct bnd_err *err)
{
	return bnd_cg_file_write(cg->leaf, "cgroup.kill", "1", err);
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

/* The kernel wakes who polls the file whenever a line of it changes. */
int
bnd_cg_wait_empty(
    const struct bnd_cg *cg, unsigned wait_ms, struct bnd_err *err)
{
	const uint64_t end = bnd_clock_ms() + wait_ms;
	SCOPED_FD int fd = openat(cg->leaf, EVENTS, O_RDONLY | O_CLOEXEC);
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
		is = bnd_cg_populated(cg, err);
		if (is != 1)
			return is;
		if (now >= end)
			return bnd_fail(err, BND_E_BUSY,
			    "the cgroup is still populated after %u ms",
			    wait_ms);
		if (poll(&p, 1, (int)(end - now)) < 0 && errno != EINTR)
			return bnd_fail_errno(err, "cannot wait");
	}
}
