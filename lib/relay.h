/* relay.h: what pam_bnd and its helper say to each other */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RELAY_H
#define BND_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/*
 * Over a socket that keeps messages apart (SOCK_SEQPACKET), so there is no
 * framing to get wrong.  The helper sends "word text"; the module answers each
 * "echo" and "secret" with one message, the bytes that were typed, and
 * nothing else.  A verdict is the last thing said.
 */
#define BND_RELAY_TEXT 511 /* PAM_MAX_MSG_SIZE, PAM_MAX_RESP_SIZE less a NUL */
#define BND_RELAY_MAX  (BND_RELAY_TEXT + 16)

enum bnd_say {
	BND_SAY_NONE = 0,
	BND_SAY_NOTE,  /* for people, if they can be told */
	BND_SAY_INFO,  /* what people must have been shown */
	BND_SAY_ERROR, /* the same, as an error */
	BND_SAY_ECHO,  /* ask; what is typed may be seen */
	BND_SAY_SECRET,
	BND_SAY_VERDICT,
};
#define BND_SAY_LAST BND_SAY_VERDICT

/* Zero is what a helper that said nothing sensible means. */
enum bnd_ruling {
	BND_RULING_TROUBLE = 0,
	BND_RULING_OK,
	BND_RULING_DENIED,
	BND_RULING_MAXTRIES,	/* locked out, or too many tries */
	BND_RULING_UNAVAILABLE, /* nobody can be asked here */
};
#define BND_RULING_LAST BND_RULING_UNAVAILABLE

struct bnd_said {
	enum bnd_say say;
	enum bnd_ruling ruling; /* of a verdict */
	char text[BND_RELAY_TEXT + 1];
};

/*
 * One message to struct and back.  Text is printable ASCII; what is longer or
 * holds anything else is refused on both sides, and so is a word or ruling
 * that is not known.  buf takes BND_RELAY_MAX bytes.
 */
bool bnd_relay_pack(const struct bnd_said *s, char *buf, size_t *len);
bool bnd_relay_unpack(struct bnd_str msg, struct bnd_said *s);

/* The helper's exit status that goes with a ruling, or the ruling is void. */
int bnd_ruling_exit(enum bnd_ruling r);

#endif
