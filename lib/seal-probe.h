/* seal-probe.h: the seal shown by packets, not by its rules alone */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_PROBE_H
#define BND_SEAL_PROBE_H

#include <stdbool.h>

#include "root.h"
#include "seal-job.h"

#define BND_PROBE_LOCK "run/bnd/net/probe"

/*
 * TRUSTED and stricter; the caller holds the lock of the net, and the rules hold.
 * False if something passed, or if that could not be told: both are failures of
 * *j->s.  A kernel that cannot make the probe's wire fails nothing.
 */
bool bnd_job_probe(struct bnd_job *j);

/*
 * While the descriptor is open no probe begins, and none runs: its wire is a
 * link as any other to whoever reads the links.  -1 if one runs for longer than
 * it may: then all links are looked at as they are.
 */
int bnd_probe_keep_off(const struct bnd_root *root);

#endif
