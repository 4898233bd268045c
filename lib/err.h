/* err.h: what went wrong, in one sentence and one exit status */
/* SPDX-License-Identifier: ISC */
#ifndef BND_ERR_H
#define BND_ERR_H

#include <stddef.h>

#define BND_CHECK	 __attribute__((warn_unused_result))
#define BND_PRINTF(f, a) __attribute__((format(printf, f, a)))

/*
 * Kinds.  bnd(7) lists their exit statuses, which mean the same in every tool;
 * bnd_kind_exit() is the only mapping.
 */
enum bnd_kind {
	BND_E_NONE = 0,
	BND_E_DENIED,	 /* 1: policy says no */
	BND_E_SYS,	 /* 2: a system call failed */
	BND_E_INPUT,	 /* 2: malformed configuration or argument */
	BND_E_TAMPERED,	 /* 1: the log is not what was written */
	BND_E_TRUNCATED, /* 3: the log ends before its head says so */
	BND_E_FORKED,	 /* 4 */
	BND_E_PARTIAL,	 /* 5 */
	BND_E_TORN,	 /* 6 */
	BND_E_STALE,	 /* 7 */
	BND_E_UNSAFE,	 /* 8: owner, mode, type or links of a trusted file */
	BND_E_CORRUPT,	 /* 9: state or log unusable, treated as LOCKDOWN */
	BND_E_ROOT,	 /* 10: needs root */
	BND_E_BUSY,	 /* 11: a lock was not free in time */
	BND_E_PENDING,	 /* 12: approvals missing or cool-down running */
	BND_E_CEREMONY, /* 13: ceremony wrong, locked out, cancelled, expired */
	BND_E_FROZEN,	/* 14: frozen, or not in the initial time namespace */
	BND_E_UNLOGGED, /* 15: done, but not durably logged */
	BND_E_RESTORED, /* 16: not enforced, previous mode restored */
	BND_E_ESCALATED,  /* 17: not enforced, escalated to LOCKDOWN */
	BND_E_UNVERIFIED, /* 18: not enforced, LOCKDOWN not verified either */
	BND_E_ENFORCER,	  /* 19: not in force, or not shown to be */
};

/* The caller's, on the stack, started as {0}; nothing in it to free. */
struct bnd_err {
	enum bnd_kind kind;
	int errnum; /* errno of the failed call, or 0 */
	char text[240];
};

/*
 * Fill err with one sentence, lower case, no full stop, naming the object.
 * A longer one is cut with "...".  err may be NULL.  Both return -1;
 * bnd_fail_errno() appends ": " and the text of errno, with kind BND_E_SYS.
 */
int bnd_fail(struct bnd_err *err, enum bnd_kind kind, const char *fmt, ...)
    BND_PRINTF(3, 4);
int bnd_fail_errno(struct bnd_err *err, const char *fmt, ...) BND_PRINTF(2, 3);

int bnd_kind_exit(enum bnd_kind kind);

#endif
