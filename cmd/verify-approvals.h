/* verify-approvals.h: who allowed what, told record by record */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_VERIFY_APPROVALS_H
#define CMD_VERIFY_APPROVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "verify.h"

/*
 * Reads the log once more and prints each deed as it is read, up to what v
 * covers; then the keys that are live.  As JSON: the two members "approvals"
 * and "keys", to stand behind others.
 */
int verify_approvals(const struct bnd_verify *in, const struct bnd_verdict *v,
    bool json, struct bnd_err *err) BND_CHECK;

#endif
