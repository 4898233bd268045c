/* usb-settle.c: look at one device, decide, do it, read it back */
/* SPDX-License-Identifier: ISC */
/*
 * The steps, and what each must not do:
 *
 *	1 open		the directory, and authorized in it, before anything is
 *			read: whatever is plugged in later has other ones
 *	2 lock		the port's file; nothing else is held while a device is
 *			written to, as it decides how long that takes
 *	3 moment	mode and generation, without a lock; unusable: LOCKDOWN
 *	4 view		every attribute through the directory
 *	5 decide	usb-decide.c: who contends with others claims what he is
 *			to have in his port's file, under the lock of all ports
 *	6 intent	usb-enforce.c, 6 to 8: on disk before the first 1 is
 *			written
 *	7 do it		usb-bring.c
 *	8 read back	and decide again by what the drivers have made of it
 *	9 moment	once more: another one is begun again, three times, and
 *			then it is denied
 *	10 record	what was read back
 *
 * Killed anywhere, the port's file says so (phase intent, or nothing), and the
 * next settle looks at the kernel and decides anew.  A device that was let in
 * and turned out to be something else stays out: its file keeps what it was.
 */
#include "usb-settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "usb-accepted.h"
#include "usb-decide.h"
#include "usb-enforce.h"
#include "usb-gone.h"
#include "usb-job.h"
#include "usb-knob.h"
#include "usb-left.h"

#define TRIES	   3
#define CONNECT_MS 100

/* ---- 3, 4: what there is to know ---- */

static void
name_it(struct bnd_usb_job *j)
{
	struct bnd_usb_settled *s = j->s;

	(void)snprintf(s->id, sizeof(s->id), "%04x:%04x", j->view->desc.vendor,
	    j->view->desc.product);
	bnd_text_show(j->view->d.name, s->name, sizeof(s->name));
	memcpy(s->identity, j->view->d.identity, sizeof(s->identity));
}

static void
load_policy(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	bnd_usb_policy_free(j->policy);
	/* One device takes nothing in: an apply has done so, or nobody. */
	(void)!bnd_usb_policy_take(j->root, NULL, false, j->policy, &why);
	j->s->trouble = j->moment.why;
	if (j->s->trouble.kind == BND_E_NONE && !j->policy->usable)
		j->s->trouble = j->policy->why;
}

static unsigned
connect_ms(const struct bnd_usb_policy *p)
{
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		if (bnd_usb_rules_ask_connect(&p->rules[m]))
			return CONNECT_MS;
	return 0;
}

static int
read_all(struct bnd_usb_job *j, struct bnd_err *err)
{
	bnd_usb_moment_take(j->root, j->order->least, &j->moment);
	j->s->mode = j->moment.mode;
	load_policy(j);
	memset(j->view, 0, sizeof(*j->view));
	j->known =
	    j->was.phase != BND_USB_EMPTY && j->was.inode == j->dir.inode;
	if (bnd_usb_view_read(&j->dir, connect_ms(j->policy), j->view, err) ==
	    -1)
		return -1;
	name_it(j);
	j->known &= j->was.devnum == j->view->devnum;
	return bnd_usb_job_look(j, err);
}

/* ---- 9, 10: what it came to, on record ---- */

/* Shut out though admitted is "no"; more than the verdict is not enforced. */
static void
sum_up(struct bnd_usb_job *j)
{
	struct bnd_usb_settled *s = j->s;

	s->types = bnd_usb_types(&j->view->d, j->policy);
	s->stays = bnd_usb_stays(&j->view->d, j->policy);
	s->holds = j->dead ||
	    (j->is_shown && bnd_usb_shown_holds(&j->shown, &s->verdict));
	/* Whatever went wrong on the way is told, though it holds. */
	s->whole = s->holds && s->why.kind == BND_E_NONE &&
	    j->shut.kind == BND_E_NONE &&
	    (j->dead || bnd_usb_shown_whole(&j->shown, &s->verdict));
	if (s->holds && j->shut.kind != BND_E_NONE) {
		s->why = j->shut;
		return;
	}
	if (!s->holds && s->why.kind != BND_E_ENFORCER)
		(void)bnd_fail(&s->why, BND_E_ENFORCER,
		    "%s: NOT ENFORCED: %.180s", s->port,
		    s->why.kind != BND_E_NONE ? s->why.text
					      : "it has more than its verdict");
	else if (s->holds && !s->whole && !s->refused)
		(void)bnd_fail(&s->why, BND_E_DENIED, "%s: %.200s", s->port,
		    s->why.kind != BND_E_NONE ? s->why.text
					      : "it may be let in and is not");
}

static bool
is_news(const struct bnd_usb_job *j)
{
	if (j->lock == -1)
		return j->s->changed;
	return j->s->changed || !j->known || j->was.phase != BND_USB_RESULT ||
	    j->was.word != j->now.word || j->was.failed != j->now.failed;
}

static bool
same_file(const struct bnd_usb_port *a, const struct bnd_usb_port *b)
{
	char one[BND_USB_PORT_FILE_MAX], two[BND_USB_PORT_FILE_MAX];
	struct bnd_usb_port c = *b;
	size_t n, m;

	memcpy(c.boot, a->boot, sizeof(c.boot));
	return bnd_usb_port_pack(a, one, &n, NULL) == 0 &&
	    bnd_usb_port_pack(&c, two, &m, NULL) == 0 && n == m &&
	    memcmp(one, two, n) == 0;
}

static void
record(struct bnd_usb_job *j)
{
	struct bnd_usb_settled *s = j->s;
	struct bnd_usb_said said = bnd_usb_job_said(j);
	struct bnd_err why = { 0 };
	bool stored;

	s->trip = !j->known && s->verdict.word != BND_USB_ADMIT &&
	    !s->verdict.in_baseline && bnd_usb_moment_trips(&j->moment);
	stored = j->now.phase == BND_USB_INTENT;
	bnd_usb_job_file(j, BND_USB_RESULT);
	j->now.failed = j->failed || s->refused || !s->holds;
	if (is_news(j)) {
		if (j->alert)
			s->spooled |= !bnd_usb_record_alert(
			    &said, j->view, &s->verdict, &why);
		s->spooled |= !bnd_usb_record_result(&said, j->view,
		    j->is_shown && !j->dead ? &j->shown : NULL, s, j->below,
		    &why);
	}
	if (j->lock == -1 || (!stored && same_file(&j->was, &j->now)))
		return;
	why = (struct bnd_err){ 0 };
	if (bnd_usb_port_store(j->lock, &j->now, &why) == -1)
		bnd_usb_job_failed(j, &why);
}

/* It went in our hands: its own removal, when it comes, finds the rest. */
static void
vanish(struct bnd_usb_job *j)
{
	struct bnd_usb_said said = bnd_usb_job_said(j);
	struct bnd_err why = { 0 };

	j->s->vanished = j->s->holds = j->s->whole = true;
	j->s->why = (struct bnd_err){ 0 };
	if (j->now.phase != BND_USB_INTENT || j->lock == -1)
		return;
	if (j->said)
		j->s->spooled |= !bnd_usb_record_vanished(&said, &j->now, &why);
	j->now.phase = BND_USB_RESULT;
	j->now.failed = true;
	if (bnd_usb_port_store(j->lock, &j->now, &why) == -1)
		j->s->why = why;
}

/* ---- all of them ---- */

/* Another device was here, and nobody has said that it went. */
static void
close_old(struct bnd_usb_job *j)
{
	struct bnd_usb_settled s = { 0 };

	if (j->was.phase == BND_USB_EMPTY || j->was.inode == j->dir.inode ||
	    j->was.identity[0] == '\0' || j->lock == -1)
		return;
	memcpy(s.port, j->s->port, sizeof(s.port));
	bnd_usb_moment_take(j->root, j->order->least, &j->moment);
	bnd_usb_gone(j->root, j->order, j->lock, &j->was, &j->moment, &s);
	j->s->trip |= s.trip;
	j->s->spooled |= s.spooled;
	j->was = (struct bnd_usb_port){ 0 };
}

static void
one_try(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	j->s->why = (struct bnd_err){ 0 };
	j->s->refused = j->failed = j->gone = j->alert = false;
	j->dead = j->redone = false;
	j->is_shown = false;
	bnd_usb_peers_forget(&j->peers);
	if (read_all(j, &why) == -1) {
		bnd_usb_job_failed(j, &why);
		if (j->gone)
			return;
		/* What cannot be read cannot be decided. */
		bnd_usb_job_deny(j, "it cannot be read", &why);
	} else {
		bnd_usb_decide(j);
	}
	if (!j->order->only_look)
		bnd_usb_enforce(j);
}

static bool
has_moved(const struct bnd_usb_job *j)
{
	struct bnd_usb_moment m;

	if (j->gone || j->order->only_look)
		return false;
	bnd_usb_moment_take(j->root, j->order->least, &m);
	return !bnd_usb_moment_same(&j->moment, &m);
}

/* The mode changes faster than a device can be decided: none of them has it. */
static void
give_up(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };

	bnd_usb_job_deny(j, "the mode changed three times meanwhile", NULL);
	(void)!bnd_usb_job_announce(j, &why);
	bnd_usb_job_down(j);
	why = (struct bnd_err){ 0 };
	if (!j->gone && bnd_usb_job_look(j, &why) == -1)
		bnd_usb_job_failed(j, &why);
}

static void
settle_device(struct bnd_usb_job *j)
{
	bool trip;
	unsigned i;

	close_old(j);
	trip = j->s->trip;
	for (i = 0; i < TRIES; i++) {
		one_try(j);
		if (!has_moved(j))
			break;
	}
	if (i == TRIES)
		give_up(j);
	if (j->gone) {
		vanish(j);
		return;
	}
	sum_up(j);
	if (!j->order->only_look)
		record(j);
	j->s->trip |= trip;
}

/* The file that cannot be believed is nobody's intent. */
static int
open_port(struct bnd_usb_job *j, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int r;

	if (j->order->only_look) {
		r = bnd_usb_port_peek(j->root, j->s->port, &j->was, &why);
	} else {
		j->lock = bnd_usb_port_lock(j->root, j->s->port, &j->shut);
		if (j->lock == -1 && j->shut.kind == BND_E_BUSY) {
			*err = j->shut;
			return -1;
		}
		if (j->lock == -1)
			return 0;
		r = bnd_usb_port_load(j->lock, &j->was, &why);
	}
	if (r == -1 && why.kind != BND_E_CORRUPT)
		j->was = (struct bnd_usb_port){ 0 };
	return 0;
}

/* ---- a controller, whose knobs are all of it ---- */

static void
settle_controller(struct bnd_usb_job *j)
{
	SCOPED_FREE struct bnd_notes *notes = calloc(1, sizeof(*notes));
	struct bnd_usb_settled *s = j->s;
	struct bnd_usb_said said;
	struct bnd_err why = { 0 };
	bool bus = false, all = false;

	bnd_usb_moment_take(j->root, j->order->least, &j->moment);
	s->controller = true;
	s->mode = j->moment.mode;
	if (notes == NULL) {
		(void)bnd_fail_errno(&s->why, "cannot look at %s", s->port);
		return;
	}
	if (bnd_usb_knob_look_bus(&j->dir, &bus, notes, &why) == -1)
		bus = false;
	if (bnd_usb_knob_look(j->root, &all, notes, &why) == -1)
		all = false;
	s->holds = s->whole = bus && all;
	if (s->holds || j->order->only_look) {
		if (!s->holds)
			(void)bnd_fail(&s->why, BND_E_ENFORCER, "%s: %.180s",
			    s->port,
			    notes->n > 0 ? notes->note[0].text : why.text);
		return;
	}
	why = (struct bnd_err){ 0 };
	s->changed = true;
	s->holds = bnd_usb_knob_set(j->root, &why) == 0;
	s->holds &= bnd_usb_knob_set_bus(&j->dir, &why) == 0;
	s->whole = s->holds;
	if (!s->holds)
		(void)bnd_fail(&s->why, BND_E_ENFORCER,
		    "%s: NOT ENFORCED: %.180s", s->port, why.text);
	said = bnd_usb_job_said(j);
	s->spooled = !bnd_usb_record_controller(&said, s->holds, &why);
}

/* One that cannot be opened cannot be shown to have no more than it may. */
static int
no_device(struct bnd_usb_job *j, const char *devpath, const struct bnd_err *why,
    struct bnd_err *err)
{
	struct bnd_usb_settled *s = j->s;

	if (why->kind == BND_E_INPUT) {
		*err = *why;
		return -1;
	}
	bnd_usb_port_name(devpath, s->port);
	s->vanished = s->holds = s->whole =
	    why->errnum == ENOENT || why->errnum == ENODEV;
	if (!s->vanished)
		(void)bnd_fail(&s->why, BND_E_ENFORCER,
		    "%s: NOT ENFORCED: %.180s", s->port, why->text);
	return 0;
}

static int
settle(struct bnd_usb_job *j, const char *devpath, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_usb_dir_open(
		j->root, devpath, !j->order->only_look, &j->dir, &why) == -1)
		return no_device(j, devpath, &why, err);
	memcpy(j->s->port, j->dir.port, sizeof(j->s->port));
	if (j->dir.controller) {
		settle_controller(j);
		return 0;
	}
	if (open_port(j, err) == -1)
		return -1;
	settle_device(j);
	return 0;
}

int
bnd_usb_settle(const struct bnd_root *root, const char *devpath,
    const struct bnd_usb_order *order, struct bnd_usb_view *view,
    struct bnd_usb_settled *s, struct bnd_err *err)
{
	struct bnd_usb_job j = { .root = root,
		.order = order,
		.view = view,
		.s = s,
		.dir = { .dir = -1, .authorized = -1 },
		.lock = -1 };
	int r;

	*s = (struct bnd_usb_settled){ 0 };
	if (order->removed)
		return bnd_usb_gone_hook(root, devpath, order, s, err);
	j.policy = calloc(1, sizeof(*j.policy));
	if (j.policy == NULL)
		return bnd_fail_errno(err, "cannot settle %.100s", devpath);
	r = settle(&j, devpath, err);
	bnd_usb_dir_close(&j.dir);
	bnd_usb_peers_free(&j.peers);
	bnd_usb_policy_free(j.policy);
	free(j.policy);
	bnd_close_fd(&j.lock);
	return r;
}
