/* ask.h: what a human types: a line, or a secret that is not shown */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/*
 * The terminal is the controlling one, or else descriptor 0 if that is one; it
 * is as it was on every way out, signals that end or stop us included.  A line
 * ends with LF: an end before it, a NUL in it or more than size - 1 bytes are
 * BND_E_INPUT, never a part of it.  buf gets a NUL behind the *len bytes.
 *
 * Secrets come from here or from a descriptor (--passphrase-fd) and nowhere
 * else: never from an argument or the environment.
 */
#define ASK_SECRET_SIZE 512 /* of secret memory; PAM_MAX_RESP_SIZE */

/* Whether there is somebody to ask; BND_E_DENIED of the others if not. */
bool ask_can(void);

/* With echo: a phrase, a signature, "yes". */
int ask_line(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err) BND_CHECK;

/* Without echo.  buf is bnd_secret_new()'s, wiped here on -1. */
int ask_secret(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err) BND_CHECK;

/* A new one: asked twice, and both must be the same. */
int ask_secret_twice(const char *prompt, char *buf, size_t size, size_t *len,
    struct bnd_err *err) BND_CHECK;

/*
 * One line of a descriptor, read byte by byte: what follows it is left to the
 * next reader.  Of a terminal it is read without echo.
 */
int ask_secret_fd(
    int fd, char *buf, size_t size, size_t *len, struct bnd_err *err) BND_CHECK;

/* What only a human at the terminal may see; false if there is none. */
bool ask_tell(const char *text);

#endif
