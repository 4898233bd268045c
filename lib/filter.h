/* filter.h: system call filters: libseccomp, and what it made ahead of time */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FILTER_H
#define BND_FILTER_H

#include "box-job.h"
#include "box-policy.h"
#include "err.h"
#include "root.h"

#define BND_FILTER_MAX 4096 /* instructions, as the kernel's BPF_MAXINSNS */

/*
 * The program of a policy (its calls, deny, net, wx, tty): linked in for the
 * built-in profiles, else from /run/bnd/sbx/bpf, else compiled and put there.
 * buf takes BND_FILTER_MAX struct sock_filter; f points into it or to constant
 * data.  Foreign architectures and x32 are killed, what is not listed is ENOSYS.
 */
int bnd_filter_for(const struct bnd_root *root, const struct bnd_box_policy *p,
    void *buf, struct bnd_box_filter *f, struct bnd_err *err) BND_CHECK;
/* Always by libseccomp; optimize 0 is the plain export, for comparison. */
int bnd_filter_compile(const struct bnd_box_policy *p, int optimize, void *buf,
    struct bnd_box_filter *f, struct bnd_err *err) BND_CHECK;
/* The init's: ppoll, read, write, waitid, exit_group, rt_sigreturn. */
extern const struct bnd_box_filter bnd_filter_seal;

#endif
