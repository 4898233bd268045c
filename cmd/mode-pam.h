/* mode-pam.h: the PAM conversation of the service mode-set */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_PAM_H
#define MODE_PAM_H

#include <stdbool.h>

#include "err.h"

/*
 * Authenticate and account, as root and at the terminal tty (empty: unnamed).
 * stop is asked before each question.  -1 says what PAM said; success is no
 * proof of anything: the caller judges the chain.
 */
int mode_pam(
    const char *tty, bool (*stop)(void), struct bnd_err *err) BND_CHECK;

#endif
