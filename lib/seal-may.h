/* seal-may.h: who may change the network at all */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_MAY_H
#define BND_SEAL_MAY_H

#include "err.h"
#include "root.h"

/*
 * Only root with the real root may change the real network; with a root of his
 * own (-R) anybody may, in network namespaces of a user namespace of his own.
 */
int bnd_seal_may_touch(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

#endif
