/* mode-metrics.h: what --check found, for node_exporter's textfile collector */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_METRICS_H
#define MODE_METRICS_H

#include "check.h"
#include "err.h"
#include "root.h"

/*
 * Replace path, below root and mode 0644, by the metrics of mode-set(8).  now is
 * the mode in force after what the check did.
 */
int mode_metrics(const struct bnd_root *root, const char *path,
    const struct bnd_check *c, enum bnd_mode now,
    struct bnd_err *err) BND_CHECK;

#endif
