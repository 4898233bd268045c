/* entry.h: a new approver, as the command line names him */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_ENTRY_H
#define CMD_ENTRY_H

#include "approver.h"
#include "err.h"

struct entry_wish {
	const char *name, *person, *kind; /* person NULL: the name */
	const char *key, *sig;		  /* files; sig NULL: first call */
	const char *passphrase_fd;	  /* or NULL: ask the terminal */
};

/*
 * Name, person and kind, and for an offline key its public half: all but the
 * pop.  What does not fit together is BND_E_INPUT.
 */
int entry_read(const struct entry_wish *wish, struct bnd_approver *a,
    struct bnd_err *err) BND_CHECK;

/* A signature of that key from a file, "-" for standard input. */
int entry_read_sig(const char *path, const struct bnd_public *pub,
    struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

#endif
