/* usb-term.c: the words of the grammar */
/* SPDX-License-Identifier: ISC */
#include "usb-term.h"

#include <stdalign.h>

static const char *const targets[] = {
	[BND_USB_RULE_ALLOW] = "allow",
	[BND_USB_RULE_BLOCK] = "block",
	[BND_USB_RULE_REJECT] = "reject",
};
static const char *const ops[] = {
	[BND_USB_EQUALS] = "equals",
	[BND_USB_ALL_OF] = "all-of",
	[BND_USB_ONE_OF] = "one-of",
	[BND_USB_NONE_OF] = "none-of",
	[BND_USB_EQUALS_ORDERED] = "equals-ordered",
	[BND_USB_MATCH_ALL] = "match-all",
};
static const char *const bys[BND_USB_BYS] = {
	[BND_USB_BY_ID] = "id",
	[BND_USB_BY_SERIAL] = "serial",
	[BND_USB_BY_NAME] = "name",
	[BND_USB_BY_HASH] = "hash",
	[BND_USB_BY_PARENT] = "parent-hash",
	[BND_USB_BY_PORT] = "via-port",
	[BND_USB_BY_IFACE] = "with-interface",
	[BND_USB_BY_IF] = "if",
	[BND_USB_BY_CONNECT] = "with-connect-type",
	[BND_USB_BY_LABEL] = "label",
};
static const char *const conds[BND_USB_IFS] = {
	[BND_USB_IF_TRUE] = "true",
	[BND_USB_IF_FALSE] = "false",
	[BND_USB_IF_ALLOWED] = "allowed-matches",
	[BND_USB_IF_LOCALTIME] = "localtime",
	[BND_USB_IF_RANDOM] = "random",
	[BND_USB_IF_APPLIED] = "rule-applied",
	[BND_USB_IF_EVALUATED] = "rule-evaluated",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
name_of(const char *const *table, size_t n, size_t i)
{
	return i < n && table[i] != NULL ? table[i] : "?";
}

const char *
bnd_usb_target_name(enum bnd_usb_target target)
{
	return name_of(targets, COUNT(targets), target);
}

const char *
bnd_usb_op_name(enum bnd_usb_op op)
{
	return name_of(ops, COUNT(ops), op);
}

const char *
bnd_usb_by_name(enum bnd_usb_by by)
{
	return name_of(bys, COUNT(bys), by);
}

const char *
bnd_usb_cond_name(enum bnd_usb_cond cond)
{
	return name_of(conds, COUNT(conds), cond);
}

void *
bnd_usb_arena_take(struct bnd_usb_arena *arena, size_t size)
{
	size_t whole = (size + alignof(max_align_t) - 1) /
	    alignof(max_align_t) * alignof(max_align_t);
	void *p = arena->p;

	if (whole < size || whole > arena->left)
		return NULL;
	arena->p += whole;
	arena->left -= whole;
	return p;
}
