/* usb-enforce.c: a device brought to its verdict, and judged by what it became */
/* SPDX-License-Identifier: ISC */
#include "usb-enforce.h"

#include <stdio.h>

#include "clock.h"
#include "scope.h"
#include "usb-decide.h"
#include "usb-moment.h"
#include "usb-queue.h"

#define PASSES 3

/* No durable intent, no authorisation. */
static int
intend(struct bnd_usb_job *j)
{
	struct bnd_usb_said said = bnd_usb_job_said(j);
	struct bnd_err why = { 0 };
	bool spooled;

	if (j->said || !bnd_usb_shown_lacks(&j->shown, &j->s->verdict))
		return 0;
	if (bnd_usb_record_intent(
		&said, j->view, &j->s->verdict, &spooled, &why) == 0) {
		j->said = true;
		j->s->spooled |= spooled;
		return 0;
	}
	j->s->refused = true;
	(void)bnd_fail(&j->s->why, BND_E_UNLOGGED, "%.200s", why.text);
	bnd_usb_job_deny(j, "nothing is let in without a record", &why);
	return -1;
}

void
bnd_usb_job_down(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	if (j->is_shown && bnd_usb_shown_denied(&j->shown))
		return;
	j->s->changed = true;
	if (bnd_usb_bring_down(j->root, &j->dir, &why) == -1)
		bnd_usb_job_failed(j, &why);
}

static void
name_below(struct bnd_usb_job *j)
{
	size_t len = 0;

	for (size_t i = 0; i < j->peers.n; i++) {
		const char *port = j->peers.peer[i].port;
		int n;

		if (!j->peers.peer[i].there ||
		    !bnd_usb_port_is_below(port, j->s->port))
			continue;
		n = snprintf(j->below + len, sizeof(j->below) - len, "%s%s",
		    len > 0 ? " " : "", port);
		if (n < 0 || (size_t)n >= sizeof(j->below) - len)
			return;
		len += (size_t)n;
	}
}

/* It waited for its bus, and is to be judged anew. */
static bool
is_outdated(const struct bnd_usb_job *j)
{
	struct bnd_usb_moment m;

	bnd_usb_moment_take(j->root, j->order->least, &m);
	return !bnd_usb_moment_same(&j->moment, &m);
}

static void
take_up(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int turn =
	    bnd_usb_queue(j->root, &j->dir, j->order->up_until_ms, &why);

	if (turn != -1 && is_outdated(j))
		return;
	j->s->changed = j->redone = true;
	if (turn != -1 &&
	    bnd_usb_bring_up(j->root, &j->dir, &j->s->verdict, &why) == 0)
		return;
	bnd_usb_job_failed(j, &why);
	if (j->gone)
		return;
	j->failed = true;
	j->is_shown = false;
	bnd_usb_job_down(j);
}

/* What holds can wait; a device that hangs must not take the time of others. */
static bool
is_late(const struct bnd_usb_job *j)
{
	return j->order->up_until_ms != 0 && j->is_shown &&
	    bnd_usb_shown_holds(&j->shown, &j->s->verdict) &&
	    bnd_clock_ms() >= j->order->up_until_ms;
}

static void
act(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	if (j->s->verdict.word == BND_USB_ADMIT && is_late(j)) {
		(void)bnd_fail(&why, BND_E_BUSY, "no time was left for it");
		bnd_usb_job_failed(j, &why);
		j->failed = true;
		return;
	}
	if (j->s->verdict.word == BND_USB_ADMIT && intend(j) == 0) {
		take_up(j);
		return;
	}
	name_below(j);
	bnd_usb_job_down(j);
	if (j->s->verdict.word != BND_USB_REMOVE || j->gone)
		return;
	j->s->changed = true;
	if (bnd_usb_bring_out(j->root, &j->dir, &why) == -1)
		bnd_usb_job_failed(j, &why);
}

/* By what it has become, and by what the others have. */
static void
judge_again(struct bnd_usb_job *j)
{
	bnd_usb_job_judge(j);
	if (j->s->verdict.word == BND_USB_ADMIT)
		return;
	j->alert |= j->s->verdict.alert;
	j->now.word = j->s->verdict.word;
}

/*
 * What cannot be looked at may be anything.  If that is for what it has below it,
 * looking again does not help, and it is not let in a second time for that.
 */
static void
lose_sight(struct bnd_usb_job *j, const struct bnd_err *why)
{
	const bool it_did =
	    why->kind == BND_E_INPUT && j->s->verdict.word == BND_USB_ADMIT;

	if (!it_did)
		bnd_usb_job_failed(j, why);
	if (j->gone || j->s->verdict.word != BND_USB_ADMIT)
		return;
	bnd_usb_job_deny(j, "what it has become cannot be read", why);
	j->now.word = j->s->verdict.word;
	j->alert |= it_did;
	if (it_did)
		j->view->d.seen.kinds |= BND_USB_IS_OTHER;
}

static void
look_again(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	if (j->gone)
		return;
	/* The descriptors are of what was; nothing is believed of them. */
	j->dead = j->s->verdict.word != BND_USB_ADMIT &&
	    bnd_usb_bring_gone(j->root, &j->dir);
	if (j->dead)
		return;
	if (bnd_usb_job_look(j, &why) == -1)
		lose_sight(j, &why);
	else if (!j->failed && j->s->verdict.word == BND_USB_ADMIT)
		judge_again(j);
}

void
bnd_usb_enforce(struct bnd_usb_job *j)
{
	bool out = false;

	if (j->shown.authorized && j->s->verdict.alert)
		j->alert = true;
	/* Nothing new without the port's lock, but whatever is too much goes. */
	if (j->lock == -1 && j->s->verdict.word == BND_USB_ADMIT)
		return;
	for (unsigned i = 0;
	     i < PASSES && !j->gone && !j->dead && !j->failed && !out &&
	     (!bnd_usb_job_fits(j) || j->s->verdict.word == BND_USB_REMOVE);
	     i++) {
		out = j->s->verdict.word == BND_USB_REMOVE;
		act(j);
		look_again(j);
	}
	if (j->gone || j->dead || j->failed || out || bnd_usb_job_fits(j))
		return;
	/* It does not come to rest, and is not left as it happens to be. */
	j->failed = j->s->verdict.word == BND_USB_ADMIT;
	bnd_usb_job_down(j);
	look_again(j);
}
