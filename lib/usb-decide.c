/* usb-decide.c: the verdict of a device, and its claim before the others */
/* SPDX-License-Identifier: ISC */
#include "usb-decide.h"

#include <stdio.h>
#include <string.h>

#include "scope.h"

#define TRIES 3

void
bnd_usb_job_deny(
    struct bnd_usb_job *j, const char *reason, const struct bnd_err *why)
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
is_shut_out(const struct bnd_usb_job *j)
{
	return j->known && j->was.word == BND_USB_DENY && j->was.kinds != 0 &&
	    j->moment.mode >= j->was.mode;
}

void
bnd_usb_job_file(struct bnd_usb_job *j, enum bnd_usb_phase phase)
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

int
bnd_usb_job_announce(struct bnd_usb_job *j, struct bnd_err *err)
{
	bnd_usb_job_file(j, BND_USB_INTENT);
	return j->lock == -1 ? 0 : bnd_usb_port_store(j->lock, &j->now, err);
}

/* An interface may be on and nobody have looked for its driver. */
static bool
is_unfinished(const struct bnd_usb_job *j)
{
	return j->known && j->was.phase == BND_USB_INTENT && !j->redone &&
	    j->s->verdict.word == BND_USB_ADMIT;
}

bool
bnd_usb_job_fits(const struct bnd_usb_job *j)
{
	return !is_unfinished(j) && j->is_shown &&
	    bnd_usb_shown_holds(&j->shown, &j->s->verdict) &&
	    bnd_usb_shown_whole(&j->shown, &j->s->verdict);
}

/* Whether its file says already what others must know. */
static bool
is_announced(const struct bnd_usb_job *j)
{
	return j->known && j->was.phase == BND_USB_RESULT &&
	    j->was.word == j->s->verdict.word && !j->was.failed &&
	    bnd_usb_job_fits(j);
}

/*
 * Of a device that was let in whole and may stay in part, what there is to see
 * may be of the interfaces that are to go: they go first.
 */
static void
judge_parts(struct bnd_usb_job *j, const struct bnd_usb_others *others)
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

void
bnd_usb_job_judge(struct bnd_usb_job *j)
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
		bnd_usb_job_deny(j,
		    "hid: it was something else when it was let in; plug it "
		    "in again",
		    NULL);
}

/*
 * Whether others may have what it is to be given: a line of the baseline, or
 * what a rule grants one at a time.  A denial takes nothing from anybody.
 */
static bool
is_contended(const struct bnd_usb_job *j)
{
	const struct bnd_usb_verdict *v = &j->s->verdict;
	bool asks = false;

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		asks |= bnd_usb_rules_ask_others(&j->policy->rules[m]);
	return v->word == BND_USB_ADMIT &&
	    (asks || v->in_baseline || v->console);
}

void
bnd_usb_decide(struct bnd_usb_job *j)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int lock = -1;
	bool contended;

	bnd_usb_job_judge(j);
	if (j->lock == -1 || is_announced(j))
		return;
	contended = is_contended(j);
	for (unsigned i = 0; contended && i < TRIES; i++) {
		bnd_close_fd(&lock);
		/* Those that came while we waited are asked before, too. */
		if (i > 0)
			bnd_usb_job_judge(j);
		lock = bnd_usb_peers_lock(j->root, &why);
		j->peers.quick = lock != -1;
		bnd_usb_job_judge(j);
		j->peers.quick = false;
		if (lock == -1 || !j->peers.missed)
			break;
	}
	if (contended && lock == -1 && j->s->verdict.word == BND_USB_ADMIT) {
		bnd_usb_job_failed(j, &why);
		bnd_usb_job_deny(j, "the other devices cannot be told", &why);
	}
	if (bnd_usb_job_announce(j, &why) == 0)
		return;
	bnd_usb_job_failed(j, &why);
	if (j->s->verdict.word == BND_USB_ADMIT) {
		j->s->refused = true;
		bnd_usb_job_deny(j, "its port's file cannot be written", &why);
	}
}
