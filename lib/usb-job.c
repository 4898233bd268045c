/* usb-job.c: one device that is being settled: what is known, what was done */
/* SPDX-License-Identifier: ISC */
#include "usb-job.h"

#include <errno.h>

#include "usb-seen.h"

void
bnd_usb_job_failed(struct bnd_usb_job *j, const struct bnd_err *why)
{
	if ((why->errnum == ENOENT || why->errnum == ENODEV) &&
	    bnd_usb_bring_gone(j->root, &j->dir)) {
		j->gone = true;
		return;
	}
	if (j->s->why.kind == BND_E_NONE)
		j->s->why = *why;
}

struct bnd_usb_said
bnd_usb_job_said(const struct bnd_usb_job *j)
{
	return (struct bnd_usb_said){ .root = j->root,
		.order = j->order,
		.port = j->s->port,
		.mode = j->s->mode };
}

int
bnd_usb_job_look(struct bnd_usb_job *j, struct bnd_err *err)
{
	struct bnd_usb_seen *seen = &j->view->d.seen;

	j->is_shown = false;
	if (bnd_usb_shown_read(&j->dir, &j->shown, err) == -1)
		return -1;
	j->is_shown = true;
	return j->shown.authorized ? bnd_usb_seen_read(&j->dir, seen, err) : 0;
}
