/* pam-login.c: the login and su rows of modes.md */
/* SPDX-License-Identifier: ISC */
#include "pam-talk.h"

enum bnd_ruling
pam_login(const struct pam_asked *q)
{
	pam_log("login: %s", q->service != NULL ? q->service : "?");
	return BND_RULING_TROUBLE;
}
