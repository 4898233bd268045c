/* text.c: the only tokenizer, and one spelling for every value */
/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <stdio.h>
#include <string.h>

bool
bnd_str_is(struct bnd_str s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

bool
bnd_str_copy(struct bnd_str s, char *dst, size_t size)
{
	dst[0] = '\0';
	if (s.len >= size || memchr(s.p, '\0', s.len) != NULL)
		return false;
	memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return true;
}

bool
bnd_text_line(struct bnd_str *rest, struct bnd_str *line, bool *whole)
{
	const char *lf;

	if (rest->len == 0)
		return false;
	lf = memchr(rest->p, '\n', rest->len);
	*whole = lf != NULL;
	line->p = rest->p;
	line->len = lf != NULL ? (size_t)(lf - rest->p) : rest->len;
	rest->p += line->len + *whole;
	rest->len -= line->len + *whole;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
bnd_text_word(struct bnd_str *rest, struct bnd_str *word)
{
	while (rest->len > 0 && is_blank(*rest->p)) {
		rest->p++;
		rest->len--;
	}
	word->p = rest->p;
	word->len = 0;
	while (rest->len > 0 && !is_blank(*rest->p)) {
		rest->p++;
		rest->len--;
		word->len++;
	}
	return word->len > 0;
}

bool
bnd_text_u64(struct bnd_str s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0 || (s.len > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

static const char hex_digits[] = "0123456789abcdef";

void
bnd_text_to_hex(const uint8_t *bin, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++) {
		*hex++ = hex_digits[bin[i] >> 4];
		*hex++ = hex_digits[bin[i] & 15];
	}
	*hex = '\0';
}

/* Where c stands in set, or -1; a NUL stands nowhere. */
static int
place(char c, const char *set)
{
	const char *at = c != '\0' ? strchr(set, c) : NULL;

	return at != NULL ? (int)(at - set) : -1;
}

bool
bnd_text_from_hex(struct bnd_str s, uint8_t *bin, size_t n)
{
	if (s.len != n * 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = place(s.p[2 * i], hex_digits);
		int low = place(s.p[2 * i + 1], hex_digits);

		if (high < 0 || low < 0)
			return false;
		bin[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char url_set[] = ALNUM "-_";
static const char std_set[] = ALNUM "+/";

static size_t
encode(const uint8_t *bin, size_t n, char *out, const char *set)
{
	unsigned acc = 0, bits = 0;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		acc = acc << 8 | bin[i];
		for (bits += 8; bits >= 6; bits -= 6)
			out[len++] = set[acc >> (bits - 6) & 63];
	}
	if (bits > 0)
		out[len++] = set[acc << (6 - bits) & 63];
	return len;
}

/*
 * Exactly n bytes from exactly their number of characters; the bits left over
 * in the last one must be zero, or a value would have several spellings.
 */
static bool
decode(const char *p, uint8_t *bin, size_t n, const char *set)
{
	unsigned acc = 0, bits = 0;
	size_t done = 0;

	for (size_t i = 0; i < BND_B64_LEN(n); i++) {
		int v = place(p[i], set);

		if (v < 0)
			return false;
		acc = (acc << 6 | (unsigned)v) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bin[done++] = (uint8_t)(acc >> bits);
		}
	}
	return done == n && (acc & ((1U << bits) - 1)) == 0;
}

void
bnd_text_to_b64(const uint8_t *bin, size_t n, char *b64)
{
	b64[encode(bin, n, b64, url_set)] = '\0';
}

bool
bnd_text_from_b64(struct bnd_str s, uint8_t *bin, size_t n)
{
	return s.len == BND_B64_LEN(n) && decode(s.p, bin, n, url_set);
}

void
bnd_text_to_b64std(const uint8_t *bin, size_t n, char *b64)
{
	size_t len = encode(bin, n, b64, std_set);

	while (len % 4 != 0)
		b64[len++] = '=';
	b64[len] = '\0';
}

bool
bnd_text_from_b64std(struct bnd_str s, uint8_t *bin, size_t n)
{
	if (s.len != BND_B64STD_LEN(n))
		return false;
	for (size_t i = BND_B64_LEN(n); i < s.len; i++)
		if (s.p[i] != '=')
			return false;
	return decode(s.p, bin, n, std_set);
}

static bool
is_plain(char c)
{
	return c >= 0x20 && c <= 0x7e && c != '\\';
}

void
bnd_text_show(struct bnd_str s, char *dst, size_t size)
{
	size_t whole = 0, len = 0;

	for (size_t i = 0; i < s.len; i++)
		whole += is_plain(s.p[i]) ? 1 : 4;
	for (size_t i = 0; i < s.len; i++) {
		size_t need = is_plain(s.p[i]) ? 1 : 4;

		if (whole >= size && len + need + sizeof("...") > size) {
			memcpy(dst + len, "...", 4);
			return;
		}
		if (need == 1)
			dst[len] = s.p[i];
		else
			snprintf(dst + len, size - len, "\\x%02x",
			    (unsigned char)s.p[i]);
		len += need;
	}
	dst[len] = '\0';
}
