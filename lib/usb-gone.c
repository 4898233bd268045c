/* usb-gone.c: a device that went: what its port's file knew of it */
/* SPDX-License-Identifier: ISC */
#include "usb-gone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scope.h"
#include "usb-dir.h"
#include "usb-peers.h"
#include "usb-record.h"

/* A file that a kill has cut may have been of a device of the baseline. */
static bool
is_nobody(const struct bnd_usb_port *p)
{
	return p->phase == BND_USB_INTENT && p->identity[0] == '\0';
}

void
bnd_usb_gone(const struct bnd_root *root, const struct bnd_usb_order *order,
    int fd, const struct bnd_usb_port *was, const struct bnd_usb_moment *m,
    struct bnd_usb_settled *s)
{
	const struct bnd_usb_said said = {
		.root = root, .order = order, .port = s->port, .mode = m->mode
	};
	const struct bnd_usb_port none = { 0 };
	struct bnd_usb_port p = *was;
	struct bnd_err why = { 0 };
	bool belongs = p.in_baseline || is_nobody(&p), trips;

	/* What hangs below a hub goes with it; that is no news. */
	p.going |= bnd_usb_peers_below_denied(root, s->port);
	trips = belongs && !p.going && bnd_usb_moment_trips(m);
	if (p.phase == BND_USB_INTENT)
		s->spooled |= !bnd_usb_record_vanished(&said, &p, &why);
	if (trips || (belongs && m->mode >= BND_TRUSTED))
		s->spooled |=
		    !bnd_usb_record_removed(&said, &p, false, trips, &why);
	s->trip |= trips;
	if (bnd_usb_port_store(fd, &none, &s->why) == -1)
		s->whole = false;
}

/* Whatever stands at this port now; its own event speaks for it. */
static int
look(const struct bnd_root *root, const char *devpath, const char *port,
    struct bnd_usb_dir *dir, bool *present, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	*present = false;
	if (bnd_usb_dir_open(root, devpath, false, dir, &why) == 0) {
		*present = strcmp(dir->port, port) == 0;
		return 0;
	}
	if (why.errnum == ENOENT || why.errnum == ENODEV)
		return 0;
	*err = why;
	return -1;
}

int
bnd_usb_gone_hook(const struct bnd_root *root, const char *devpath,
    const struct bnd_usb_order *order, struct bnd_usb_settled *s,
    struct bnd_err *err)
{
	SCOPED_USB_DIR struct bnd_usb_dir dir = { .dir = -1, .authorized = -1 };
	SCOPED_FD int lock = -1;
	struct bnd_usb_moment m;
	struct bnd_usb_port p = { 0 };
	struct bnd_err why = { 0 };
	bool present;

	bnd_usb_port_name(devpath, s->port);
	if (look(root, devpath, s->port, &dir, &present, err) == -1)
		return -1;
	s->holds = s->whole = true;
	if (s->port[0] == '\0')
		return 0; /* a controller keeps no file */
	lock = bnd_usb_port_lock(root, s->port, err);
	if (lock == -1)
		return -1;
	if (bnd_usb_port_load(lock, &p, &why) == -1)
		p = (struct bnd_usb_port){ .phase = BND_USB_INTENT };
	bnd_usb_moment_take(root, order->least, &m);
	s->mode = m.mode;
	s->trouble = m.why;
	if (present && p.phase != BND_USB_EMPTY && p.inode == dir.inode) {
		const struct bnd_usb_said said = { .root = root,
			.order = order,
			.port = s->port,
			.mode = m.mode };

		s->spooled =
		    !bnd_usb_record_removed(&said, &p, true, false, &why);
		return 0;
	}
	s->vanished = true;
	if (p.phase != BND_USB_EMPTY)
		bnd_usb_gone(root, order, lock, &p, &m, s);
	return 0;
}
