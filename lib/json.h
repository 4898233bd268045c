/* json.h: the one spelling of JSON, written and read (bnd-log(5), GRAMMAR) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_JSON_H
#define BND_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/*
 * Writing.  The buffer is the caller's.  Nothing is ever cut: once something
 * did not fit, full stays true and bnd_json_end() says so.  Commas and colons
 * are put where they belong.  Strings are byte strings: printable ASCII stands
 * for itself, \" and \\ for those two, \u00xx for every other byte.
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

/*
 * Reading.  Values are slices of raw text, checked once by bnd_json_valid():
 * strict grammar, no spaces, no duplicate keys, keys [a-z][a-z0-9_]* of at most
 * 32 bytes, depth at most 4, at most 64 members, integers below 2^53, one
 * spelling for each value.  No recursion.
 */
bool bnd_json_valid(struct bnd_str json);

/* Of a valid object; false, and *val as it was, if the key is not there. */
bool bnd_json_get(struct bnd_str object, const char *key, struct bnd_str *val);

/*
 * Member i of a valid object or element i of a valid array, in order.  key may
 * be NULL.
 */
bool bnd_json_at(
    struct bnd_str value, size_t i, struct bnd_str *key, struct bnd_str *val);

/* A value as what it must be; false if it is anything else. */
bool bnd_json_get_u64(struct bnd_str object, const char *key, uint64_t *out);
bool bnd_json_get_bool(struct bnd_str object, const char *key, bool *out);
/* Unescaped, NUL added; false if it holds a NUL or does not fit. */
bool bnd_json_get_str(
    struct bnd_str object, const char *key, char *dst, size_t size);
bool bnd_json_get_b64(
    struct bnd_str object, const char *key, uint8_t *bin, size_t n);
bool bnd_json_is_null(struct bnd_str value);

#endif
