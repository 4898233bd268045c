/* box-cglimit.c: memory, swap, pids and CPU: written, read back, lowered */
/* SPDX-License-Identifier: ISC */
/*
 * A row a facility: the file of v2 if v2 serves it, else that of v1, else an
 * error that names it.  There is no other difference between v1 and v2 hosts,
 * and no row that is tried and given up.
 *
 * v1 knows memory and swap as a sum only, so the swap of a leaf is the sum less
 * the memory, and a sum of a run without a memory limit cannot be written.
 */
#include "box-cglimit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "scope.h"

#define PERIOD_US  100000
#define US_PERCENT (PERIOD_US / 100)
#define V1_MEMORY  "memory.limit_in_bytes"

/* In the order of writing: v1 wants the memory to be below the sum. */
static const struct row {
	enum bnd_cg_facility facility;
	enum bnd_box_key key;
	const char *v2, *v1;
	bool pages; /* the kernel rounds it down to whole ones */
} rows[] = {
	{ BND_CG_MEMORY, BND_BOX_MEM, "memory.max", V1_MEMORY, true },
	{ BND_CG_SWAP, BND_BOX_SWAP, "memory.swap.max",
	    "memory.memsw.limit_in_bytes", true },
	{ BND_CG_PIDS, BND_BOX_PIDS, "pids.max", "pids.max", false },
	{ BND_CG_CPU, BND_BOX_CPU, "cpu.max", "cpu.cfs_quota_us", false },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

unsigned
bnd_cg_needs(const struct bnd_box_policy *p)
{
	unsigned needs = BND_CG_BIT(BND_CG_USAGE);

	for (size_t i = 0; i < ROWS; i++)
		if (p->num[rows[i].key] != BND_BOX_TOP)
			needs |= BND_CG_BIT(rows[i].facility);
	return needs;
}

bool
bnd_cg_swaps(void)
{
	char buf[BND_CG_TEXT];

	if (bnd_cg_file_read(
		AT_FDCWD, "/proc/swaps", buf, &(struct bnd_err){ 0 }) != 0)
		return true;
	return strchr(buf, '\n') != NULL; /* more than its heading */
}

/* ---- where a row is ---- */

struct place {
	int fd, dir;
	bool v2;
	const char *file;
};

static void
leave(struct place *at)
{
	bnd_close_fd(&at->fd);
}

/* False: nowhere, and that is an error unless it is swap of a host without. */
static bool
find_place(const struct bnd_cg *cg, const struct row *r, struct place *at)
{
	const unsigned bit = BND_CG_BIT(r->facility);

	*at = (struct place){ -1, -1, (cg->v2_rows & bit) != 0, r->v2 };
	if (at->v2)
		at->dir = cg->leaf;
	for (size_t i = 0; !at->v2 && at->dir < 0 && i < cg->n; i++)
		if ((cg->v1[i].rows & bit) != 0) {
			at->dir = cg->v1[i].dir;
			at->file = r->v1;
		}
	if (at->dir < 0)
		return false;
	at->fd = openat(at->dir, at->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return at->fd >= 0;
}

static int
missing(const struct row *r, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_SYS,
	    "no cgroup of this host limits %s (neither %s nor %s)",
	    bnd_cg_facility_name(r->facility), r->v2, r->v1);
}

/* ---- values ---- */

/* What is in the file, in the policy's unit; "max" and v1's -1 are the top. */
static int
read_value(const struct place *at, const struct row *r, uint64_t *v,
    struct bnd_err *err)
{
	char buf[BND_CG_TEXT];
	struct bnd_str rest, word = { NULL, 0 };
	uint64_t period = PERIOD_US;

	if (bnd_cg_file_read_fd(at->fd, at->file, buf, err) != 0)
		return -1;
	rest = (struct bnd_str){ buf, strlen(buf) };
	*v = BND_BOX_TOP;
	if (!bnd_text_word(&rest, &word))
		return bnd_fail(err, BND_E_SYS, "%s is empty", at->file);
	if (bnd_str_is(word, "max") || bnd_str_is(word, "-1"))
		return 0;
	if (!bnd_text_u64(word, UINT64_MAX, v))
		return bnd_fail(err, BND_E_SYS, "%s says %s", at->file, buf);
	if (r->facility != BND_CG_CPU)
		return 0;
	if (at->v2 ? !bnd_text_word(&rest, &word) ||
		    !bnd_text_u64(word, UINT64_MAX, &period)
		   : bnd_cg_file_u64(
			 at->dir, "cpu.cfs_period_us", NULL, &period, err) != 0)
		return bnd_fail(err, BND_E_SYS, "%s has no period", at->file);
	if (period != PERIOD_US)
		return bnd_fail(err, BND_E_SYS, "%s has a period of %" PRIu64,
		    at->file, period);
	return 0;
}

static uint64_t
plus(uint64_t a, uint64_t b)
{
	return a > BND_BOX_TOP - b ? BND_BOX_TOP : a + b;
}

/* Of a limit that is not max: what the file is to hold. */
static int
wanted(const struct place *at, const struct row *r, uint64_t limit, uint64_t *v,
    struct bnd_err *err)
{
	uint64_t mem;

	*v = limit;
	if (r->facility == BND_CG_PIDS)
		*v = plus(limit, 1); /* the init */
	if (r->facility == BND_CG_CPU)
		*v = limit > BND_BOX_TOP / US_PERCENT ? BND_BOX_TOP
						      : limit * US_PERCENT;
	if (r->facility != BND_CG_SWAP || at->v2)
		return 0;
	if (bnd_cg_file_u64(at->dir, V1_MEMORY, NULL, &mem, err) != 0)
		return -1;
	*v = plus(mem, limit);
	return 0;
}

static bool
is_same(const struct row *r, uint64_t want, uint64_t seen)
{
	if (!r->pages || seen > want)
		return seen == want;
	return want - seen < (uint64_t)sysconf(_SC_PAGESIZE);
}

static int
write_value(const struct place *at, const struct row *r, uint64_t v,
    struct bnd_err *err)
{
	char text[64];

	if (r->facility == BND_CG_CPU && at->v2)
		(void)snprintf(
		    text, sizeof(text), "%" PRIu64 " %d", v, PERIOD_US);
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return bnd_cg_file_write(at->dir, at->file, text, err);
}

/* ---- one row ---- */

/* 1 there is a place, 0 none is needed, -1 one is missing. */
static int
place_of(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    const struct row *r, struct place *at, struct bnd_err *err)
{
	if (p->num[r->key] == BND_BOX_TOP)
		return 0;
	if (find_place(cg, r, at))
		return 1;
	if (at->dir >= 0 && errno != ENOENT)
		return bnd_fail_errno(err, "cannot open %s", at->file);
	if (r->facility == BND_CG_SWAP && !bnd_cg_swaps())
		return 0;
	return missing(r, err);
}

static int
holds(const struct place *at, const struct row *r, uint64_t want,
    struct bnd_err *err)
{
	uint64_t seen;

	if (read_value(at, r, &seen, err) != 0)
		return -1;
	if (is_same(r, want, seen))
		return 0;
	return bnd_fail(err, BND_E_SYS, "%s: wanted %" PRIu64 ", seen %" PRIu64,
	    at->file, want, seen);
}

static int
check_row(const struct place *at, const struct row *r, uint64_t limit,
    struct bnd_err *err)
{
	uint64_t want;

	return wanted(at, r, limit, &want, err) != 0 ? -1
						     : holds(at, r, want, err);
}

/* And read back: what was written is not always what is kept. */
static int
write_row(const struct place *at, const struct row *r, uint64_t limit,
    struct bnd_err *err)
{
	uint64_t want;

	if (wanted(at, r, limit, &want, err) != 0)
		return -1;
	/* More than any counter holds is no limit: the file says max already. */
	if (want != BND_BOX_TOP && write_value(at, r, want, err) != 0)
		return -1;
	return holds(at, r, want, err);
}

/* Only what is above; is_same() takes care of what was rounded. */
static int
lower_row(const struct place *at, const struct row *r, uint64_t limit,
    struct bnd_err *err)
{
	uint64_t want, seen;

	if (wanted(at, r, limit, &want, err) != 0 ||
	    read_value(at, r, &seen, err) != 0)
		return -1;
	if (seen <= want)
		return 0;
	if (write_value(at, r, want, err) != 0)
		return -1;
	return holds(at, r, want, err);
}

/* BND_E_DENIED: it is above. */
static int
at_most_row(const struct place *at, const struct row *r, uint64_t limit,
    struct bnd_err *err)
{
	uint64_t want, seen;

	if (wanted(at, r, limit, &want, err) != 0 ||
	    read_value(at, r, &seen, err) != 0)
		return -1;
	if (seen <= want)
		return 0;
	return bnd_fail(err, BND_E_DENIED, "%s is above %" PRIu64 ": %" PRIu64,
	    at->file, want, seen);
}

/* ---- all rows ---- */

typedef int row_fn(const struct place *at, const struct row *r, uint64_t limit,
    struct bnd_err *err);

static int
each_row(const struct bnd_cg *cg, const struct bnd_box_policy *p, row_fn *fn,
    struct bnd_err *err)
{
	for (size_t i = 0; i < ROWS; i++) {
		__attribute__((cleanup(leave))) struct place at = { .fd = -1 };
		int got = place_of(cg, p, &rows[i], &at, err);

		if (got == -1 ||
		    (got == 1 &&
			fn(&at, &rows[i], p->num[rows[i].key], err) != 0))
			return -1;
	}
	return 0;
}

/* Where one is killed for want of memory, all are (v1: by the supervisor). */
static bool
has_group_kill(const struct bnd_cg *cg, const struct bnd_box_policy *p)
{
	return p->num[BND_BOX_MEM] != BND_BOX_TOP &&
	    (cg->v2_rows & BND_CG_BIT(BND_CG_MEMORY)) != 0;
}

static int
check_group(const struct bnd_cg *cg, struct bnd_err *err)
{
	uint64_t group;

	if (bnd_cg_file_u64(cg->leaf, "memory.oom.group", NULL, &group, err) !=
	    0)
		return -1;
	return group == 1
	    ? 0
	    : bnd_fail(err, BND_E_SYS,
		  "memory.oom.group: wanted 1, seen %" PRIu64, group);
}

static int
check_usage(const struct bnd_cg *cg, struct bnd_err *err)
{
	if ((cg->v2_rows & BND_CG_BIT(BND_CG_USAGE)) != 0)
		return 0;
	return bnd_fail(err, BND_E_SYS,
	    "no cgroup of this host counts usage of the CPU (no cpu.stat)");
}

int
bnd_cg_limit(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err)
{
	if (check_usage(cg, err) != 0 || each_row(cg, p, write_row, err) != 0)
		return -1;
	if (!has_group_kill(cg, p))
		return 0;
	return bnd_cg_file_write(cg->leaf, "memory.oom.group", "1", err) != 0
	    ? -1
	    : check_group(cg, err);
}

int
bnd_cg_attest(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err)
{
	if (each_row(cg, p, check_row, err) != 0)
		return -1;
	return has_group_kill(cg, p) ? check_group(cg, err) : 0;
}

int
bnd_cg_lower(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err)
{
	return each_row(cg, p, lower_row, err);
}

int
bnd_cg_exceeds(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (each_row(cg, p, at_most_row, &why) == 0)
		return 0;
	return why.kind == BND_E_DENIED
	    ? 1
	    : bnd_fail(err, why.kind, "%s", why.text);
}
