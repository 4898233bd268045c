/* seal-legacy.c: the second engine of a run: the legacy tables */
/* SPDX-License-Identifier: ISC */
#include "seal-legacy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "clock.h"
#include "scope.h"
#include "xt-child.h"

#define LOCK_PATH "run/xtables.lock" /* XT_LOCK_NAME of iptables */
#define LOCK_MS	  2000
#define LOCK_NAP  5000000 /* ns */

/*
 * The libraries take no lock: of two that read the same table the second to
 * write wins, and nobody is told.  So the lock of iptables' own commands is
 * taken, which is flock's; -1 with nothing held when others hold it too long.
 */
static int
lock_tables(struct bnd_job *j, struct bnd_err *err)
{
	const struct timespec nap = { .tv_nsec = LOCK_NAP };
	SCOPED_FD int fd =
	    bnd_root_openat(j->root, LOCK_PATH, O_RDONLY | O_CREAT, 0600, err);
	uint64_t end = bnd_clock_ms() + LOCK_MS;

	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return bnd_fail_errno(err, "/" LOCK_PATH);
		if (bnd_clock_ms() >= end)
			return bnd_fail(err, BND_E_BUSY,
			    "/" LOCK_PATH " is held by somebody else");
		(void)nanosleep(&nap, NULL);
	}
	return take_fd(&fd);
}

static bool
is_there(void)
{
	return bnd_xt_there(4) == BND_XT_UNSEEN ||
	    bnd_xt_there(6) == BND_XT_UNSEEN;
}

/* ---- what came of it ---------------------------------------------------------- */

static const char *const flaws[] = {
	[BND_XT_SAME] = "as it should be",
	[BND_XT_NO_CHAIN] = "is not there",
	[BND_XT_NO_JUMP] = "is not the first jump of its hook",
	[BND_XT_STRAY] = "belongs to no rule of this mode",
	[BND_XT_RULE] = "differs",
	[BND_XT_MISSING] = "is missing",
	[BND_XT_SURPLUS] = "is one too many",
};

static void
note_diffs(const struct bnd_xt_diffs *diffs, struct bnd_notes *notes)
{
	for (unsigned i = 0; i < diffs->n && i < BND_XT_DIFFS; i++) {
		const struct bnd_xt_diff *d = &diffs->v[i];
		const char *table =
		    bnd_xt_table_name((enum bnd_xt_table)d->table);

		if (d->rule == 0)
			bnd_note(notes, "legacy", "IPv%u %s %s %s", d->family,
			    table, d->chain, flaws[d->flaw]);
		else
			bnd_note(notes, "legacy", "IPv%u %s %s: rule %u %s",
			    d->family, table, d->chain, d->rule,
			    flaws[d->flaw]);
	}
	if (diffs->n > BND_XT_DIFFS)
		bnd_note(notes, "legacy", "and %u more differences",
		    diffs->n - BND_XT_DIFFS);
}

/*
 * Both families or none: what one lacks makes the engine one that cannot be
 * counted on, though the other's rules are in force.
 */
enum bnd_layer
bnd_legacy_layer(enum bnd_mode mode, const struct bnd_xt_result *res)
{
	enum bnd_layer layer =
	    mode == BND_OPEN ? BND_LAYER_UNUSED : BND_LAYER_USED;

	for (int f = 0; f < BND_XT_FAMILIES; f++) {
		enum bnd_xt_state is = res->state[f];

		if (is == BND_XT_FAILED || is == BND_XT_DIFFERS ||
		    is == BND_XT_UNSEEN)
			return BND_LAYER_FAILED;
		if (mode != BND_OPEN &&
		    (is == BND_XT_NONE || is == BND_XT_UNABLE))
			layer = BND_LAYER_ABSENT;
	}
	return layer;
}

static int
run(struct bnd_job *j, enum bnd_xt_work work, struct bnd_notes *notes,
    struct bnd_err *err)
{
	struct bnd_rules_in in = bnd_job_rules(j);
	const struct bnd_xt_order order = {
		.in = &in, .work = work, .alone = j->no_nft, .spare = !j->no_nft
	};
	struct bnd_xt_result res;

	j->s->legacy = BND_LAYER_FAILED;
	if (j->xt_hung)
		return bnd_fail(err, BND_E_ENFORCER,
		    "the legacy tables: no answer in %d s, not asked again",
		    BND_XT_DEADLINE_MS / 1000);
	if (bnd_xt_run(&order, &res, err) == -1) {
		j->xt_hung = err->errnum == ETIMEDOUT;
		return -1;
	}
	j->s->legacy = bnd_legacy_layer(j->s->mode, &res);
	if (notes != NULL)
		note_diffs(&res.diffs, notes);
	if (res.err.kind != BND_E_NONE)
		*err = res.err;
	else if (j->s->legacy == BND_LAYER_FAILED)
		(void)bnd_fail(err, BND_E_ENFORCER,
		    "the legacy tables do not show %s",
		    bnd_mode_name(j->s->mode));
	return j->s->legacy == BND_LAYER_FAILED ? -1 : 0;
}

/* ---- the steps ------------------------------------------------------------------- */

/* Waited for once a run: whoever holds it for ever delays a seal by that. */
static int
take_lock(struct bnd_job *j, int *lock, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (!j->no_xt_lock) {
		*lock = lock_tables(j, &why);
		if (*lock != -1)
			return 0;
		j->no_xt_lock = true;
		bnd_note(&j->s->findings, "legacy.lock", "%s%s", why.text,
		    j->loosening ? "" : ": went on without it");
	}
	if (!j->loosening)
		return 0;
	return bnd_fail(err, BND_E_BUSY, "/" LOCK_PATH " is not to be had");
}

int
bnd_job_legacy_put(struct bnd_job *j, struct bnd_err *err)
{
	SCOPED_FD int lock = -1;
	int r;

	j->s->legacy = BND_LAYER_ABSENT;
	if (!is_there())
		return 0;
	if (take_lock(j, &lock, err) == -1)
		return -1;
	bnd_job_consult(j);
	r = run(j, BND_XT_PUT, NULL, err);
	/*
	 * No generation guards these tables: whoever was stopped between the
	 * state and the commit has put an older mode's rules there, and finds
	 * that out by looking for those of the mode it is now.
	 */
	bnd_job_consult(j);
	return r;
}

bool
bnd_job_legacy_look(
    struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	j->s->legacy =
	    j->s->mode == BND_OPEN ? BND_LAYER_UNUSED : BND_LAYER_ABSENT;
	if (!is_there() || run(j, BND_XT_LOOK, notes, &why) == 0)
		return true;
	/* The first reason is the one to tell. */
	if (err->kind == BND_E_NONE)
		*err = why;
	return false;
}
