/* box-key.h: the keys of a policy as one table */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_KEY_H
#define BND_BOX_KEY_H

#include "box-policy.h"
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

/* Where a key may stand; the canonical text of a policy takes all of them. */
enum bnd_box_place {
	BND_PLACE_PROFILE = 1 << 0,
	BND_PLACE_OPTION = 1 << 1,
	BND_PLACE_FLOOR = 1 << 2,
	BND_PLACE_TEXT = 1 << 3,
};

struct bnd_box_keydef {
	const char *name;  /* as in a profile; JSON has the same */
	const char *value; /* what is written, for people */
	const char *help;
	const char *const *words; /* of ORDER, NULL at the end */
	uint64_t least;		  /* of a number */
	size_t set; /* offset of a struct bnd_box_names, 0: not kept so */
	enum bnd_box_key key;
	enum bnd_box_lattice lattice;
	enum bnd_box_unit unit;
	unsigned places; /* enum bnd_box_place */
	bool repeats;	 /* bind, env: a line is one entry */
};

/* In the order of the enum; the last has key BND_BOX_NONE. */
extern const struct bnd_box_keydef bnd_box_keys[];
const struct bnd_box_keydef *bnd_box_key_of(enum bnd_box_key key);
/* NULL: no such key. */
const struct bnd_box_keydef *bnd_box_key_named(struct bnd_str name);

/* The words of syscalls in the order of enum bnd_box_group, NULL at the end. */
extern const char *const bnd_box_groups[];
/* The suffixes of a unit, largest first (bnd_text_scaled()). */
const struct bnd_text_unit *bnd_box_suffixes(enum bnd_box_unit unit);

/* The set a key is kept in, of SUBSET and SUPERSET; NULL: another field. */
struct bnd_box_names *bnd_box_set(
    struct bnd_box_policy *p, enum bnd_box_key key);
const struct bnd_box_names *bnd_box_set_of(
    const struct bnd_box_policy *p, enum bnd_box_key key);

#endif
