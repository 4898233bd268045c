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
 *	5 decide	under the lock of all ports; who is to be admitted claims
 *			it in his port's file before that is given back
 *	6 intent	on disk before the first 1 is written
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

#include "clock.h"
#include "scope.h"
#include "usb-accepted.h"
#include "usb-bring.h"
#include "usb-gone.h"
#include "usb-knob.h"
#include "usb-left.h"
#include "usb-moment.h"
#include "usb-peers.h"
#include "usb-record.h"
#include "usb-seen.h"

#define TRIES	   3
#define PASSES	   3
#define CONNECT_MS 100
#define BELOW_MAX  400

struct job {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	struct bnd_usb_view *view;
	struct bnd_usb_settled *s;
	struct bnd_usb_dir dir;
	struct bnd_usb_policy *policy; /* owned */
	struct bnd_usb_peers peers;
	struct bnd_usb_moment moment;
	int lock; /* the port's; -1 if nothing is to be written to it */
	struct bnd_err shut; /* why it could not be had, though it should */
	struct bnd_usb_port was, now; /* its file, as found and as it will be */
	bool known;  /* was speaks of the device that is here */
	bool said;   /* an intent is on record */
	bool failed; /* admitted, and could not be brought up */
	bool alert;  /* was let in, and is not what it said */
	bool gone;
	bool dead;   /* by our own hand */
	bool redone; /* what somebody had begun and not finished */
	struct bnd_usb_shown shown;
	bool is_shown;
	char below[BELOW_MAX]; /* ports that go with a hub */
};

static struct bnd_usb_said
said_by(const struct job *j)
{
	return (struct bnd_usb_said){ .root = j->root,
		.order = j->order,
		.port = j->s->port,
		.mode = j->s->mode };
}

/* A failure that may be the device's going; else it is kept, the first one. */
static void
failed(struct job *j, const struct bnd_err *why)
{
	if ((why->errnum == ENOENT || why->errnum == ENODEV) &&
	    bnd_usb_bring_gone(j->root, &j->dir)) {
		j->gone = true;
		return;
	}
	if (j->s->why.kind == BND_E_NONE)
		j->s->why = *why;
}

/* ---- 5: decide ---- */

static void
deny(struct job *j, const char *reason, const struct bnd_err *why)
{
	struct bnd_usb_verdict *v = &j->s->verdict;
	bool in_baseline = v->in_baseline;

	*v = (struct bnd_usb_verdict){ .word = BND_USB_DENY,
		.in_baseline = in_baseline,
		.by = j->moment.mode };
	(void)snprintf(v->reason, sizeof(v->reason), "%s%s%.150s", reason,
	    why != NULL ? ": " : "", why != NULL ? why->text : "");
}

/*
 * It was let in, in this mode or a laxer one, and turned out to be something
 * else: it is not let in a second time to find out.  Its kinds are kept only of
 * such a one, and the mode that shut it out.
 */
static bool
is_shut_out(const struct job *j)
{
	return j->known && j->was.word == BND_USB_DENY && j->was.kinds != 0 &&
	    j->moment.mode >= j->was.mode;
}

static void
fill_file(struct job *j, enum bnd_usb_phase phase)
{
	const struct bnd_usb_verdict *v = &j->s->verdict;
	struct bnd_usb_port *p = &j->now;

	*p = (struct bnd_usb_port){ .phase = phase,
		.devnum = j->view->devnum,
		.inode = j->dir.inode,
		.word = v->word,
		.mode = j->s->mode,
		.console = v->console,
		.in_baseline = v->in_baseline };
	if (v->word == BND_USB_ADMIT || j->alert)
		p->kinds = j->view->d.seen.kinds;
	else if (is_shut_out(j)) {
		p->kinds = j->was.kinds;
		p->mode = j->was.mode;
	}
	memcpy(p->identity, j->view->d.identity, sizeof(p->identity));
	memcpy(p->hash, j->view->d.hash, sizeof(p->hash));
}

/* The file before the deed: others go by it, and so does the next settle. */
static int
announce(struct job *j, struct bnd_err *err)
{
	fill_file(j, BND_USB_INTENT);
	return j->lock == -1 ? 0 : bnd_usb_port_store(j->lock, &j->now, err);
}

/* An interface may be on and nobody have looked for its driver. */
static bool
is_unfinished(const struct job *j)
{
	return j->known && j->was.phase == BND_USB_INTENT && !j->redone &&
	    j->s->verdict.word == BND_USB_ADMIT;
}

static bool
fits(const struct job *j)
{
	return !is_unfinished(j) && j->is_shown &&
	    bnd_usb_shown_holds(&j->shown, &j->s->verdict) &&
	    bnd_usb_shown_whole(&j->shown, &j->s->verdict);
}

/* Whether its file says already what others must know. */
static bool
is_announced(const struct job *j)
{
	return j->known && j->was.phase == BND_USB_RESULT &&
	    j->was.word == j->s->verdict.word && !j->was.failed && fits(j);
}

/*
 * Of a device that was let in whole and may stay in part, what there is to see
 * may be of the interfaces that are to go: they go first.
 */
static void
judge_parts(struct job *j, const struct bnd_usb_others *others)
{
	struct bnd_usb_device *d = &j->view->d;
	const struct bnd_usb_seen seen = d->seen;
	struct bnd_usb_verdict v;

	if (!j->is_shown || !j->policy->filter)
		return;
	d->seen = (struct bnd_usb_seen){ 0 };
	bnd_usb_judge(d, j->policy, j->moment.mode, others, &v);
	d->seen = seen;
	if (v.part && !bnd_usb_shown_holds(&j->shown, &v))
		j->s->verdict = v;
}

static void
judge(struct job *j)
{
	struct bnd_usb_device *d = &j->view->d;
	struct bnd_usb_others others = { bnd_usb_peers_any, &j->peers };
	struct bnd_err why = { 0 };

	if (bnd_usb_peers_read(j->root, j->s->port, &j->peers, &why) == -1)
		j->peers.lost = true;
	d->twins = bnd_usb_peers_twins(&j->peers, d->identity);
	d->kept_console = j->known && j->was.phase == BND_USB_RESULT &&
	    j->was.word == BND_USB_ADMIT && j->was.console;
	bnd_usb_judge(d, j->policy, j->moment.mode, &others, &j->s->verdict);
	if (j->s->verdict.alert)
		judge_parts(j, &others);
	if (j->s->verdict.word == BND_USB_ADMIT && is_shut_out(j))
		deny(j,
		    "hid: it was something else when it was let in; plug it "
		    "in again",
		    NULL);
}

/*
 * Whether others may have what it is to be given: a line of the baseline, or
 * what a rule grants one at a time.  A denial takes nothing from anybody.
 */
static bool
is_contended(const struct job *j)
{
	const struct bnd_usb_verdict *v = &j->s->verdict;
	bool asks = false;

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		asks |= bnd_usb_rules_ask_others(&j->policy->rules[m]);
	return v->word == BND_USB_ADMIT &&
	    (asks || v->in_baseline || v->console);
}

/*
 * Decide and claim in one, so that no two can have the same place.  Whoever
 * contends with nobody waits for nobody, as a hundred may come at once.
 */
static void
decide(struct job *j)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int lock = -1;
	bool contended;

	judge(j);
	if (j->lock == -1 || is_announced(j))
		return;
	contended = is_contended(j);
	for (unsigned i = 0; contended && i < TRIES; i++) {
		bnd_close_fd(&lock);
		/* Those that came while we waited are asked before, too. */
		if (i > 0)
			judge(j);
		lock = bnd_usb_peers_lock(j->root, &why);
		j->peers.quick = lock != -1;
		judge(j);
		j->peers.quick = false;
		if (lock == -1 || !j->peers.missed)
			break;
	}
	if (contended && lock == -1 && j->s->verdict.word == BND_USB_ADMIT) {
		failed(j, &why);
		deny(j, "the other devices cannot be told", &why);
	}
	if (announce(j, &why) == 0)
		return;
	failed(j, &why);
	if (j->s->verdict.word == BND_USB_ADMIT) {
		j->s->refused = true;
		deny(j, "its port's file cannot be written", &why);
	}
}

/* ---- 3, 4: what there is to know ---- */

static int
look(struct job *j, struct bnd_err *err)
{
	struct bnd_usb_seen *seen = &j->view->d.seen;

	j->is_shown = false;
	if (bnd_usb_shown_read(&j->dir, &j->shown, err) == -1)
		return -1;
	j->is_shown = true;
	return j->shown.authorized ? bnd_usb_seen_read(&j->dir, seen, err) : 0;
}

static void
name_it(struct job *j)
{
	struct bnd_usb_settled *s = j->s;

	(void)snprintf(s->id, sizeof(s->id), "%04x:%04x", j->view->desc.vendor,
	    j->view->desc.product);
	bnd_text_show(j->view->d.name, s->name, sizeof(s->name));
	memcpy(s->identity, j->view->d.identity, sizeof(s->identity));
}

static void
load_policy(struct job *j)
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
read_all(struct job *j, struct bnd_err *err)
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
	return look(j, err);
}

/* ---- 6, 7: intent and deed ---- */

/* No durable intent, no authorisation. */
static int
intend(struct job *j)
{
	struct bnd_usb_said said = said_by(j);
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
	deny(j, "nothing is let in without a record", &why);
	return -1;
}

static void
take_down(struct job *j)
{
	struct bnd_err why = { 0 };

	if (j->is_shown && bnd_usb_shown_denied(&j->shown))
		return;
	j->s->changed = true;
	if (bnd_usb_bring_down(j->root, &j->dir, &why) == -1)
		failed(j, &why);
}

static void
name_below(struct job *j)
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

static void
take_up(struct job *j)
{
	struct bnd_err why = { 0 };

	j->s->changed = j->redone = true;
	if (bnd_usb_bring_up(j->root, &j->dir, &j->s->verdict, &why) == 0)
		return;
	failed(j, &why);
	if (j->gone)
		return;
	j->failed = true;
	j->is_shown = false;
	take_down(j);
}

/* What holds can wait; a device that hangs must not take the time of others. */
static bool
is_late(const struct job *j)
{
	return j->order->up_until_ms != 0 && j->is_shown &&
	    bnd_usb_shown_holds(&j->shown, &j->s->verdict) &&
	    bnd_clock_ms() >= j->order->up_until_ms;
}

static void
act(struct job *j)
{
	struct bnd_err why = { 0 };

	if (j->s->verdict.word == BND_USB_ADMIT && is_late(j)) {
		(void)bnd_fail(&why, BND_E_BUSY, "no time was left for it");
		failed(j, &why);
		j->failed = true;
		return;
	}
	if (j->s->verdict.word == BND_USB_ADMIT && intend(j) == 0) {
		take_up(j);
		return;
	}
	name_below(j);
	take_down(j);
	if (j->s->verdict.word != BND_USB_REMOVE || j->gone)
		return;
	j->s->changed = true;
	if (bnd_usb_bring_out(j->root, &j->dir, &why) == -1)
		failed(j, &why);
}

/* ---- 8: read back ---- */

/* By what it has become, and by what the others have. */
static void
judge_again(struct job *j)
{
	judge(j);
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
lose_sight(struct job *j, const struct bnd_err *why)
{
	const bool it_did =
	    why->kind == BND_E_INPUT && j->s->verdict.word == BND_USB_ADMIT;

	if (!it_did)
		failed(j, why);
	if (j->gone || j->s->verdict.word != BND_USB_ADMIT)
		return;
	deny(j, "what it has become cannot be read", why);
	j->now.word = j->s->verdict.word;
	j->alert |= it_did;
	if (it_did)
		j->view->d.seen.kinds |= BND_USB_IS_OTHER;
}

static void
look_again(struct job *j)
{
	struct bnd_err why = { 0 };

	if (j->gone)
		return;
	/* The descriptors are of what was; nothing is believed of them. */
	j->dead = j->s->verdict.word != BND_USB_ADMIT &&
	    bnd_usb_bring_gone(j->root, &j->dir);
	if (j->dead)
		return;
	if (look(j, &why) == -1)
		lose_sight(j, &why);
	else if (!j->failed && j->s->verdict.word == BND_USB_ADMIT)
		judge_again(j);
}

static void
enforce(struct job *j)
{
	bool out = false;

	if (j->shown.authorized && j->s->verdict.alert)
		j->alert = true;
	/* Nothing new without the port's lock, but whatever is too much goes. */
	if (j->lock == -1 && j->s->verdict.word == BND_USB_ADMIT)
		return;
	for (unsigned i = 0; i < PASSES && !j->gone && !j->dead && !j->failed &&
	     !out && (!fits(j) || j->s->verdict.word == BND_USB_REMOVE);
	     i++) {
		out = j->s->verdict.word == BND_USB_REMOVE;
		act(j);
		look_again(j);
	}
	if (j->gone || j->dead || j->failed || out || fits(j))
		return;
	/* It does not come to rest, and is not left as it happens to be. */
	j->failed = j->s->verdict.word == BND_USB_ADMIT;
	take_down(j);
	look_again(j);
}

/* Shut out though admitted is "no"; more than the verdict is not enforced. */
static void
sum_up(struct job *j)
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

/* ---- 10: record ---- */

static bool
is_news(const struct job *j)
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
record(struct job *j)
{
	struct bnd_usb_settled *s = j->s;
	struct bnd_usb_said said = said_by(j);
	struct bnd_err why = { 0 };
	bool stored;

	s->trip = !j->known && s->verdict.word != BND_USB_ADMIT &&
	    !s->verdict.in_baseline && bnd_usb_moment_trips(&j->moment);
	stored = j->now.phase == BND_USB_INTENT;
	fill_file(j, BND_USB_RESULT);
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
		failed(j, &why);
}

/* It went in our hands: its own removal, when it comes, finds the rest. */
static void
vanish(struct job *j)
{
	struct bnd_usb_said said = said_by(j);
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
close_old(struct job *j)
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
one_try(struct job *j)
{
	struct bnd_err why = { 0 };

	j->s->why = (struct bnd_err){ 0 };
	j->s->refused = j->failed = j->gone = j->alert = false;
	j->dead = j->redone = false;
	j->is_shown = false;
	bnd_usb_peers_forget(&j->peers);
	if (read_all(j, &why) == -1) {
		failed(j, &why);
		if (j->gone)
			return;
		/* What cannot be read cannot be decided. */
		deny(j, "it cannot be read", &why);
	} else {
		decide(j);
	}
	if (!j->order->only_look)
		enforce(j);
}

static bool
has_moved(const struct job *j)
{
	struct bnd_usb_moment m;

	if (j->gone || j->order->only_look)
		return false;
	bnd_usb_moment_take(j->root, j->order->least, &m);
	return !bnd_usb_moment_same(&j->moment, &m);
}

/* The mode changes faster than a device can be decided: none of them has it. */
static void
give_up(struct job *j)
{
	struct bnd_err why = { 0 };

	deny(j, "the mode changed three times meanwhile", NULL);
	(void)announce(j, &why);
	take_down(j);
	why = (struct bnd_err){ 0 };
	if (!j->gone && look(j, &why) == -1)
		failed(j, &why);
}

static void
settle_device(struct job *j)
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
open_port(struct job *j, struct bnd_err *err)
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

static void
settle_controller(struct job *j)
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
	said = said_by(j);
	s->spooled = !bnd_usb_record_controller(&said, s->holds, &why);
}

/* One that cannot be opened cannot be shown to have no more than it may. */
static int
no_device(struct job *j, const char *devpath, const struct bnd_err *why,
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
settle(struct job *j, const char *devpath, struct bnd_err *err)
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
	struct job j = { .root = root,
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
