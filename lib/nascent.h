/* nascent.h: where a successor of the log waits for its approvers */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NASCENT_H
#define BND_NASCENT_H

#include "err.h"
#include "root.h"
#include "verify.h"

/*
 * A root of its own below the host's, with log and pin where every root has
 * them, so that all that works on a log works on this one.  It stands there
 * from the first step of a succession to its last.
 */
#define BND_NASCENT_DIR "var/lib/bnd/succession"
#define BND_NASCENT_PIN BND_NASCENT_DIR "/etc/bnd/log.pin"
#define BND_NASCENT_LOG BND_NASCENT_DIR "/var/lib/bnd/log"

/* -1 with errnum ENOENT if there is none. */
int bnd_nascent_open(const struct bnd_root *host, struct bnd_root *nascent,
    struct bnd_err *err) BND_CHECK;

/* bnd_verify_live(), before or after its approvers have spoken. */
int bnd_nascent_verify(const struct bnd_root *nascent, struct bnd_verdict *v,
    struct bnd_err *err) BND_CHECK;

/*
 * The log that a ceremony is about: the host's, or if that one cannot be
 * proven and a successor waits, the successor.  *at is host or *nascent, which
 * the caller closes in either case; *v is what was found there.
 */
int bnd_nascent_or_live(const struct bnd_root *host, struct bnd_root *nascent,
    const struct bnd_root **at, struct bnd_verdict *v,
    struct bnd_err *err) BND_CHECK;

#endif
