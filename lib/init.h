/* init.h: set bnd up on a host, once */
/* SPDX-License-Identifier: ISC */
#ifndef BND_INIT_H
#define BND_INIT_H

#include <stdbool.h>

#include "approver.h"
#include "err.h"
#include "log.h"
#include "root.h"

/* What is known between the two calls; gone once the pin exists. */
#define BND_INIT_PATH "var/lib/bnd/init"

/* Whether there is anything to begin; BND_E_DENIED if not. */
int bnd_init_possible(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/*
 * First call for an approver (name, person, kind, key are filled in): draws
 * the log's id if there is none yet and gives the bnd-enroll/1 text that the
 * new key has to sign.
 */
int bnd_init_ask(const struct bnd_root *root, const struct bnd_approver *a,
    char *text, size_t *len, struct bnd_err *err) BND_CHECK;

/*
 * Second call, with the signature in a->pop.  When no approver who was asked
 * is left without one, the host is set up: floor, default configuration, log,
 * pin, state.  *done says so, and *mark is the genesis then.
 */
int bnd_init_prove(const struct bnd_root *root, const struct bnd_approver *a,
    bool *done, struct bnd_mark *mark, struct bnd_err *err) BND_CHECK;

#endif
