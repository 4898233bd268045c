/* usb-term.h: what a rule is made of */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_TERM_H
#define BND_USB_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum bnd_usb_target {
	BND_USB_TARGET_NONE = 0,
	BND_USB_RULE_ALLOW,
	BND_USB_RULE_BLOCK,
	BND_USB_RULE_REJECT,
};

enum bnd_usb_op {
	BND_USB_EQUALS = 0,
	BND_USB_ALL_OF,
	BND_USB_ONE_OF,
	BND_USB_NONE_OF,
	BND_USB_EQUALS_ORDERED,
	BND_USB_MATCH_ALL,
	BND_USB_OPS,
};

/* What a rule can speak of, in the order in which it is printed. */
enum bnd_usb_by {
	BND_USB_BY_ID = 0,
	BND_USB_BY_SERIAL,
	BND_USB_BY_NAME,
	BND_USB_BY_HASH,
	BND_USB_BY_PARENT,
	BND_USB_BY_PORT,
	BND_USB_BY_IFACE,
	BND_USB_BY_IF,
	BND_USB_BY_CONNECT,
	BND_USB_BY_LABEL,
	BND_USB_BYS,
};

enum bnd_usb_cond {
	BND_USB_IF_TRUE = 0,
	BND_USB_IF_FALSE,
	BND_USB_IF_ALLOWED,
	/* From here on: not to be decided by tools that come and go. */
	BND_USB_IF_LOCALTIME,
	BND_USB_IF_RANDOM,
	BND_USB_IF_APPLIED,
	BND_USB_IF_EVALUATED,
	BND_USB_IFS,
};

/* How many parts at the end are "*": the more, the less it says. */
struct bnd_usb_value {
	struct bnd_usb_value *next;
	unsigned col; /* where it stands in its line, from 1 */
	union {
		struct bnd_str str; /* without quotes and escapes */
		struct {
			uint16_t vendor, product;
			uint8_t stars;
		} id;
		struct {
			uint8_t class, subclass, protocol;
			uint8_t stars;
		} iface;
		struct {
			enum bnd_usb_cond word;
			bool negated;
			struct bnd_str arg; /* as written; p NULL: none */
			struct bnd_usb_rule *query; /* allowed-matches */
		} cond;
	};
};

struct bnd_usb_set {
	enum bnd_usb_op op;
	unsigned col; /* of the attribute's word; 0: not spoken of */
	size_t n;
	struct bnd_usb_value *first;
};

/*
 * The target of a query in allowed-matches is the direction in which doubt
 * must go: ALLOW where a match of it speaks for the device, else BLOCK.
 */
struct bnd_usb_rule {
	enum bnd_usb_target target;
	const char *file;
	unsigned line;
	struct bnd_usb_set set[BND_USB_BYS];
};

/* Memory of the caller's, which the values stay in. */
struct bnd_usb_arena {
	char *p;
	size_t left;
};
/* NULL if that much is not left.  Not zeroed. */
void *bnd_usb_arena_take(struct bnd_usb_arena *arena, size_t size);

/* The words of the grammar; "?" for a value that is none. */
const char *bnd_usb_target_name(enum bnd_usb_target target);
const char *bnd_usb_op_name(enum bnd_usb_op op);
const char *bnd_usb_by_name(enum bnd_usb_by by);
const char *bnd_usb_cond_name(enum bnd_usb_cond cond);

#endif
