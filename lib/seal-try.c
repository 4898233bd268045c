/* seal-try.c: a list from far away: tried, then confirmed or taken back */
/* SPDX-License-Identifier: ISC */
/*
 * Order of a try, so that whoever is killed leaves the accepted list or a try
 * that ends:
 *
 *	1 lock, state, the list read once and judged
 *	2 /run/bnd/net/try: from here on every run renders the tried list, until
 *	  the deadline, a transaction, or another state
 *	3 somebody waits for the deadline
 *	4 nf_tables: one batch, read back; if it does not hold, back at once
 *
 * The way back is an apply: the accepted list, for the mode in force then.  It
 * needs nobody who survives: the file is looked at by every apply, hook and
 * check, and one that is over is a difference that mode-set --check repairs.
 *
 * Flows that the tried list refuses are not cut: their packets are dropped,
 * which is what he who tries must notice, and they go on if he does not
 * confirm.  They are allowed by the accepted list, so nothing is laxer.  The
 * confirmation cuts them.
 */
#include "seal-try.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "scope.h"
#include "seal-steps.h"
#include "seal-tried.h"
#include "seal.h"
#include "state.h"

#define BEFORE_PATH  BND_LIST_PATH ".old"
#define DEFAULT_MODE 0644

static const struct bnd_seal_order effective = { 0 };

/* ---- try ---- */

static int
refuse_busy(const struct bnd_job *j, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_BUSY,
	    "a list is being tried already, %llu s are left",
	    (unsigned long long)j->s->try_left_s);
}

/* May a list be tried now?  Fills *t with what it would be tried in. */
static int
may_begin(struct bnd_job *j, struct bnd_try *t, struct bnd_err *err)
{
	struct bnd_state st;
	struct bnd_now now;

	if (bnd_state_load(j->root, &st, err) == -1 ||
	    bnd_clock_now(&now, err) == -1)
		return -1;
	if (st.phase != BND_STABLE || st.effective != st.mode)
		return bnd_fail(
		    err, BND_E_BUSY, "a change of the mode is under way");
	if (!bnd_job_has_list(st.mode))
		return bnd_fail(err, BND_E_DENIED, "%s has no list to try",
		    bnd_mode_name(st.mode));
	if (bnd_job_load_try(j))
		return refuse_busy(j, err);
	j->s->mode = st.mode;
	*t = (struct bnd_try){
		.until_us = now.boot_us, .gen = st.gen, .mode = st.mode
	};
	memcpy(t->boot, now.boot, sizeof(t->boot));
	return 0;
}

/* Read once; what is wrong with it is in s->edited. */
static int
read_list(struct bnd_job *j, const char *path, struct bnd_err *err)
{
	if (bnd_listfile_read(j->root, path, j->list, err) == -1) {
		j->s->edited = j->list->report;
		return -1;
	}
	if (j->list->len == 0)
		return bnd_fail(
		    err, BND_E_INPUT, "cannot open %s: there is none", path);
	return 0;
}

/* What was tried is not in force as it should be: what was before. */
static void
take_back(struct bnd_job *j)
{
	struct bnd_err why = { 0 };

	if (bnd_try_drop(j->root, &why) == -1)
		bnd_note(&j->s->findings, "try", "%s", why.text);
	j->tried = false;
	bnd_job_consult(j);
	bnd_job_load_list(j);
	bnd_job_tighten(j);
	if (j->s->sealed)
		bnd_note(
		    &j->s->findings, "restored", "the list accepted before");
}

static int
begin(struct bnd_job *j, const struct bnd_try_order *order, struct bnd_err *err)
{
	struct bnd_try t = { 0 };

	if (may_begin(j, &t, err) == -1 || read_list(j, order->path, err) == -1)
		return -1;
	t.until_us += order->seconds * UINT64_C(1000000);
	if (bnd_try_store(j->root, &t, j->list, err) == -1)
		return -1;
	if (order->leave(order->ctx, &t, err) == -1) {
		(void)!bnd_try_drop(j->root, NULL);
		return -1;
	}
	/* What stands in a queue was judged by the list before. */
	j->tried = j->held = true;
	j->s->try_left_s = order->seconds;
	bnd_job_tighten(j);
	if (!j->s->sealed)
		take_back(j);
	return 0;
}

/* The mode may have changed under a try, which has then rendered it. */
static void
finish(struct bnd_job *j)
{
	bnd_job_end_try(j);
	bnd_text_to_hex(j->list->digest, BND_HASH_LEN, j->s->list_digest);
	bnd_job_finish(j);
}

int
bnd_seal_try(const struct bnd_root *root, const struct bnd_try_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_job j = { .root = root, .order = &effective, .s = s };
	SCOPED_FD int lock = -1;
	int r = -1;

	bnd_job_wait(root);
	if (bnd_job_open(&j, err) == 0 && bnd_seal_lock(root, &lock, err) == 0)
		r = begin(&j, order, err);
	if (r == 0 && !j.tried && !s->failed) {
		bnd_note(&s->findings, "try", "the mode has changed meanwhile");
		s->no = true;
	}
	if (r == 0)
		finish(&j);
	s->trying = r == 0 && j.tried;
	bnd_job_close(&j);
	return r;
}

/* ---- confirm ---- */

/*
 * The file first: if that is all that could be done, the try goes on to its
 * end, and the file is what check calls edited.
 */
static int
keep(struct bnd_job *j, struct bnd_err *err)
{
	const struct bnd_listfile *new = j->list;
	SCOPED_FREE struct bnd_listfile *old = calloc(1, sizeof *old);
	struct stat st = { .st_mode = DEFAULT_MODE };
	struct bnd_err none = { 0 };
	SCOPED_FD int fd = -1;
	bool same;

	if (old == NULL)
		return bnd_fail_errno(err, "cannot keep the list");
	/* Bad or not, what stood there is kept beside it. */
	(void)!bnd_listfile_read(j->root, NULL, old, &none);
	same = bnd_same(old->digest, new->digest, BND_HASH_LEN);
	fd = bnd_root_open_trusted(j->root, BND_LIST_PATH, 0133, &none);
	if (fd >= 0 && fstat(fd, &st) == -1)
		return bnd_fail_errno(err, "cannot look at /" BND_LIST_PATH);
	if (!same && old->len > 0 &&
	    bnd_file_replace(j->root, BEFORE_PATH, old->text, old->len,
		st.st_mode & 07777, err) == -1)
		return -1;
	if (!same &&
	    bnd_file_replace_like(
		j->root, BND_LIST_PATH, new->text, new->len, &st, err) == -1)
		return -1;
	if (bnd_accepted_store(j->root, new, err) == 0)
		return 0;
	if (!same && old->len > 0)
		(void)!bnd_file_replace_like(
		    j->root, BND_LIST_PATH, old->text, old->len, &st, NULL);
	return -1;
}

/* Nothing is tried, or not any more; then what was before is in force. */
static int
too_late(struct bnd_job *j, struct bnd_err *err)
{
	if (!j->over)
		return bnd_fail(err, BND_E_DENIED, "no list is being tried");
	j->s->no = true;
	bnd_job_load_list(j);
	bnd_job_tighten(j);
	bnd_note(&j->s->findings, "try", "too late: %s",
	    j->s->sealed ? "the list accepted before is in force"
			 : "and the list before is not in force either");
	return 0;
}

static int
confirm(struct bnd_job *j, struct bnd_err *err)
{
	bnd_job_consult(j);
	if (!bnd_job_load_try(j))
		return too_late(j, err);
	j->confirmed = true;
	bnd_job_tighten(j);
	if (!j->s->sealed) {
		take_back(j);
		return 0;
	}
	if (!j->tried) {
		bnd_note(&j->s->findings, "try", "too late");
		j->s->no = true;
		return 0;
	}
	if (keep(j, err) == -1)
		return -1;
	j->s->accepted = true;
	j->tried = false;
	return 0;
}

int
bnd_seal_confirm(
    const struct bnd_root *root, struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_job j = { .root = root, .order = &effective, .s = s };
	SCOPED_FD int lock = -1;
	int r = -1;

	bnd_job_wait(root);
	if (bnd_job_open(&j, err) == 0 && bnd_seal_lock(root, &lock, err) == 0)
		r = confirm(&j, err);
	if (r == 0)
		finish(&j);
	bnd_job_close(&j);
	return r;
}

int
bnd_seal_try_over(const struct bnd_root *root, const struct bnd_try *t,
    struct bnd_seal *s, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_listfile *file = calloc(1, sizeof *file);
	struct bnd_err none = { 0 };
	struct bnd_try now;

	s->mode = BND_MODE_NONE;
	if (file == NULL)
		return bnd_fail_errno(err, "try");
	if (bnd_try_load(root, &now, file, &none) == 0 &&
	    (now.until_us != t->until_us || now.gen != t->gen))
		return 0;
	if (none.errnum == ENOENT)
		return 0;
	return bnd_seal_apply(root, &effective, s, err);
}
