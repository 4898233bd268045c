/* ceremony-look.c: what stands open, for people */
/* SPDX-License-Identifier: ISC */
#include "ceremony-look.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony-hold.h"
#include "claim.h"
#include "nascent.h"
#include "scope.h"

#define US UINT64_C(1000000)

static uint64_t
seconds_until(uint64_t us, uint64_t now_us)
{
	return us > now_us ? (us - now_us + US - 1) / US : 0;
}

static void
view_open(const struct bnd_open_ceremony *o, const struct bnd_now *now,
    struct bnd_view *v)
{
	uint64_t end = bnd_ceremony_ends_us(o);

	v->is_open = true;
	v->expired = strcmp(o->c.boot, now->boot) != 0 || now->boot_us > end;
	memcpy(v->id, o->id, sizeof(v->id));
	v->c = o->c;
	memcpy(v->text, o->text, sizeof(v->text));
	v->len = o->len;
	v->has_entry = o->has_entry;
	v->entry = o->entry;
	v->left_s = v->expired ? 0 : seconds_until(end, now->boot_us);
	if (o->quorum_us != 0 && !v->expired)
		v->ripe_s = seconds_until(
		    o->quorum_us + o->c.cooldown_s * US, now->boot_us);
}

void
bnd_ceremony_view(
    const struct bnd_ledger *l, const struct bnd_now *now, struct bnd_view *v)
{
	const struct bnd_open_ceremony *o = &l->ceremony;

	memset(v, 0, sizeof(*v));
	v->n = l->approvers;
	memcpy(v->log_id, l->log_id, sizeof(v->log_id));
	memcpy(v->approver, l->approver, sizeof(v->approver));
	memcpy(v->use, l->use, sizeof(v->use));
	if (!o->is_open)
		return;
	view_open(o, now, v);
	v->have = bnd_claim_persons(l);
	for (unsigned i = 0; i < v->n; i++)
		v->approved[i] = (o->approved >> i & 1) != 0;
}

int
bnd_ceremony_look(
    const struct bnd_root *root, struct bnd_view *v, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_verdict *d = calloc(1, sizeof(*d));
	SCOPED_ROOT struct bnd_root nascent = { .fd = -1 };
	const struct bnd_root *at;
	struct bnd_now now;

	memset(v, 0, sizeof(*v));
	if (d == NULL)
		return bnd_fail_errno(err, "cannot read the log");
	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "no ceremony outside the initial time namespace");
	if (bnd_nascent_or_live(root, &nascent, &at, d, err) != 0 ||
	    bnd_clock_now(&now, err) != 0)
		return -1;
	if (d->exit != 0 && d->exit != 6)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the log does not verify (%.150s)", d->first.detail);
	bnd_ceremony_view(&d->ledger, &now, v);
	return 0;
}

int
bnd_view_find(const struct bnd_view *v, const char *name)
{
	for (unsigned i = 0; i < v->n; i++)
		if (strcmp(v->approver[i].name, name) == 0)
			return (int)i;
	return -1;
}
