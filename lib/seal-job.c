/* seal-job.c: one run of the seal: its mode, its list, its sockets */
/* SPDX-License-Identifier: ISC */
#include "seal-job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nft-rule.h"
#include "scope.h"
#include "seal-tried.h"
#include "sign.h"
#include "state.h"
#include "text.h"

#define LEAVING_MS 2000

bool
bnd_job_has_list(enum bnd_mode m)
{
	return m == BND_RESTRICTED || m == BND_TRUSTED;
}

/* Which mode to enforce by this state; false if it is not the order's. */
static bool
authorise(struct bnd_job *j, const struct bnd_state *st)
{
	const struct bnd_seal_order *o = j->order;

	j->loosening = false;
	j->underway = o->txn != NULL && st->phase != BND_STABLE &&
	    strcmp(o->txn, st->txn) == 0;
	j->s->mode = st->effective;
	if (o->mode == BND_MODE_NONE || o->mode == st->effective)
		return true;
	if (o->mode > st->effective || o->mode < st->txn_to || o->txn == NULL ||
	    st->phase != BND_LEAVING || strcmp(o->txn, st->txn) != 0 ||
	    st->txn_pid != (int)o->parent ||
	    bnd_request_strictest(j->root) > o->mode)
		return false;
	j->loosening = true;
	j->s->mode = o->mode;
	return true;
}

void
bnd_job_consult(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	struct bnd_state st;

	if (bnd_state_load(j->root, &st, &why) == -1) {
		if (!j->s->unusable)
			bnd_note(&j->s->findings, "state", "%s", why.text);
		j->s->unusable = true;
	}
	if (!authorise(j, &st) && !j->s->no) {
		bnd_note(&j->s->findings, "mode", "%s is asked, %s is in force",
		    bnd_mode_name(j->order->mode), bnd_mode_name(st.effective));
		j->s->no = true;
	}
}

static void
pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

void
bnd_job_wait(const struct bnd_root *root)
{
	struct bnd_err none = { 0 };
	struct bnd_state st;
	int waited;

	for (waited = 0; waited < LEAVING_MS; waited += 20) {
		if (bnd_state_load(root, &st, &none) == -1 ||
		    st.phase != BND_LEAVING)
			return;
		pause_ms(20);
	}
}

static void
list_trouble(struct bnd_seal *s, const struct bnd_err *why)
{
	if (why->kind == BND_E_UNSAFE)
		s->unsafe = true;
	else
		s->trouble = true;
	bnd_note(&s->findings, "list", "%s", why->text);
}

/* Whether the copy accepted last is what a transaction is to use. */
static bool
repairs(struct bnd_job *j)
{
	struct bnd_err none = { 0 };

	return j->order->repair &&
	    bnd_accepted_load(j->root, j->list, &none) == 0;
}

void
bnd_job_load_list(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	struct bnd_seal *s = j->s;

	if (!bnd_job_has_list(s->mode))
		return;
	if (j->order->txn != NULL) {
		if (!repairs(j) &&
		    bnd_list_for_apply(j->root, j->list, &s->edited, &why) ==
			-1)
			list_trouble(s, &why);
		return;
	}
	if (bnd_job_load_try(j))
		return;
	if (bnd_accepted_load(j->root, j->list, &why) == -1 &&
	    why.errnum != ENOENT) {
		bnd_note(&s->findings, "list", "%s", why.text);
		s->no = true;
	}
	if (bnd_list_is_edited(j->root, j->list)) {
		bnd_note(&s->findings, "list",
		    "/" BND_LIST_PATH " is not the list in force");
		s->no = true;
	}
}

void
bnd_job_accept_list(struct bnd_job *j)
{
	SCOPED_FREE struct bnd_listfile *old = calloc(1, sizeof *old);
	struct bnd_seal *s = j->s;
	struct bnd_err why = { 0 };

	if (!bnd_job_has_list(s->mode))
		/* cppcheck-suppress memleak ; it is SCOPED_FREE */
		return;
	bnd_text_to_hex(j->list->digest, BND_HASH_LEN, s->list_digest);
	if (j->order->txn == NULL || s->unsafe || s->trouble || old == NULL)
		return;
	if (bnd_accepted_load(j->root, old, &why) == 0 &&
	    bnd_same(old->digest, j->list->digest, BND_HASH_LEN))
		return;
	if (j->list->len == 0 && why.errnum == ENOENT)
		return; /* no file, and there never was one */
	if (bnd_accepted_store(j->root, j->list, &why) == -1)
		list_trouble(s, &why);
	else
		s->accepted = true;
}

enum bnd_mode
bnd_mode_abroad(enum bnd_mode host)
{
	if (host < BND_TRUSTED)
		return BND_OPEN;
	return host < BND_LOCKDOWN ? BND_AIRGAP : BND_LOCKDOWN;
}

struct bnd_rules_in
bnd_job_rules(const struct bnd_job *j)
{
	static const struct bnd_netlist none;

	if (j->abroad)
		return (
		    struct bnd_rules_in){ .mode = bnd_mode_abroad(j->s->mode),
			.list = &none,
			.link = j->s->links.id,
			.links = j->s->links.n };
	return (struct bnd_rules_in){ .mode = j->s->mode,
		.list = &j->list->list,
		.link = j->s->links.id,
		.links = j->s->links.n,
		.every = j->every };
}

int
bnd_job_sockets(struct bnd_job *j, struct bnd_err *err)
{
	int r = 0;

	if (j->rt.fd == -1 && bnd_nl_open(&j->rt, NETLINK_ROUTE, err) == -1)
		r = -1;
	if (j->nf.fd != -1 || j->no_nft ||
	    bnd_nl_open(&j->nf, NETLINK_NETFILTER, err) == 0)
		return r;
	j->no_nft = err->errnum == EPROTONOSUPPORT;
	return j->no_nft ? r : -1;
}

int
bnd_job_open(struct bnd_job *j, struct bnd_err *err)
{
	struct bnd_err later = { 0 };

	j->nf.fd = j->rt.fd = -1;
	j->every = bnd_nft_writes_every();
	j->list = calloc(1, sizeof *j->list);
	if (j->list == NULL)
		return bnd_fail_errno(err, "list");
	(void)bnd_job_sockets(j, &later);
	return 0;
}

void
bnd_job_close(struct bnd_job *j)
{
	bnd_nl_close(&j->rt);
	j->s->held = j->nf;
	free(j->list);
}
