/* cmd.h: the voice of every command */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "json.h"
#include "root.h"

extern const char *cmd_prog; /* compiled in, set by cmd_start() */

/*
 * First call of every main: 0, 1 and 2 are open afterwards (on /dev/null if
 * they were closed), SIGPIPE and SIGXFSZ are ignored, SIGCHLD is not, the locale
 * is C, umask 077.
 */
void cmd_start(const char *prog);

/*
 * For root's enforcers: limits that the caller of sudo, cron or PAM set must
 * not stop a tightening half-way.  Silent where they cannot be lifted.
 */
void cmd_lift_limits(void);

/*
 * Before a secret is asked for: nobody may look into this process any more, it
 * leaves no core, and is not swapped out where that can be had.
 */
int cmd_keep_secrets(struct bnd_err *err) BND_CHECK;

/* "prog: cannot do x: reason" on stderr, hostile bytes made harmless. */
void cmd_warn(const char *fmt, ...) BND_PRINTF(1, 2);
void cmd_warn_err(const struct bnd_err *err);

/* Say err and give its exit status. */
int cmd_fail(const struct bnd_err *err);

/*
 * Open the root of -R (NULL: the real one).  Refused when the program was
 * started with more privilege than its caller (AT_SECURE).
 */
int cmd_root(
    struct bnd_root *root, const char *dir, struct bnd_err *err) BND_CHECK;

/* Colour only on a terminal and without NO_COLOR. */
bool cmd_colour(FILE *f);

/* Print the object on a line: status, or 2 if it did not fit. */
int cmd_put_json(struct bnd_json *j, int status);

/* Flush stdout; a full disk or closed pipe is trouble, not success. */
int cmd_end(int status);

#endif
