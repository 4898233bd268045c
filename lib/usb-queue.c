/* usb-queue.c: one device of a bus at a time is brought up */
/* SPDX-License-Identifier: ISC */
#include "usb-queue.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "lock.h"
#include "text.h"

#define WAIT_MS 60000 /* udev ends a hook after three minutes */

static unsigned
left(uint64_t until_ms)
{
	uint64_t now = bnd_clock_ms();

	if (until_ms == 0)
		return WAIT_MS;
	return until_ms > now ? (unsigned)(until_ms - now) : 0;
}

int
bnd_usb_queue(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    uint64_t until_ms, struct bnd_err *err)
{
	struct bnd_str port = { dir->port, strlen(dir->port) };
	char bus[8], path[sizeof("run/bnd/usb-bus-.lock") + sizeof(bus)];
	struct bnd_err why = { 0 };
	int fd;

	/* "7-2.1" is on bus 7. */
	if (!bnd_str_copy(bnd_str_until(port, '-'), bus, sizeof(bus)))
		return bnd_fail(err, BND_E_INPUT, "%s: no port", dir->port);
	(void)snprintf(path, sizeof(path), "run/bnd/usb-bus-%s.lock", bus);
	fd = bnd_lock(root, path, true, true, left(until_ms), &why);
	if (fd == -1 && why.kind == BND_E_BUSY)
		return bnd_fail(err, BND_E_BUSY, "no time was left for it");
	if (fd == -1 && err != NULL)
		*err = why;
	return fd;
}
