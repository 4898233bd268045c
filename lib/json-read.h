/* json-read.h: JSON in its one spelling, checked and looked up (bnd-log(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_JSON_READ_H
#define BND_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/*
 * Values are slices of raw text, checked once by bnd_json_valid():
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
bool bnd_json_get_i64(struct bnd_str object, const char *key, int64_t *out);
bool bnd_json_get_bool(struct bnd_str object, const char *key, bool *out);
/* Unescaped, NUL added; false if it holds a NUL or does not fit. */
bool bnd_json_get_str(
    struct bnd_str object, const char *key, char *dst, size_t size);
bool bnd_json_get_b64(
    struct bnd_str object, const char *key, uint8_t *bin, size_t n);
bool bnd_json_is_null(struct bnd_str value);

#endif
