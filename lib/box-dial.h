/* box-dial.h: what a relay dials: pairs of a list, pinned to addresses */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_DIAL_H
#define BND_BOX_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box-allow.h"
#include "box-policy.h"
#include "err.h"
#include "text.h"

#define BND_DIALS 128

/* One address of a pair: af is AF_INET or AF_INET6, addr in network order. */
struct bnd_dial {
	const char *pair; /* canonical, the policy's */
	int af;
	uint16_t port; /* host order */
	uint8_t addr[16];
};
struct bnd_dials {
	size_t n;
	struct bnd_dial at[BND_DIALS]; /* those of one pair in a row */
};

/* Whether a policy needs a relay at all: an empty list is nothing. */
bool bnd_dial_any(const struct bnd_box_policy *p);

/* A canonical pair: 0 its address was added, 1 it is a name's, -1 no room. */
int bnd_dial_add(
    struct bnd_dials *d, const char *pair, struct bnd_err *err) BND_CHECK;
/*
 * The addresses of a name, as getent(1) prints them (ahosts).  None at all, one
 * that is never dialled and what is no such line are errors: an answer that is
 * bad in one line is not believed in another.
 */
int bnd_dial_name(struct bnd_dials *d, const char *pair, struct bnd_str answer,
    struct bnd_err *err) BND_CHECK;

/*
 * What a client asks for, HOST:PORT or [IPV6]:PORT, in the spelling of the
 * list.  An address in the clothes of another kind (::ffff:192.0.2.1) is none.
 */
bool bnd_dial_spelled(struct bnd_str text, char pair[static BND_BOX_PAIR]);
/* The first address of a pair, the one after it, or NULL. */
const struct bnd_dial *bnd_dial_first(
    const struct bnd_dials *d, const char *pair);
const struct bnd_dial *bnd_dial_next(
    const struct bnd_dials *d, const struct bnd_dial *at);

/* "192.0.2.1", "2001:db8::1" */
#define BND_DIAL_TEXT 46
void bnd_dial_text(const struct bnd_dial *at, char buf[static BND_DIAL_TEXT]);

#endif
