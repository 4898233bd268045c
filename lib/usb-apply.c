/* usb-apply.c: settle for every device */
/* SPDX-License-Identifier: ISC */
/*
 * The knobs first, so that nothing comes to life behind the pass.  Then every
 * device, parents before their children; again until a pass changes nothing, as
 * others are plugged in meanwhile, and a hub that was let in brings its own.  A
 * device that could not be brought up though it may be is told, and fails
 * nothing: a gadget that stalls must not hold up a change of mode.  Nor is it
 * tried in the next pass: one that hangs takes ten seconds each time.
 */
#include "usb-apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "scope.h"
#include "usb-accepted.h"
#include "usb-bus.h"
#include "usb-left.h"
#include "usb-gone.h"
#include "usb-knob.h"
#include "usb-moment.h"
#include "usb-peers.h"
#include "usb-record.h"
#include "usb-walk.h"

#define PASSES	 5
#define HANG_MS	 12000 /* to be refused a configuration, and to be undone */
#define ROWS_MAX 2048

struct all {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	struct bnd_usb_report *r;
	bool knobs; /* they are as they should be */
	bool changed;
	bool full;
};

/* ---- rows ---- */

static struct bnd_usb_row *
row_of(struct all *a, const char *path)
{
	struct bnd_usb_report *r = a->r;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->row[i].path, path) == 0)
			return &r->row[i];
	if (r->n == ROWS_MAX) {
		a->full = true;
		return NULL;
	}
	return &r->row[r->n++];
}

/* It may be let in, and could not be brought up. */
static bool
has_failed(const struct bnd_usb_settled *s)
{
	return s->holds && !s->whole && !s->vanished && !s->refused;
}

/* The last answer counts; what was done and recorded on the way stays. */
static void
take(void *ctx, const struct bnd_usb_row *row)
{
	struct all *a = ctx;
	struct bnd_usb_row *old = row_of(a, row->path);
	struct bnd_usb_settled was;

	a->changed |= row->s.changed && !has_failed(&row->s);
	if (old == NULL)
		return;
	was = old->s;
	*old = *row;
	old->s.changed |= was.changed;
	old->s.spooled |= was.spooled;
	old->s.trip |= was.trip;
}

/* ---- the steps ---- */

static void
knobs(struct all *a)
{
	struct bnd_notes *notes = &a->r->findings;
	struct bnd_err why = { 0 };
	size_t before = notes->n;

	if (!a->order->only_look && bnd_usb_knob_set(a->root, &why) == -1)
		bnd_note(notes, "default", "%s", why.text);
	why = (struct bnd_err){ 0 };
	if (bnd_usb_knob_look(a->root, &a->knobs, notes, &why) == -1) {
		bnd_note(notes, "default", "%s", why.text);
		a->knobs = false;
	}
	/* What the next boot begins with is for whoever looks. */
	if (a->order->only_look)
		a->r->no |= notes->n > before;
	else if (a->knobs)
		notes->n = before;
}

/* Edited files count from here on, if this run may take them in. */
static void
take_policy(struct all *a)
{
	SCOPED_FREE struct bnd_usb_policy *p = calloc(1, sizeof(*p));
	const struct bnd_usb_said said = {
		.root = a->root, .order = a->order, .mode = a->r->mode
	};
	struct bnd_err why = { 0 };

	if (p == NULL || a->order->only_look)
		/* cppcheck-suppress memleak ; it is SCOPED_FREE */
		return;
	if (bnd_usb_policy_take(
		a->root, a->order->txn, a->order->repair, p, &why) == 0)
		bnd_text_to_hex(p->digest, BND_HASH_LEN, a->r->policy);
	else if (!a->r->absent)
		bnd_note(&a->r->findings, "policy", "%s", why.text);
	if (p->accepted && !a->r->absent)
		a->r->unlogged |= !bnd_usb_record_policy(&said, p, &why);
	bnd_usb_policy_free(p);
}

static bool
is_given_up(const struct all *a, const char *path)
{
	for (size_t i = 0; i < a->r->n; i++)
		if (strcmp(a->r->row[i].path, path) == 0)
			return has_failed(&a->r->row[i].s);
	return false;
}

static void
leave_out_failed(const struct all *a, struct bnd_usb_paths *paths)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (is_given_up(a, paths->path[i]))
			free(paths->path[i]);
		else
			paths->path[kept++] = paths->path[i];
	}
	paths->n = kept;
}

static int
pass(struct all *a, unsigned left_ms, struct bnd_err *err)
{
	const struct bnd_usb_taker taker = { take, a };
	struct bnd_usb_order order = *a->order;
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };

	a->changed = false;
	order.up_until_ms =
	    bnd_clock_ms() + (left_ms > HANG_MS ? left_ms - HANG_MS : 0);
	if (bnd_usb_walk(a->root, &paths, err) == -1)
		return -1;
	leave_out_failed(a, &paths);
	return bnd_usb_bus_run(a->root, &order, &paths, left_ms, &taker, err);
}

/*
 * When time is up every device was looked at, at the least.  Somebody may keep
 * plugging, or make the others wait; each has its own hook.
 */
static void
passes(struct all *a)
{
	uint64_t now = bnd_clock_ms(), end_ms = now + BND_USB_APPLY_MS;
	struct bnd_err why = { 0 };

	for (unsigned i = 0; i < PASSES && now < end_ms; i++) {
		if (pass(a, (unsigned)(end_ms - now), &why) == -1) {
			bnd_note(&a->r->findings, "walk", "%s", why.text);
			a->r->sealed = false;
			return;
		}
		if (!a->changed || a->order->only_look)
			return;
		now = bnd_clock_ms();
	}
}

/* Whose removal nobody has told of: its hook was not run, or was killed. */
static void
sweep_one(struct all *a, const struct bnd_usb_peer *p)
{
	struct bnd_usb_settled s = { 0 };
	struct bnd_usb_moment m;
	struct bnd_err why = { 0 };
	struct bnd_usb_port now;
	SCOPED_FD int lock = bnd_usb_port_lock(a->root, p->port, &why);

	if (lock == -1 || bnd_usb_port_load(lock, &now, &why) == -1 ||
	    now.phase != p->p.phase || now.inode != p->p.inode)
		return;
	(void)snprintf(s.port, sizeof(s.port), "%s", p->port);
	bnd_usb_moment_take(a->root, a->order->least, &m);
	bnd_usb_gone(a->root, a->order, lock, &now, &m, &s);
	a->r->trip |= s.trip;
	a->r->unlogged |= s.spooled;
}

static void
sweep(struct all *a)
{
	SCOPED_USB_PEERS struct bnd_usb_peers peers = { 0 };
	struct bnd_err why = { 0 };

	/* What could not be looked at has not gone. */
	if (bnd_usb_peers_read(a->root, NULL, &peers, &why) == -1 || peers.lost)
		return;
	for (size_t i = 0; i < peers.n; i++)
		if (peers.peer[i].file && !peers.peer[i].there)
			sweep_one(a, &peers.peer[i]);
}

/* By what the rows say: a device that hangs is not waited for a second time. */
static void
count_left(struct all *a)
{
	struct bnd_usb_report *r = a->r;
	SCOPED_FREE struct bnd_usb_policy *p = calloc(1, sizeof(*p));
	SCOPED_FREE struct bnd_usb_item *item = calloc(r->n + 1, sizeof(*item));
	struct bnd_err why = { 0 };

	if (p == NULL || item == NULL)
		/* cppcheck-suppress memleak ; they are SCOPED_FREE */
		return;
	(void)!bnd_usb_policy_take(a->root, NULL, false, p, &why);
	r->counted = bnd_usb_left_begin(a->root, p, &r->left, &why) == 0;
	bnd_usb_left_add(&r->left, item, bnd_usb_report_items(r, false, item));
	bnd_usb_policy_free(p);
}

int
bnd_usb_apply(const struct bnd_root *root, const struct bnd_usb_order *order,
    struct bnd_usb_report *r, struct bnd_err *err)
{
	struct all a = { .root = root, .order = order, .r = r };
	struct bnd_usb_moment m;

	bnd_usb_moment_take(root, order->least, &m);
	*r = (struct bnd_usb_report){ .mode = m.mode,
		.sealed = true,
		.why = m.why,
		.absent = !bnd_usb_is_here(root) };
	/* USB may come later in this mode, as a module. */
	take_policy(&a);
	if (r->absent)
		return 0;
	r->row = calloc(ROWS_MAX, sizeof(*r->row));
	if (r->row == NULL)
		return bnd_fail_errno(err, "cannot settle the devices");
	knobs(&a);
	passes(&a);
	if (!order->only_look)
		sweep(&a);
	r->sealed &= a.knobs && !a.full;
	bnd_usb_report_sum(r);
	count_left(&a);
	return 0;
}
