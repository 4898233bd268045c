/* transition.c: the only way to change the mode */
/* SPDX-License-Identifier: ISC */
/*
 * What holds here, whatever fails and wherever the process dies:
 *
 * 1. MUST: readers never see a mode laxer than the one the kernel is in.  When
 *    tightening, the request (no lock needed) and then the state announce the
 *    stricter mode before the first enforcer runs; when loosening, the state
 *    names the stricter mode until the last enforcer has been read back.
 * 2. MUST: a tightening does not wait: 2 s for the lock, 250 ms for the log,
 *    then it goes on without.
 * 3. MUST: a loosening is decided under the lock, from the chain as verified
 *    there, and its intent is on disk before anything is relaxed.
 * 4. MUST: an enforcer that is not shown to be in force ends the attempt:
 *    LOCKDOWN when tightening, the mode it came from when loosening.
 * 5. MUST: nobody is asked anything here, so no human holds the lock.
 *
 * tighten.c and loosen.c have the steps of each in their order.
 *
 * The state names the transaction before the chain has its intent, so an
 * intent without an answer can be found without reading the log.  A state in
 * "entering" or "leaving" under the lock belongs to a process that died.  Its
 * effective mode is the stricter of the two; that mode, or a stricter one that
 * is wanted now, is enforced and mode.recover says so.
 */
#include "transition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "announce.h"
#include "loosen.h"
#include "scope.h"
#include "tighten.h"
#include "txn.h"

bool
bnd_is_virgin(const struct bnd_root *root)
{
	static const char *const traces[] = { BND_LOG_PIN, BND_LOG_DIR,
		BND_STATE_PATH };

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		struct bnd_err err = { 0 };
		SCOPED_FD int fd =
		    bnd_root_openat(root, traces[i], O_PATH, 0, &err);

		if (fd >= 0 || err.errnum != ENOENT)
			return false;
	}
	return true;
}

static int
change(struct bnd_txn *t, enum bnd_mode to, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	bool sound =
	    bnd_state_load(t->root, &t->state, &why) == 0 && !t->distrust;

	if (!sound && !t->bare && bnd_is_virgin(t->root))
		return bnd_fail(err, BND_E_CORRUPT,
		    "bnd was never set up on this host (mode-set --init)");
	if (sound && bnd_mode_loosens(t->state.effective, to)) {
		t->to = to;
		return bnd_loosen(t, err);
	}
	if (sound && t->auth != NULL)
		return bnd_fail(err, BND_E_CEREMONY,
		    "the ceremony is used, or was for another mode: it is %s",
		    bnd_mode_name(t->state.effective));
	t->to = sound ? to : BND_LOCKDOWN;
	t->auth = NULL;
	return bnd_tighten(t, err);
}

int
bnd_transition(const struct bnd_root *root, const struct bnd_change *want,
    struct bnd_outcome *out, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_txn *t = calloc(1, sizeof(*t));
	sigset_t old;
	int rc;

	*out = (struct bnd_outcome){ 0 };
	if (bnd_txn_may(root, err) != 0)
		return -1;
	if (t == NULL)
		return bnd_fail_errno(err, "cannot change the mode");
	*t = (struct bnd_txn){ .root = root,
		.out = out,
		.lock = -1,
		.why = want->why != NULL ? want->why : "",
		.bare = want->bare,
		.distrust = want->distrust,
		.repair = want->repair,
		.auth = want->auth };
	bnd_txn_block(&old);
	rc = bnd_txn_begin(t, err);
	if (rc == 0)
		rc = change(t, want->to, err);
	bnd_close_fd(&t->lock);
	bnd_txn_unblock(&old);
	if (t->auth != NULL && t->asked.action == BND_ACTION_LOOSEN &&
	    t->asked.to == out->mode)
		bnd_announce(root, BND_NEWS_USED, &t->asked, t->auth);
	return rc;
}
