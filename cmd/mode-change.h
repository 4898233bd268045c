/* mode-change.h: a wish of the command line becomes a change of the mode */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_CHANGE_H
#define MODE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "mode.h"
#include "root.h"

/* As it was typed; one of mode, at_least and trip is given. */
struct mode_wish {
	const char *mode;
	const char *at_least;
	const char *trip;
	const char *ceremony; /* its id, or NULL */
	const char *span;     /* how long the loosening lasts, or NULL */
	const char *why;      /* or NULL */
	bool json;
};

int mode_parse(
    const char *word, enum bnd_mode *m, struct bnd_err *err) BND_CHECK;
int mode_parse_id(const char *hex, uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

/* Returns the exit status. */
int mode_change(const struct bnd_root *root, const struct mode_wish *wish);

/*
 * A --check was here, and a bounded loosening that is over ends with it.
 * Returns an exit status: 0 if nothing is left to do.
 */
int mode_return(const struct bnd_root *root);

#endif
