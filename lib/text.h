/* text.h: lines, words, strict numbers, hex and base64: the only tokenizer */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TEXT_H
#define BND_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody else's bytes; not terminated. */
struct bnd_str {
	const char *p;
	size_t len;
};

bool bnd_str_is(struct bnd_str s, const char *word);

/*
 * Copy s into dst with a NUL.  False if it does not fit or holds a NUL byte;
 * dst is then the empty string.
 */
bool bnd_str_copy(struct bnd_str s, char *dst, size_t size);

/* s before its first c, or all of it; and s behind its first n bytes. */
struct bnd_str bnd_str_until(struct bnd_str s, char c);
struct bnd_str bnd_str_from(struct bnd_str s, size_t n);

/*
 * The next line of *rest without its LF, and *rest moved behind it.  False at
 * the end; a last line without LF is returned with *whole false.
 */
bool bnd_text_line(struct bnd_str *rest, struct bnd_str *line, bool *whole);

/* The next word of *rest; words are separated by blanks and tabs. */
bool bnd_text_word(struct bnd_str *rest, struct bnd_str *word);

/* Move s behind text if it begins with it; else false and s as it was. */
bool bnd_text_take(struct bnd_str *s, const char *text);

/* Decimal digits only: no sign, blank, leading zero; at most max. */
bool bnd_text_u64(struct bnd_str s, uint64_t max, uint64_t *out);

/* Seconds: a number, with or without s, m, h or d; not 0, at most max. */
bool bnd_text_span(struct bnd_str s, uint64_t max, uint64_t *seconds);

/*
 * Digits and exactly one of the suffixes (the empty one if it is listed), as in
 * 64K or 500ms: the product, at most max.  The list ends with a NULL suffix.
 */
struct bnd_text_unit {
	const char *suffix;
	uint64_t n;
};
bool bnd_text_scaled(struct bnd_str s, const struct bnd_text_unit *units,
    uint64_t max, uint64_t *out);

/* Lower-case hex of exactly n bytes.  hex takes 2 * n + 1 bytes. */
void bnd_text_to_hex(const uint8_t *bin, size_t n, char *hex);
bool bnd_text_from_hex(struct bnd_str s, uint8_t *bin, size_t n);

/*
 * URL-safe base64 without padding (RFC 4648 section 5), one spelling a value:
 * the alphabet is checked, spare bits must be zero, the length is exact.
 * BND_B64_LEN(n) characters and a NUL.  Our own, because libsodium 1.0.18
 * decodes every byte from 0x80 to 0xff as 63.
 */
#define BND_B64_LEN(n) (((n)*4 + 2) / 3)
void bnd_text_to_b64(const uint8_t *bin, size_t n, char *b64);
bool bnd_text_from_b64(struct bnd_str s, uint8_t *bin, size_t n);

/* The same for the standard alphabet with padding (pasted signatures). */
#define BND_B64STD_LEN(n) (((n) + 2) / 3 * 4)
void bnd_text_to_b64std(const uint8_t *bin, size_t n, char *b64);
bool bnd_text_from_b64std(struct bnd_str s, uint8_t *bin, size_t n);
/* However many bytes s is, at most size. */
bool bnd_text_from_b64std_any(
    struct bnd_str s, uint8_t *bin, size_t size, size_t *n);

/*
 * Spell hostile bytes so that no terminal obeys them: printable ASCII but the
 * backslash stands for itself, every other byte is \xNN.  Cut with "..." if
 * dst is too small.
 */
void bnd_text_show(struct bnd_str s, char *dst, size_t size);
/* The same, but as it is if that is printable: then once is as good as twice. */
void bnd_text_keep(struct bnd_str s, char *dst, size_t size);

#endif
