/* filter.h: a policy's system calls as a program for the kernel */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FILTER_H
#define BND_FILTER_H

#include <linux/filter.h>

#include "box-job.h"
#include "box-policy.h"
#include "err.h"

#define BND_FILTER_MAX 4096 /* instructions, as the kernel's BPF_MAXINSNS */

struct bnd_filter_buf {
	struct sock_filter code[BND_FILTER_MAX];
};

/*
 * The program of a policy: its groups, less deny, as wx says, without @net
 * where net is none.  A search tree over the numbers: foreign architectures and
 * x32 are killed, a call not granted is ENOSYS, an argument not granted EPERM.
 * f points into buf.  Too long for the kernel, a name that is no call, or a set
 * that lets nothing start is BND_E_INPUT.
 */
int bnd_filter_make(const struct bnd_box_policy *p, struct bnd_filter_buf *buf,
    struct bnd_box_filter *f, struct bnd_err *err) BND_CHECK;

/* The init's: ppoll, read, write, waitid, exit_group, rt_sigreturn; else death. */
extern const struct bnd_box_filter bnd_filter_seal;
/* The relay's (box-relay.h): IPv4 and IPv6 streams and poll; else death. */
extern const struct bnd_box_filter bnd_filter_relay;

#endif
