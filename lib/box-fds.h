/* box-fds.h: which descriptors a child has, and no others */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_FDS_H
#define BND_BOX_FDS_H

#include "box-job.h"
#include "err.h"

/* Between clone and exec: 0, or -1 and errno. */

/* All of the job; the sockets, trees, tasks files, stdio and `fds`. */
int bnd_fds_of_init(const struct bnd_box_job *job) BND_CHECK;
/* 0, 1 and 2 in place and `fds`; with status and go, which exec closes. */
int bnd_fds_of_payload(const struct bnd_box_job *job) BND_CHECK;
int bnd_fds_only(int fd) BND_CHECK;
int bnd_fds_pair(int a, int b) BND_CHECK;

#endif
