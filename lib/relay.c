/* relay.c: what pam_bnd and its helper say to each other */
/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <string.h>

static const char *const words[BND_SAY_LAST + 1] = {
	[BND_SAY_NOTE] = "note",
	[BND_SAY_INFO] = "info",
	[BND_SAY_ERROR] = "error",
	[BND_SAY_ECHO] = "echo",
	[BND_SAY_SECRET] = "secret",
	[BND_SAY_VERDICT] = "verdict",
};

static const struct {
	const char *word;
	int exit;
} rulings[BND_RULING_LAST + 1] = {
	[BND_RULING_TROUBLE] = { "trouble", 2 },
	[BND_RULING_OK] = { "ok", 0 },
	[BND_RULING_DENIED] = { "denied", 1 },
	[BND_RULING_MAXTRIES] = { "maxtries", 3 },
	[BND_RULING_UNAVAILABLE] = { "unavailable", 4 },
};

int
bnd_ruling_exit(enum bnd_ruling r)
{
	return rulings[r].exit;
}

/* A terminal must not obey what it is shown, whoever wrote it. */
static bool
is_plain(struct bnd_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	}
	return true;
}

static bool
parse_ruling(struct bnd_str s, enum bnd_ruling *out)
{
	for (unsigned r = 0; r <= BND_RULING_LAST; r++) {
		if (bnd_str_is(s, rulings[r].word)) {
			*out = (enum bnd_ruling)r;
			return true;
		}
	}
	return false;
}

bool
bnd_relay_pack(const struct bnd_said *s, char *buf, size_t *len)
{
	const char *text =
	    s->say == BND_SAY_VERDICT ? rulings[s->ruling].word : s->text;
	struct bnd_str t = { text, strnlen(text, BND_RELAY_TEXT + 1) };
	size_t n;

	if (words[s->say] == NULL || t.len > BND_RELAY_TEXT || !is_plain(t))
		return false;
	n = strlen(words[s->say]);
	memcpy(buf, words[s->say], n);
	buf[n] = ' ';
	memcpy(buf + n + 1, t.p, t.len);
	*len = n + 1 + t.len;
	return true;
}

bool
bnd_relay_unpack(struct bnd_str msg, struct bnd_said *s)
{
	struct bnd_str word = bnd_str_until(msg, ' '), text;

	memset(s, 0, sizeof(*s));
	if (word.len == msg.len)
		return false;
	text = bnd_str_from(msg, word.len + 1);
	for (unsigned i = BND_SAY_NOTE; i <= BND_SAY_LAST; i++) {
		if (bnd_str_is(word, words[i]))
			s->say = (enum bnd_say)i;
	}
	if (s->say == BND_SAY_NONE || !is_plain(text) ||
	    !bnd_str_copy(text, s->text, sizeof(s->text)))
		return false;
	return s->say != BND_SAY_VERDICT || parse_ruling(text, &s->ruling);
}
