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

struct bnd_str
bnd_str_until(struct bnd_str s, char c)
{
	const char *end = s.len > 0 ? memchr(s.p, c, s.len) : NULL;

	if (end != NULL)
		s.len = (size_t)(end - s.p);
	return s;
}

struct bnd_str
bnd_str_from(struct bnd_str s, size_t n)
{
	return (struct bnd_str){ s.p + n, s.len - n };
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
bnd_text_take(struct bnd_str *s, const char *text)
{
	size_t n = strlen(text);

	if (s->len < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	s->len -= n;
	return true;
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

/* Where a digit stands, from 1 on; 0 for every byte that is none. */
static const uint8_t hex_place[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
};

bool
bnd_text_span(struct bnd_str s, uint64_t max, uint64_t *seconds)
{
	static const struct {
		char unit;
		uint64_t s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t unit = 1, n;

	for (size_t i = 0; s.len > 0 && i < sizeof(units) / sizeof(units[0]);
	     i++) {
		if (s.p[s.len - 1] == units[i].unit) {
			unit = units[i].s;
			s.len--;
			break;
		}
	}
	if (!bnd_text_u64(s, max / unit, &n) || n == 0)
		return false;
	*seconds = n * unit;
	return true;
}

bool
bnd_text_scaled(struct bnd_str s, const struct bnd_text_unit *units,
    uint64_t max, uint64_t *out)
{
	struct bnd_str digits = s;
	uint64_t n;

	digits.len = 0;
	while (digits.len < s.len && s.p[digits.len] >= '0' &&
	    s.p[digits.len] <= '9')
		digits.len++;
	for (s = bnd_str_from(s, digits.len); units->suffix != NULL; units++) {
		if (!bnd_str_is(s, units->suffix))
			continue;
		if (!bnd_text_u64(digits, max / units->n, &n))
			return false;
		*out = n * units->n;
		return true;
	}
	return false;
}

void
bnd_text_to_hex(const uint8_t *bin, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++) {
		*hex++ = hex_digits[bin[i] >> 4];
		*hex++ = hex_digits[bin[i] & 15];
	}
	*hex = '\0';
}

bool
bnd_text_from_hex(struct bnd_str s, uint8_t *bin, size_t n)
{
	if (s.len != n * 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned high = hex_place[(unsigned char)s.p[2 * i]];
		unsigned low = hex_place[(unsigned char)s.p[2 * i + 1]];

		if (high == 0 || low == 0)
			return false;
		bin[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return true;
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
/* The same places for base64, of which only the last two differ. */
#define ALNUM_PLACES                                                         \
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,    \
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, \
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17,          \
	['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22,          \
	['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,          \
	['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,          \
	['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37,          \
	['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,          \
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47,          \
	['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52,          \
	['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57,          \
	['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62
static const uint8_t url_place[256] = { ALNUM_PLACES, ['-'] = 63, ['_'] = 64 };
static const uint8_t std_place[256] = { ALNUM_PLACES, ['+'] = 63, ['/'] = 64 };
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
decode(const char *p, uint8_t *bin, size_t n, const uint8_t place[256])
{
	unsigned acc = 0, bits = 0;
	size_t done = 0;

	for (size_t i = 0; i < BND_B64_LEN(n); i++) {
		unsigned v = place[(unsigned char)p[i]];

		if (v == 0)
			return false;
		acc = (acc << 6 | (v - 1)) & 0xffff;
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
	return s.len == BND_B64_LEN(n) && decode(s.p, bin, n, url_place);
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
	return decode(s.p, bin, n, std_place);
}

bool
bnd_text_from_b64std_any(struct bnd_str s, uint8_t *bin, size_t size, size_t *n)
{
	size_t pad = 0;

	while (pad < 2 && pad < s.len && s.p[s.len - 1 - pad] == '=')
		pad++;
	*n = s.len / 4 * 3 - (s.len >= 4 ? pad : 0);
	return *n <= size && bnd_text_from_b64std(s, bin, *n);
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

void
bnd_text_keep(struct bnd_str s, char *dst, size_t size)
{
	size_t plain = 0;

	while (plain < s.len && s.p[plain] >= 0x20 && s.p[plain] <= 0x7e)
		plain++;
	if (plain < s.len) {
		bnd_text_show(s, dst, size);
	} else if (!bnd_str_copy(s, dst, size)) {
		memcpy(dst, s.p, size - sizeof("..."));
		memcpy(dst + size - sizeof("..."), "...", sizeof("..."));
	}
}
