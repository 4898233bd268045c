/* box-dial.c: a name is its addresses of before the start, and stays them */
/* SPDX-License-Identifier: ISC */
#include "box-dial.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool
bnd_dial_any(const struct bnd_box_policy *p)
{
	return p->num[BND_BOX_NET] == BND_NET_ALLOW && p->allow.n > 0;
}

/* ---- the list -------------------------------------------------------------- */

static bool
address(struct bnd_str text, struct bnd_dial *at)
{
	char host[BND_DIAL_TEXT];

	if (!bnd_str_copy(text, host, sizeof(host)))
		return false;
	at->af = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
	return inet_pton(at->af, host, at->addr) == 1;
}

/* A canonical pair parts at its last colon. */
static struct bnd_str
host_of(const char *pair, uint16_t *port)
{
	const char *colon = strrchr(pair, ':');
	struct bnd_str host = { pair,
		colon != NULL ? (size_t)(colon - pair) : 0 };

	*port = colon != NULL ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
	if (bnd_text_take(&host, "["))
		host.len--;
	return host;
}

static bool
is_there(const struct bnd_dials *d, const struct bnd_dial *new)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->at[i].pair == new->pair &&
		    d->at[i].af ==
			new->af &&memcmp(
			    d->at[i].addr, new->addr, sizeof(new->addr)) == 0)
			return true;
	return false;
}

static int
append(struct bnd_dials *d, const struct bnd_dial *new, struct bnd_err *err)
{
	if (bnd_box_never_dialled(new->af, new->addr))
		return bnd_fail(err, BND_E_DENIED,
		    "%.80s leads to an address that is never dialled",
		    new->pair);
	if (is_there(d, new))
		return 0;
	if (d->n == BND_DIALS)
		return bnd_fail(err, BND_E_INPUT,
		    "allow: more than %d addresses", BND_DIALS);
	d->at[d->n++] = *new;
	return 0;
}

int
bnd_dial_add(struct bnd_dials *d, const char *pair, struct bnd_err *err)
{
	struct bnd_dial new = { .pair = pair };

	if (!address(host_of(pair, &new.port), &new))
		return 1;
	return append(d, &new, err);
}

int
bnd_dial_name(struct bnd_dials *d, const char *pair, struct bnd_str answer,
    struct bnd_err *err)
{
	const size_t before = d->n;
	struct bnd_str line, word;
	bool whole;

	while (bnd_text_line(&answer, &line, &whole)) {
		struct bnd_dial new = { .pair = pair };

		(void)host_of(pair, &new.port);
		if (!whole || !bnd_text_word(&line, &word) ||
		    !address(word, &new))
			return bnd_fail(err, BND_E_CORRUPT,
			    "%.80s: no answer of a resolver", pair);
		if (append(d, &new, err) == -1)
			return -1;
	}
	if (d->n == before)
		return bnd_fail(err, BND_E_SYS, "%.80s has no address", pair);
	return 0;
}

/* ---- what is asked for ----------------------------------------------------- */

bool
bnd_dial_spelled(struct bnd_str text, char pair[static BND_BOX_PAIR])
{
	char low[BND_BOX_PAIR];
	struct bnd_err err = { 0 };

	if (!bnd_str_copy(text, low, sizeof(low)))
		return false;
	for (char *c = low; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return bnd_box_pair((struct bnd_str){ low, strlen(low) }, pair, &err) ==
	    0 &&
	    (low[0] == '[') == (pair[0] == '[');
}

const struct bnd_dial *
bnd_dial_first(const struct bnd_dials *d, const char *pair)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->at[i].pair, pair) == 0)
			return &d->at[i];
	return NULL;
}

const struct bnd_dial *
bnd_dial_next(const struct bnd_dials *d, const struct bnd_dial *at)
{
	const struct bnd_dial *next = at + 1;

	return next < d->at + d->n && next->pair == at->pair ? next : NULL;
}

void
bnd_dial_text(const struct bnd_dial *at, char buf[static BND_DIAL_TEXT])
{
	if (inet_ntop(at->af, at->addr, buf, BND_DIAL_TEXT) == NULL)
		buf[0] = '\0';
}
