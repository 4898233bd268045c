/* json.c: JSON with exactly one spelling for each value, written */
/* SPDX-License-Identifier: ISC */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
put(struct bnd_json *j, const char *p, size_t n)
{
	if (j->full || n >= j->size - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, p, n);
	j->len += n;
}

static void
put_text(struct bnd_json *j, const char *s)
{
	put(j, s, strlen(s));
}

static void
put_escaped(struct bnd_json *j, unsigned char c)
{
	char esc[8];

	if (c == '"' || c == '\\')
		snprintf(esc, sizeof(esc), "\\%c", c);
	else
		snprintf(esc, sizeof(esc), "\\u00%02x", c);
	put_text(j, esc);
}

static void
put_quoted(struct bnd_json *j, struct bnd_str s)
{
	size_t run = 0;

	put(j, "\"", 1);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (bnd_json_is_plain(c))
			continue;
		put(j, s.p + run, i - run);
		put_escaped(j, c);
		run = i + 1;
	}
	put(j, s.p + run, s.len - run);
	put(j, "\"", 1);
}

static void
put_key(struct bnd_json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (key == NULL)
		return;
	put(j, "\"", 1);
	put_text(j, key);
	put(j, "\":", 2);
}

void
bnd_json_begin(struct bnd_json *j, char *buf, size_t size)
{
	*j = (struct bnd_json){ .buf = buf, .size = size, .full = size == 0 };
}

bool
bnd_json_end(struct bnd_json *j)
{
	if (j->size > 0)
		j->buf[j->full ? 0 : j->len] = '\0';
	return !j->full;
}

void
bnd_json_open(struct bnd_json *j, const char *key, char bracket)
{
	put_key(j, key);
	put(j, &bracket, 1);
	j->comma = false;
}

void
bnd_json_close(struct bnd_json *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

void
bnd_json_str(struct bnd_json *j, const char *key, const char *s)
{
	bnd_json_bytes(j, key, (struct bnd_str){ s, strlen(s) });
}

void
bnd_json_bytes(struct bnd_json *j, const char *key, struct bnd_str s)
{
	put_key(j, key);
	put_quoted(j, s);
}

void
bnd_json_int(struct bnd_json *j, const char *key, int64_t n)
{
	char num[24];

	if (n > (int64_t)BND_JSON_NUMBER_MAX ||
	    n < -(int64_t)BND_JSON_NUMBER_MAX)
		j->full = true; /* jq and others would round it */
	snprintf(num, sizeof(num), "%" PRId64, n);
	put_key(j, key);
	put_text(j, num);
}

void
bnd_json_bool(struct bnd_json *j, const char *key, bool b)
{
	put_key(j, key);
	put_text(j, b ? "true" : "false");
}

void
bnd_json_null(struct bnd_json *j, const char *key)
{
	put_key(j, key);
	put_text(j, "null");
}

void
bnd_json_b64(struct bnd_json *j, const char *key, const uint8_t *bin, size_t n)
{
	char b64[BND_B64_LEN(64) + 1];

	if (n > 64) {
		j->full = true;
		return;
	}
	bnd_text_to_b64(bin, n, b64);
	bnd_json_str(j, key, b64);
}

void
bnd_json_raw(struct bnd_json *j, const char *key, struct bnd_str json)
{
	put_key(j, key);
	put(j, json.p, json.len);
}
