/* json-read.c: a second spelling of a value is no value; no recursion */
/* SPDX-License-Identifier: ISC */
#include "json-read.h"

#include <string.h>

#include "json.h"

#define DEPTH_MAX   4
#define MEMBERS_MAX 64
#define KEY_MAX	    32

/* ---- scanning: each takes one token off the front of *s ------------------ */

static bool
take(struct bnd_str *s, char c)
{
	if (s->len == 0 || *s->p != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

static bool
take_word(struct bnd_str *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->len -= n;
	return true;
}

/* Behind the backslash: the byte meant, or -1 for a second spelling. */
static int
take_escape(struct bnd_str *s)
{
	uint8_t byte;

	if (take(s, '"'))
		return '"';
	if (take(s, '\\'))
		return '\\';
	if (!take_word(s, "u00") || s->len < 2 ||
	    !bnd_text_from_hex((struct bnd_str){ s->p, 2 }, &byte, 1))
		return -1;
	s->p += 2;
	s->len -= 2;
	return byte >= 0x20 && byte <= 0x7e ? -1 : byte;
}

/* The bytes of a string, or -1 at its closing quote, or -2 for no string. */
static int
take_char(struct bnd_str *s)
{
	unsigned char c;
	int byte;

	if (s->len == 0)
		return -2;
	c = (unsigned char)*s->p;
	s->p++;
	s->len--;
	if (c == '"')
		return -1;
	if (c == '\\') {
		byte = take_escape(s);
		return byte >= 0 ? byte : -2;
	}
	return bnd_json_is_plain(c) ? c : -2;
}

static bool
take_string(struct bnd_str *s)
{
	int c;

	if (!take(s, '"'))
		return false;
	do {
		while (s->len > 0 && bnd_json_is_plain((unsigned char)*s->p)) {
			s->p++;
			s->len--;
		}
		c = take_char(s);
	} while (c >= 0);
	return c == -1;
}

static bool
take_number(struct bnd_str *s)
{
	bool minus = take(s, '-');
	struct bnd_str digits = { s->p, 0 };
	uint64_t n;

	while (digits.len < s->len && s->p[digits.len] >= '0' &&
	    s->p[digits.len] <= '9')
		digits.len++;
	s->p += digits.len;
	s->len -= digits.len;
	return bnd_text_u64(digits, BND_JSON_NUMBER_MAX, &n) &&
	    !(minus && n == 0);
}

static bool
take_scalar(struct bnd_str *s)
{
	if (s->len == 0)
		return false;
	switch (*s->p) {
	case '"':
		return take_string(s);
	case 't':
		return take_word(s, "true");
	case 'f':
		return take_word(s, "false");
	case 'n':
		return take_word(s, "null");
	default:
		return take_number(s);
	}
}

static bool
take_key(struct bnd_str *s, struct bnd_str *key)
{
	size_t n = 0;

	if (!take(s, '"'))
		return false;
	while (n < s->len &&
	    ((s->p[n] >= 'a' && s->p[n] <= 'z') ||
		(n > 0 &&
		    ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '_'))))
		n++;
	*key = (struct bnd_str){ s->p, n };
	if (n == 0 || n > KEY_MAX)
		return false;
	s->p += n;
	s->len -= n;
	return take_word(s, "\":");
}

/* ---- checking ------------------------------------------------------------ */

/* The containers that are open; no recursion, so depth costs no stack. */
struct nest {
	unsigned depth;
	struct level {
		char closes;
		unsigned members;
		struct bnd_str key[MEMBERS_MAX];
	} level[DEPTH_MAX];
};

/* Count a member of the innermost container; take its key, a new one. */
static bool
enter_member(struct nest *n, struct bnd_str *s)
{
	struct level *l = &n->level[n->depth - 1];
	struct bnd_str key;

	if (l->members == MEMBERS_MAX)
		return false;
	if (l->closes == ']') {
		l->members++;
		return true;
	}
	if (!take_key(s, &key))
		return false;
	for (unsigned i = 0; i < l->members; i++)
		if (l->key[i].len == key.len &&
		    memcmp(l->key[i].p, key.p, key.len) == 0)
			return false;
	l->key[l->members++] = key;
	return true;
}

enum step {
	STEP_BAD = 0,
	STEP_VALUE, /* a value must follow */
	STEP_AFTER, /* a value has ended */
	STEP_DONE,
};

static enum step
begin_value(struct nest *n, struct bnd_str *s)
{
	struct level *l;
	char closes;

	if (s->len == 0 || (*s->p != '{' && *s->p != '['))
		return take_scalar(s) ? STEP_AFTER : STEP_BAD;
	if (n->depth == DEPTH_MAX)
		return STEP_BAD;
	closes = *s->p == '{' ? '}' : ']';
	s->p++;
	s->len--;
	if (take(s, closes))
		return STEP_AFTER;
	l = &n->level[n->depth++];
	l->closes = closes;
	l->members = 0;
	return enter_member(n, s) ? STEP_VALUE : STEP_BAD;
}

static enum step
end_value(struct nest *n, struct bnd_str *s)
{
	while (n->depth > 0 && take(s, n->level[n->depth - 1].closes))
		n->depth--;
	if (n->depth == 0)
		return STEP_DONE;
	return take(s, ',') && enter_member(n, s) ? STEP_VALUE : STEP_BAD;
}

bool
bnd_json_valid(struct bnd_str json)
{
	struct nest n;
	struct bnd_str s = json;
	enum step step;

	n.depth = 0;
	do {
		step = begin_value(&n, &s);
		if (step == STEP_AFTER)
			step = end_value(&n, &s);
	} while (step == STEP_VALUE);
	return step == STEP_DONE && s.len == 0;
}

/* ---- looking things up --------------------------------------------------- */

/* Take a value that was checked before off the front of *s. */
static bool
take_value(struct bnd_str *s, struct bnd_str *val)
{
	unsigned depth = 0;
	bool fine = true;

	val->p = s->p;
	do {
		if (s->len > 0 && memchr("{[]},:", *s->p, 6) != NULL) {
			depth += *s->p == '{' || *s->p == '[';
			depth -= *s->p == '}' || *s->p == ']';
			s->p++;
			s->len--;
		} else {
			fine = take_scalar(s);
		}
	} while (fine && depth > 0);
	val->len = (size_t)(s->p - val->p);
	return fine;
}

bool
bnd_json_at(
    struct bnd_str value, size_t i, struct bnd_str *key, struct bnd_str *val)
{
	struct bnd_str s = value, name = { NULL, 0 }, v;
	bool object = take(&s, '{');

	if (!object && !take(&s, '['))
		return false;
	for (;; i--) {
		if (object && !take_key(&s, &name))
			return false;
		if (s.len == 0 || *s.p == ']' || !take_value(&s, &v))
			return false;
		if (i == 0)
			break;
		if (!take(&s, ','))
			return false;
	}
	*key = name;
	*val = v;
	return true;
}

bool
bnd_json_get(struct bnd_str object, const char *key, struct bnd_str *val)
{
	struct bnd_str s = object, name, v;

	if (!take(&s, '{'))
		return false;
	while (take_key(&s, &name) && take_value(&s, &v)) {
		if (bnd_str_is(name, key)) {
			*val = v;
			return true;
		}
		if (!take(&s, ','))
			return false;
	}
	return false;
}

bool
bnd_json_get_u64(struct bnd_str object, const char *key, uint64_t *out)
{
	struct bnd_str val;

	return bnd_json_get(object, key, &val) &&
	    bnd_text_u64(val, BND_JSON_NUMBER_MAX, out);
}

bool
bnd_json_get_i64(struct bnd_str object, const char *key, int64_t *out)
{
	struct bnd_str val;
	uint64_t n;
	bool negative;

	if (!bnd_json_get(object, key, &val))
		return false;
	negative = val.len > 0 && val.p[0] == '-';
	if (negative)
		val = (struct bnd_str){ val.p + 1, val.len - 1 };
	if (!bnd_text_u64(val, BND_JSON_NUMBER_MAX, &n))
		return false;
	*out = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

bool
bnd_json_get_bool(struct bnd_str object, const char *key, bool *out)
{
	struct bnd_str val;

	if (!bnd_json_get(object, key, &val))
		return false;
	*out = bnd_str_is(val, "true");
	return *out || bnd_str_is(val, "false");
}

bool
bnd_json_get_str(struct bnd_str object, const char *key, char *dst, size_t size)
{
	struct bnd_str s;
	size_t n = 0;
	int c;

	dst[0] = '\0';
	if (!bnd_json_get(object, key, &s) || !take(&s, '"'))
		return false;
	while ((c = take_char(&s)) > 0 && n + 1 < size)
		dst[n++] = (char)c;
	dst[c == -1 ? n : 0] = '\0';
	return c == -1;
}

bool
bnd_json_get_b64(struct bnd_str object, const char *key, uint8_t *bin, size_t n)
{
	struct bnd_str s;

	if (!bnd_json_get(object, key, &s) || !take(&s, '"') || s.len == 0)
		return false;
	s.len--; /* the closing quote of a string that was checked */
	return bnd_text_from_b64(s, bin, n);
}

bool
bnd_json_is_null(struct bnd_str value)
{
	return bnd_str_is(value, "null");
}
