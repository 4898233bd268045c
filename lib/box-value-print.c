/* box-value-print.c: a value as a profile writes it, in one spelling */
/* SPDX-License-Identifier: ISC */
#include "box-value-print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "box-bind.h"

struct out {
	char *at;
	size_t size, len;
	bool full;
};

static void
add(struct out *o, const char *text)
{
	size_t n = strlen(text);

	if (o->full || n >= o->size - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->at + o->len, text, n + 1);
	o->len += n;
}

static void
add_word(struct out *o, const char *word)
{
	if (o->len > 0)
		add(o, " ");
	add(o, word);
}

/* With the largest suffix that leaves no remainder. */
static void
add_number(struct out *o, uint64_t n, enum bnd_box_unit unit)
{
	const struct bnd_text_unit *u = bnd_box_suffixes(unit);
	char word[32];

	if (n == BND_BOX_TOP) {
		add_word(o, "max");
		return;
	}
	while (u[1].suffix != NULL && (n == 0 || n % u->n != 0))
		u++;
	snprintf(word, sizeof(word), "%" PRIu64 "%s", n / u->n, u->suffix);
	add_word(o, word);
}

static void
print_number(
    struct out *o, const struct bnd_box_policy *p, enum bnd_box_key key)
{
	const struct bnd_box_keydef *k = bnd_box_key_of(key);

	if (k->unit == BND_UNIT_MODE) {
		add_word(o, bnd_mode_name((enum bnd_mode)p->num[key]));
		return;
	}
	add_number(o, p->num[key], k->unit);
	if (key == BND_BOX_TMP)
		add_number(o, p->tmp_inodes, BND_UNIT_BYTES);
}

static void
print_set(struct out *o, const struct bnd_box_policy *p, enum bnd_box_key key)
{
	const struct bnd_box_names *set = bnd_box_set_of(p, key);
	char word[16];

	if (set != NULL) {
		for (size_t i = 0; i < set->n; i++)
			add_word(o, set->at[i]);
	} else if (key == BND_BOX_SYSCALLS) {
		for (size_t i = 0; bnd_box_groups[i] != NULL; i++)
			if ((p->calls & 1U << i) != 0)
				add_word(o, bnd_box_groups[i]);
	} else {
		for (size_t i = 0; i < p->fds_n; i++) {
			snprintf(word, sizeof(word), "%d", p->fds[i]);
			add_word(o, word);
		}
	}
	if (o->len == 0)
		add(o, "none");
}

static void
print_entry(struct out *o, const struct bnd_box_policy *p, enum bnd_box_key key,
    size_t i)
{
	char entry[3 * BND_BOX_PATH];

	if (key == BND_BOX_ENV)
		add(o, p->env.at[i]);
	else if (bnd_box_bind_print(&p->bind[i], entry, sizeof(entry)))
		add(o, entry);
	else
		o->full = true;
}

static void
print_one(struct out *o, const struct bnd_box_policy *p, enum bnd_box_key key)
{
	const struct bnd_box_keydef *k = bnd_box_key_of(key);

	switch (k->lattice) {
	case BND_LATTICE_MIN:
	case BND_LATTICE_MAX:
		print_number(o, p, key);
		break;
	case BND_LATTICE_ORDER:
		add(o, k->words[p->num[key]]);
		break;
	case BND_LATTICE_SUBSET:
	case BND_LATTICE_SUPERSET:
		print_set(o, p, key);
		break;
	case BND_LATTICE_FREE:
	case BND_LATTICE_MAP:
		add(o, key == BND_BOX_CWD ? p->cwd : "1");
		break;
	}
}

size_t
bnd_box_value_lines(const struct bnd_box_policy *p, enum bnd_box_key key)
{
	if (!p->said[key] || key == BND_BOX_BASE)
		return 0;
	if (key == BND_BOX_BIND)
		return p->binds;
	return key == BND_BOX_ENV ? p->env.n : 1;
}

bool
bnd_box_value_line(const struct bnd_box_policy *p, enum bnd_box_key key,
    size_t i, char *buf, size_t size)
{
	struct out o = { .at = buf, .size = size };

	if (bnd_box_key_of(key)->repeats)
		print_entry(&o, p, key, i);
	else
		print_one(&o, p, key);
	return !o.full;
}

bool
bnd_box_value_print(const struct bnd_box_policy *p, enum bnd_box_key key,
    char *buf, size_t size)
{
	size_t lines = bnd_box_value_lines(p, key);
	struct out o = { .at = buf, .size = size };

	if (!p->said[key])
		add(&o, "any");
	else if (lines == 0)
		add(&o, "none");
	for (size_t i = 0; i < lines; i++) {
		if (i > 0)
			add(&o, "; ");
		if (bnd_box_key_of(key)->repeats)
			print_entry(&o, p, key, i);
		else
			print_one(&o, p, key);
	}
	return !o.full;
}
