/* sshsig.h: OpenSSH's public keys and signatures of hardware tokens */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SSHSIG_H
#define BND_SSHSIG_H

#include "err.h"
#include "evidence.h"
#include "text.h"

#define BND_SSH_PRESENT	  0x01 /* flag: somebody touched the token */
#define BND_SSH_NAMESPACE "bnd-ceremony"

/* One line of a .pub, of an sk-ssh-ed25519@openssh.com key. */
int bnd_sshsig_public(
    struct bnd_str text, struct bnd_public *pub, struct bnd_err *err) BND_CHECK;

/* What ssh-keygen -Y sign -n bnd-ceremony wrote, or its base64 in one line. */
int bnd_sshsig_parse(const struct bnd_public *pub, struct bnd_str text,
    struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

bool bnd_sshsig_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e);

#endif
