/* audit.h: the kernel's audit trail; the only file that knows libaudit */
/* SPDX-License-Identifier: ISC */
#ifndef BND_AUDIT_H
#define BND_AUDIT_H

#include <stdbool.h>

#include "err.h"
#include "log.h"
#include "mode.h"

/* What is sent about a mode change. */
struct bnd_audit {
	enum bnd_mode from, to;
	const char *why;
	struct bnd_mark mark; /* its record on the chain */
	bool success;	      /* to is in force */
};

/*
 * USYS_CONFIG for the change and AUDIT_TRUSTED_APP with seq and link, which
 * anchors the chain outside of it.  0 sent; 1 this kernel keeps no audit
 * trail; -1 it does and the records could not be sent.
 */
int bnd_audit_mode(const struct bnd_audit *a, struct bnd_err *err) BND_CHECK;

/* What PAM asked for, and what a wrong passphrase led to. */
enum bnd_audit_login {
	BND_AUDIT_AUTH = 0, /* USER_AUTH */
	BND_AUDIT_ACCT,	    /* USER_ACCT */
	BND_AUDIT_START,    /* USER_START */
	BND_AUDIT_END,	    /* USER_END */
	BND_AUDIT_FAILURES, /* ANOM_LOGIN_FAILURES: too many of them */
	BND_AUDIT_LOCK,	    /* RESP_ACCT_LOCK_TIMED: they wait */
};
struct bnd_audit_who {
	enum bnd_audit_login what;
	const char *op; /* "bnd-login" */
	const char *service, *user;
	const char *rhost, *tty; /* or NULL */
	bool success;
};

/* As bnd_audit_mode(): 0 sent, 1 no trail here, -1 it could not be sent. */
int bnd_audit_login(
    const struct bnd_audit_who *who, struct bnd_err *err) BND_CHECK;

/*
 * TRUSTED_APP: a step of ceremony id ("open", "quorum", "end", "use") and what
 * it is about.
 */
int bnd_audit_ceremony(const char *step, const char *id, const char *what,
    struct bnd_err *err) BND_CHECK;

/* 0 the kernel takes audit records, 1 it keeps no trail, -1 trouble. */
int bnd_audit_there(struct bnd_err *err) BND_CHECK;

#endif
