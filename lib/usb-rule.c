/* usb-rule.c: rules of any number of files, all of them or none */
/* SPDX-License-Identifier: ISC */
#include "usb-rule.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Never moved or freed before the set is, as values point into one another. */
struct bnd_usb_chunk {
	struct bnd_usb_chunk *next;
	struct bnd_usb_arena left;
	alignas(max_align_t) char room[];
};

/* A few rules, and many. */
#define FIRST_CHUNK (32 << 10)
#define CHUNK	    (1 << 20)

static int
no_memory(const char *name, struct bnd_err *err)
{
	return bnd_fail_errno(err, "cannot read %s", name);
}

/* An arena with that much left. */
static struct bnd_usb_arena *
arena(struct bnd_usb_rules *set, size_t need)
{
	size_t size = set->chunk == NULL ? FIRST_CHUNK : CHUNK;
	struct bnd_usb_chunk *c;

	if (set->chunk != NULL && set->chunk->left.left >= need)
		return &set->chunk->left;
	if (size < need)
		size = need;
	c = malloc(sizeof(*c) + size);
	if (c == NULL)
		return NULL;
	c->next = set->chunk;
	c->left = (struct bnd_usb_arena){ c->room, size };
	set->chunk = c;
	return &c->left;
}

static struct bnd_usb_rule *
room_for_one(struct bnd_usb_rules *set)
{
	size_t room = set->room == 0 ? 16 : set->room * 2;
	struct bnd_usb_rule *rule;

	if (set->n < set->room)
		return &set->rule[set->n];
	rule = reallocarray(set->rule, room, sizeof(*rule));
	if (rule == NULL)
		return NULL;
	set->rule = rule;
	set->room = room;
	return &rule[set->n];
}

static int
add_line(struct bnd_usb_rules *set, const char *name, unsigned line,
    struct bnd_str text, struct bnd_err *err)
{
	/* One that is too long takes no more than its complaint. */
	size_t len = text.len > BND_USB_LINE_MAX ? 0 : text.len;
	struct bnd_usb_arena *a = arena(set, BND_USB_ARENA_NEED(len));
	struct bnd_usb_rule *r = room_for_one(set);

	if (a == NULL || r == NULL)
		return no_memory(name, err);
	if (bnd_usb_parse(name, line, text, a, r, err) != 0)
		return -1;
	if (r->target == BND_USB_TARGET_NONE)
		return 0;
	if (set->n == BND_USB_RULES_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "%s:%u:1: more than %u rules in all", name, line,
		    BND_USB_RULES_MAX);
	set->n++;
	return 0;
}

static int
add_lines(struct bnd_usb_rules *set, const char *name, struct bnd_str text,
    struct bnd_err *err)
{
	struct bnd_str line;
	unsigned number = 0;
	bool whole;

	while (bnd_text_line(&text, &line, &whole)) {
		number++;
		if (add_line(set, name, number, line, err) != 0)
			return -1;
		if (!whole)
			return bnd_fail(err, BND_E_INPUT,
			    "%s:%u:%zu: the last line has no end", name, number,
			    line.len + 1);
	}
	return 0;
}

int
bnd_usb_rules_add(struct bnd_usb_rules *set, const char *name,
    struct bnd_str text, struct bnd_err *err)
{
	size_t size = strlen(name) + 1;
	struct bnd_usb_arena *a = arena(set, size + sizeof(max_align_t));
	char *kept = a != NULL ? bnd_usb_arena_take(a, size) : NULL;

	if (kept != NULL &&
	    add_lines(set, memcpy(kept, name, size), text, err) == 0)
		return 0;
	if (kept == NULL)
		no_memory(name, err);
	bnd_usb_rules_free(set);
	return -1;
}

void
bnd_usb_rules_free(struct bnd_usb_rules *set)
{
	struct bnd_usb_chunk *next;

	for (struct bnd_usb_chunk *c = set->chunk; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(set->rule);
	*set = (struct bnd_usb_rules){ 0 };
}

const struct bnd_usb_rule *
bnd_usb_rules_at(const struct bnd_usb_rules *set, size_t i)
{
	return &set->rule[i];
}

enum bnd_usb_target
bnd_usb_rule_target(const struct bnd_usb_rule *r)
{
	return r->target;
}

const struct bnd_usb_rule *
bnd_usb_rules_first(const struct bnd_usb_rules *set,
    const struct bnd_usb_device *d, const struct bnd_usb_others *others)
{
	for (size_t i = 0; i < set->n; i++)
		if (bnd_usb_rule_hits(&set->rule[i], d, others))
			return &set->rule[i];
	return NULL;
}

bool
bnd_usb_rules_ask_others(const struct bnd_usb_rules *set)
{
	for (size_t i = 0; i < set->n; i++)
		for (const struct bnd_usb_value *v =
			 set->rule[i].set[BND_USB_BY_IF].first;
		     v != NULL; v = v->next)
			if (v->cond.word == BND_USB_IF_ALLOWED)
				return true;
	return false;
}

static bool
asks_connect(const struct bnd_usb_rule *r)
{
	if (r->set[BND_USB_BY_CONNECT].n > 0)
		return true;
	for (const struct bnd_usb_value *v = r->set[BND_USB_BY_IF].first;
	     v != NULL; v = v->next)
		if (v->cond.query != NULL &&
		    v->cond.query->set[BND_USB_BY_CONNECT].n > 0)
			return true;
	return false;
}

bool
bnd_usb_rules_ask_connect(const struct bnd_usb_rules *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (asks_connect(&set->rule[i]))
			return true;
	return false;
}
