/* turn.c: what one record says, member by member, and what is wrong with it */
/* SPDX-License-Identifier: ISC */
#include "turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json-read.h"

void
bnd_turn_report(
    const struct bnd_turn *t, enum bnd_code code, const char *fmt, ...)
{
	struct bnd_finding f = {
		.code = code,
		.has_seq = true,
		.seq = t->mark.seq,
	};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	t->sink->take(t->sink->arg, &f);
}

static bool
mode_of(struct bnd_str object, const char *key, enum bnd_mode *out)
{
	char name[BND_NAME_MAX];

	return bnd_json_get_str(object, key, name, sizeof(name)) &&
	    bnd_mode_parse_exact((struct bnd_str){ name, strlen(name) }, out);
}

bool
bnd_turn_mode(const struct bnd_turn *t, const char *key, enum bnd_mode *out)
{
	return mode_of(t->d, key, out);
}

bool
bnd_turn_has(const struct bnd_turn *t, const char *key, char bracket)
{
	struct bnd_str v;

	return bnd_json_get(t->d, key, &v) && v.p[0] == bracket;
}

bool
bnd_turn_hex(const struct bnd_turn *t, const char *key, uint8_t *bin, size_t n,
    bool *given)
{
	char hex[2 * BND_HASH_LEN + 1];
	struct bnd_str v;

	*given = false;
	if (!bnd_json_get(t->d, key, &v))
		return false;
	if (bnd_json_is_null(v))
		return true;
	*given = true;
	return bnd_json_get_str(t->d, key, hex, sizeof(hex)) &&
	    bnd_text_from_hex((struct bnd_str){ hex, strlen(hex) }, bin, n);
}

void
bnd_turn_deed(struct bnd_turn *t, enum bnd_action action, enum bnd_mode from,
    enum bnd_mode to, const struct bnd_approver *whom)
{
	struct bnd_deed *d = &t->l->deed;

	*d = (struct bnd_deed){ .seq = t->mark.seq,
		.action = action,
		.from = from,
		.to = to,
		.by = t->l->consent };
	if (whom != NULL)
		bnd_signer_of(whom, &d->whom);
}
