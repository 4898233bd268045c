/* netval-addr.h: addresses of net.allow(5), and their classes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETVAL_ADDR_H
#define BND_NETVAL_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "netlist-note.h"
#include "text.h"

struct bnd_prefix {
	uint8_t family; /* 0 none, 4 or 6 */
	uint8_t len;
	uint8_t addr[16]; /* network order; IPv4 in the first four */
};

/* Takes exactly the value; false fills *flaw. */
bool bnd_netval_prefix(
    struct bnd_str s, struct bnd_prefix *out, struct bnd_flaw *flaw);

/* The other way; a size that always does. */
#define BND_PREFIX_TEXT 56
void bnd_prefix_text(
    const struct bnd_prefix *p, char dst[static BND_PREFIX_TEXT]);

/* The address of p lies in the network of net. */
bool bnd_prefix_has(const struct bnd_prefix *net, const struct bnd_prefix *p);

/* a lies inside b (same family, at least as long, same leading bits). */
bool bnd_prefix_inside(const struct bnd_prefix *a, const struct bnd_prefix *b);

/*
 * Address classes, one table for the parser and the rules: no line opens a
 * BND_CLASS_NEVER address, and only a line whose prefix lies inside opens one
 * of BND_CLASS_INSIDE.
 */
enum bnd_class_kind {
	BND_CLASS_NONE = 0,
	BND_CLASS_NEVER,
	BND_CLASS_INSIDE,
};
struct bnd_class {
	enum bnd_class_kind kind;
	struct bnd_prefix prefix;
};
extern const struct bnd_class bnd_classes[]; /* ends with BND_CLASS_NONE */

#endif
