/* box-lattice.c: one order a key, and the meet that follows from it */
/* SPDX-License-Identifier: ISC */
#include "box-lattice.h"

#include <string.h>

#include "box-bind.h"
#include "box-key.h"

const char *
bnd_box_order_word(enum bnd_box_order o)
{
	switch (o) {
	case BND_BOX_EQUAL:
		return "equal";
	case BND_BOX_TIGHTER:
		return "tighter";
	case BND_BOX_LOOSER:
		return "looser";
	case BND_BOX_INCOMPARABLE:
		break;
	}
	return "incomparable";
}

/* ---- at most as loose -------------------------------------------------------- */

/* What nothing is looser than. */
static uint64_t
top(const struct bnd_box_keydef *k)
{
	uint64_t last = 0;

	if (k->lattice == BND_LATTICE_MIN)
		return BND_BOX_TOP;
	if (k->lattice == BND_LATTICE_MAX)
		return k->least;
	while (k->words[last + 1] != NULL)
		last++;
	return last;
}

static uint64_t
num(const struct bnd_box_policy *p, const struct bnd_box_keydef *k)
{
	return p->said[k->key] ? p->num[k->key] : top(k);
}

static uint64_t
inodes(const struct bnd_box_policy *p)
{
	return p->said[BND_BOX_TMP] ? p->tmp_inodes : BND_BOX_TOP;
}

/* Both are sorted. */
static bool
holds_all(const struct bnd_box_names *big, const struct bnd_box_names *small)
{
	size_t at = 0;

	for (size_t i = 0; i < small->n; i++, at++) {
		while (at < big->n && strcmp(big->at[at], small->at[i]) < 0)
			at++;
		if (at == big->n || strcmp(big->at[at], small->at[i]) != 0)
			return false;
	}
	return true;
}

static bool
has_fd(const struct bnd_box_policy *p, int fd)
{
	for (size_t i = 0; i < p->fds_n; i++)
		if (p->fds[i] == fd)
			return true;
	return false;
}

static bool
fds_within(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	for (size_t i = 0; i < a->fds_n; i++)
		if (!has_fd(b, a->fds[i]))
			return false;
	return true;
}

static bool
subset(const struct bnd_box_policy *a, const struct bnd_box_policy *b,
    enum bnd_box_key key)
{
	if (key == BND_BOX_SYSCALLS) {
		uint32_t mine = a->said[key] ? a->calls : BND_CALLS_ALL;

		return !b->said[key] || (mine & ~b->calls) == 0;
	}
	if (!b->said[key])
		return true;
	if (!a->said[key])
		return false;
	if (key == BND_BOX_FDS_KEY)
		return fds_within(a, b);
	return holds_all(bnd_box_set_of(b, key), bnd_box_set_of(a, key));
}

/* a <= b */
static bool
within(const struct bnd_box_policy *a, const struct bnd_box_policy *b,
    enum bnd_box_key key)
{
	const struct bnd_box_keydef *k = bnd_box_key_of(key);

	switch (k->lattice) {
	case BND_LATTICE_FREE:
		break;
	case BND_LATTICE_MIN:
		return num(a, k) <= num(b, k) &&
		    (key != BND_BOX_TMP || inodes(a) <= inodes(b));
	case BND_LATTICE_MAX:
		return num(a, k) >= num(b, k);
	case BND_LATTICE_ORDER:
		return num(a, k) <= num(b, k);
	case BND_LATTICE_SUBSET:
		return subset(a, b, key);
	case BND_LATTICE_SUPERSET:
		return holds_all(
		    bnd_box_set_of(a, key), bnd_box_set_of(b, key));
	case BND_LATTICE_MAP:
		return bnd_box_binds_beyond(a, b) == NULL;
	}
	return true;
}

static enum bnd_box_order
order_of(bool below, bool above)
{
	if (below)
		return above ? BND_BOX_EQUAL : BND_BOX_TIGHTER;
	return above ? BND_BOX_LOOSER : BND_BOX_INCOMPARABLE;
}

enum bnd_box_order
bnd_box_compare_key(const struct bnd_box_policy *a,
    const struct bnd_box_policy *b, enum bnd_box_key key)
{
	return order_of(within(a, b, key), within(b, a, key));
}

enum bnd_box_order
bnd_box_compare(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	bool below = true, above = true;

	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		below = below && within(a, b, k->key);
		above = above && within(b, a, k->key);
	}
	return order_of(below, above);
}

/* ---- the meet ---------------------------------------------------------------- */

static void
keep_common(struct bnd_box_names *set, const struct bnd_box_names *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct bnd_box_names one = { .n = 1, .at = { set->at[i] } };

		if (holds_all(other, &one))
			set->at[kept++] = set->at[i];
	}
	set->n = kept;
}

static void
keep_common_fds(struct bnd_box_policy *p, const struct bnd_box_policy *floor)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->fds_n; i++)
		if (has_fd(floor, p->fds[i]))
			p->fds[kept++] = p->fds[i];
	p->fds_n = kept;
}

static void
narrow_subset(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    enum bnd_box_key key)
{
	if (key == BND_BOX_SYSCALLS)
		p->calls =
		    p->said[key] ? p->calls & floor->calls : floor->calls;
	else if (key == BND_BOX_FDS_KEY && p->said[key])
		keep_common_fds(p, floor);
	else if (p->said[key])
		keep_common(bnd_box_set(p, key), bnd_box_set_of(floor, key));
	else if (key == BND_BOX_FDS_KEY) {
		memcpy(p->fds, floor->fds, sizeof(p->fds));
		p->fds_n = floor->fds_n;
	} else
		*bnd_box_set(p, key) = *bnd_box_set_of(floor, key);
}

/* Both sorted, so the union is; a word of both stands once. */
static int
unite(struct bnd_box_names *set, const struct bnd_box_names *other,
    struct bnd_err *err)
{
	struct bnd_box_names all = { 0 };
	size_t a = 0, b = 0;

	while (a < set->n || b < other->n) {
		int order = a == set->n ? 1
		    : b == other->n	? -1
					: strcmp(set->at[a], other->at[b]);

		if (all.n == BND_BOX_NAMES)
			return bnd_fail(err, BND_E_INPUT,
			    "more than %d words together with the floor's",
			    BND_BOX_NAMES);
		all.at[all.n++] = order <= 0 ? set->at[a] : other->at[b];
		a += order <= 0;
		b += order >= 0;
	}
	*set = all;
	return 0;
}

static void
narrow_number(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    const struct bnd_box_keydef *k)
{
	uint64_t a = num(p, k), b = num(floor, k);

	if (k->lattice == BND_LATTICE_MAX)
		p->num[k->key] = a > b ? a : b;
	else
		p->num[k->key] = a < b ? a : b;
	if (k->key == BND_BOX_TMP) {
		a = inodes(p);
		b = inodes(floor);
		p->tmp_inodes = a < b ? a : b;
	}
}

/* What lies above the floor comes down to it. */
static int
narrow(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    const struct bnd_box_keydef *k, struct bnd_err *err)
{
	switch (k->lattice) {
	case BND_LATTICE_MIN:
	case BND_LATTICE_MAX:
	case BND_LATTICE_ORDER:
		narrow_number(p, floor, k);
		break;
	case BND_LATTICE_SUBSET:
		narrow_subset(p, floor, k->key);
		break;
	case BND_LATTICE_SUPERSET:
		if (unite(bnd_box_set(p, k->key), bnd_box_set_of(floor, k->key),
			err) != 0)
			return -1;
		break;
	case BND_LATTICE_FREE:
	case BND_LATTICE_MAP:
		break;
	}
	p->said[k->key] = true;
	memcpy(p->origin[k->key], floor->origin[k->key], BND_BOX_ORIGIN);
	return 0;
}

/* Below wx all no bind is writable and executable: x goes. */
static void
narrow_binds(struct bnd_box_policy *p, bool narrowed[static BND_BOX_KEYS])
{
	const unsigned both = BND_BIND_W | BND_BIND_X;

	for (size_t i = 0; i < p->binds; i++) {
		if ((p->bind[i].rights & both) != both)
			continue;
		p->bind[i].rights &= ~(unsigned)BND_BIND_X;
		narrowed[BND_BOX_BIND] = true;
		memcpy(p->origin[BND_BOX_BIND], p->origin[BND_BOX_WX],
		    BND_BOX_ORIGIN);
	}
}

int
bnd_box_meet(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    bool narrowed[static BND_BOX_KEYS], struct bnd_err *err)
{
	memset(narrowed, 0, BND_BOX_KEYS * sizeof(narrowed[0]));
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		if (within(p, floor, k->key))
			continue;
		if (narrow(p, floor, k, err) != 0)
			return -1;
		narrowed[k->key] =
		    k->key != BND_BOX_HIDE && k->key != BND_BOX_PROTECT;
	}
	if (narrowed[BND_BOX_WX])
		narrow_binds(p, narrowed);
	return 0;
}
