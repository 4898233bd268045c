/* box-key.h: the keys of a policy as one table, and what is tighter */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_KEY_H
#define BND_BOX_KEY_H

#include "box-policy.h"
#include "err.h"
#include "text.h"

enum bnd_box_lattice {
	BND_LATTICE_FREE = 0, /* no order: grants nothing */
	BND_LATTICE_MIN,
	BND_LATTICE_MAX,
	BND_LATTICE_ORDER,
	BND_LATTICE_SUBSET,
	BND_LATTICE_SUPERSET,
	BND_LATTICE_MAP,
};

enum bnd_box_unit {
	BND_UNIT_NONE = 0,
	BND_UNIT_BYTES, /* K M G */
	BND_UNIT_MS,	/* ms s m h d */
	BND_UNIT_CPU,	/* per cent */
	BND_UNIT_COUNT,
	BND_UNIT_MODE,
};

struct bnd_box_keydef {
	enum bnd_box_key key;
	const char *name; /* as in a profile; JSON has the same */
	enum bnd_box_lattice lattice;
	enum bnd_box_unit unit;
	uint64_t least;		  /* of a number */
	const char *const *words; /* of ORDER, NULL at the end */
	bool repeats;		  /* bind, env */
	const char *help;
};

/* In the order of the enum; the last has key BND_BOX_NONE. */
extern const struct bnd_box_keydef bnd_box_keys[];
const struct bnd_box_keydef *bnd_box_key_of(enum bnd_box_key key);

enum bnd_box_order {
	BND_BOX_EQUAL = 0,
	BND_BOX_TIGHTER,
	BND_BOX_LOOSER,
	BND_BOX_INCOMPARABLE,
};
const char *bnd_box_order_word(enum bnd_box_order o);

/* How a stands to b, of one key and over all that have an order. */
enum bnd_box_order bnd_box_compare_key(const struct bnd_box_policy *a,
    const struct bnd_box_policy *b, enum bnd_box_key key);
enum bnd_box_order bnd_box_compare(
    const struct bnd_box_policy *a, const struct bnd_box_policy *b);

/*
 * p becomes the loosest policy that neither it nor floor forbids; narrowed[key]
 * is set where that changed something, its origin is the floor's.  hide and
 * protect are the floor's too: what they refuse box-src.c refuses.
 */
void bnd_box_meet(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    bool narrowed[static BND_BOX_KEYS]);

/* A value as a profile writes it, and its JSON. Cut never: false if no room. */
bool bnd_box_value_print(const struct bnd_box_policy *p, enum bnd_box_key key,
    char *buf, size_t size);

#endif
