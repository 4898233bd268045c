/* json.h: the one spelling of JSON, written (bnd-log(5), GRAMMAR) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_JSON_H
#define BND_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Larger ones jq and others would round. */
#define BND_JSON_NUMBER_MAX ((UINT64_C(1) << 53) - 1)

/* Whether a byte of a string stands for itself; every other one is escaped. */
static inline bool
bnd_json_is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

/*
 * The buffer is the caller's.  Nothing is ever cut: once something did not fit,
 * full stays true and bnd_json_end() says so.  Commas and colons are put where
 * they belong.  Strings are byte strings: printable ASCII stands for itself,
 * \" and \\ for those two, \u00xx for every other byte.
 */
struct bnd_json {
	char *buf;
	size_t size, len;
	bool full, comma;
};

void bnd_json_begin(struct bnd_json *j, char *buf, size_t size);
bool bnd_json_end(struct bnd_json *j); /* NUL added; false if it did not fit */

void bnd_json_open(struct bnd_json *j, const char *key, char bracket);
void bnd_json_close(struct bnd_json *j, char bracket);

/* key is NULL inside an array and for a value at the top. */
void bnd_json_str(struct bnd_json *j, const char *key, const char *s);
void bnd_json_bytes(struct bnd_json *j, const char *key, struct bnd_str s);
void bnd_json_int(struct bnd_json *j, const char *key, int64_t n);
void bnd_json_bool(struct bnd_json *j, const char *key, bool b);
void bnd_json_null(struct bnd_json *j, const char *key);
/* base64 of n bytes as a string */
void bnd_json_b64(
    struct bnd_json *j, const char *key, const uint8_t *bin, size_t n);
/* A value that is JSON already. */
void bnd_json_raw(struct bnd_json *j, const char *key, struct bnd_str json);

#endif
