/* succeeds.c: what a log says of the one it comes after */
/* SPDX-License-Identifier: ISC */
#include "succeeds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json-read.h"
#include "record.h"

void
bnd_succeeds_to_json(
    const struct bnd_succeeds *s, struct bnd_json *j, const char *key)
{
	bnd_json_open(j, key, '{');
	bnd_json_b64(j, "id", s->id, sizeof(s->id));
	bnd_json_int(j, "seq", (int64_t)s->mark.seq);
	bnd_json_b64(j, "link", s->mark.link, sizeof(s->mark.link));
	bnd_json_str(j, "mode", bnd_mode_name(s->mode));
	bnd_json_bool(j, "frozen", s->frozen);
	bnd_json_str(j, "reason", s->reason);
	bnd_json_open(j, "origin", '[');
	for (unsigned i = 0; i < s->origins; i++)
		bnd_json_b64(j, NULL, s->origin[i], BND_ID_LEN);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

/* Exactly these keys, in this order. */
static bool
has_keys(struct bnd_str json)
{
	static const char *const keys[] = { "id", "seq", "link", "mode",
		"frozen", "reason", "origin" };
	const size_t n = sizeof(keys) / sizeof(keys[0]);
	struct bnd_str key, val;

	for (size_t i = 0; i < n; i++)
		if (!bnd_json_at(json, i, &key, &val) ||
		    !bnd_str_is(key, keys[i]))
			return false;
	return !bnd_json_at(json, n, &key, &val);
}

/* LOCKDOWN is not entered from LOCKDOWN. */
static bool
get_mode(struct bnd_str json, enum bnd_mode *mode)
{
	char word[16];

	return bnd_json_get_str(json, "mode", word, sizeof(word)) &&
	    bnd_mode_parse_exact(
		(struct bnd_str){ word, strlen(word) }, mode) &&
	    *mode < BND_LOCKDOWN;
}

/* "\"<22 characters>\"" */
static bool
take_id(struct bnd_str val, uint8_t id[static BND_ID_LEN])
{
	return val.len > 2 && val.p[0] == '"' &&
	    bnd_text_from_b64(
		(struct bnd_str){ val.p + 1, val.len - 2 }, id, BND_ID_LEN);
}

static bool
get_origins(struct bnd_str json, struct bnd_succeeds *s)
{
	struct bnd_str list, key, val;

	if (!bnd_json_get(json, "origin", &list) || list.p[0] != '[')
		return false;
	s->origins = 0;
	while (bnd_json_at(list, s->origins, &key, &val)) {
		if (s->origins == BND_APPROVERS_MAX ||
		    !take_id(val, s->origin[s->origins]))
			return false;
		s->origins++;
	}
	return s->origins > 0;
}

bool
bnd_succeeds_from_json(struct bnd_str json, struct bnd_succeeds *s)
{
	memset(s, 0, sizeof(*s));
	return json.len > 0 && json.p[0] == '{' && has_keys(json) &&
	    bnd_json_get_b64(json, "id", s->id, sizeof(s->id)) &&
	    bnd_json_get_u64(json, "seq", &s->mark.seq) &&
	    bnd_json_get_b64(
		json, "link", s->mark.link, sizeof(s->mark.link)) &&
	    get_mode(json, &s->mode) &&
	    bnd_json_get_bool(json, "frozen", &s->frozen) &&
	    bnd_json_get_str(json, "reason", s->reason, sizeof(s->reason)) &&
	    get_origins(json, s);
}

void
bnd_succeeds_subject(const struct bnd_succeeds *s,
    char subject[static BND_CHALLENGE_SUBJECT + 1])
{
	char id[BND_B64_LEN(BND_ID_LEN) + 1];
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];

	bnd_text_to_b64(s->id, BND_ID_LEN, id);
	bnd_text_to_b64(s->mark.link, BND_HASH_LEN, link);
	snprintf(subject, BND_CHALLENGE_SUBJECT + 1, "%s %" PRIu64 " %s", id,
	    s->mark.seq, link);
}

int
bnd_succeeds_check(const struct bnd_succeeds *s, const struct bnd_approver *a,
    unsigned *at, struct bnd_err *err)
{
	for (unsigned i = 0; i < s->origins; i++)
		if (bnd_approver_check(a, s->origin[i], err) == 0) {
			*at = i;
			return 0;
		}
	return -1;
}
