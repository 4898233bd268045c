/* pam-talk.h: the helper's side of the relay, and what it was asked */
/* SPDX-License-Identifier: ISC */
#ifndef PAM_TALK_H
#define PAM_TALK_H

#include <sys/types.h>

#include "err.h"
#include "pamarg.h"
#include "relay.h"
#include "root.h"

enum pam_phase {
	PAM_PHASE_NONE = 0,
	PAM_PHASE_AUTH,
	PAM_PHASE_SETCRED,
	PAM_PHASE_ACCOUNT,
	PAM_PHASE_OPEN,
	PAM_PHASE_CLOSE,
};

/* What the application set; NULL where it set nothing. */
struct pam_asked {
	enum pam_phase phase;
	const char *service, *user, *ruser, *rhost, *tty;
	uid_t ruid; /* of the application */
	struct bnd_pamarg arg;
	struct bnd_root root;
};

/* Said to people through the relay; hostile bytes are made harmless. */
void pam_tell(enum bnd_say say, const char *fmt, ...) BND_PRINTF(2, 3);

/*
 * Ask; answer takes BND_RELAY_TEXT + 1 bytes, a NUL added, and is of secret
 * memory where it matters.  -1: nobody answers any more.
 */
int pam_ask(enum bnd_say say, char *answer, size_t *len, const char *fmt, ...)
    BND_PRINTF(4, 5) BND_CHECK;

/* To the system's log: what administrators read later. */
void pam_log(const char *fmt, ...) BND_PRINTF(1, 2);

/* The parts: each gives the ruling. */
enum bnd_ruling pam_ceremony(const struct pam_asked *q);
enum bnd_ruling pam_login(const struct pam_asked *q);

#endif
