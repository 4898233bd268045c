/* ceremony-approve.h: an approver says yes, or anybody says no */
/* SPDX-License-Identifier: ISC */
#ifndef CEREMONY_APPROVE_H
#define CEREMONY_APPROVE_H

#include <stdbool.h>

#include "challenge.h"
#include "root.h"

struct approve_wish {
	const char *id, *name;	   /* name NULL: ask, or the only one */
	const char *sig;	   /* file, "-": standard input; or NULL */
	const char *passphrase_fd; /* or NULL: ask the terminal */
	bool json;
};

/* Each gives the exit status. */
int ceremony_approve(
    const struct bnd_root *root, const struct approve_wish *wish);
int ceremony_cancel(const struct bnd_root *root, const char *hex);

/* A salt whose key is not enrolled, or not any more, is nobody's. */
void ceremony_forget(const struct bnd_root *root, const struct bnd_approver *a);

int ceremony_id(const char *hex, uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

#endif
