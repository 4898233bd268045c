/* pam-ration.h: how many refusals of one person the log is told of */
/* SPDX-License-Identifier: ISC */
#ifndef PAM_RATION_H
#define PAM_RATION_H

#include <stdint.h>

#include "root.h"

#define PAM_RATION   20	 /* records */
#define PAM_RATION_S 600 /* in so many seconds */

/*
 * Whether this refusal of who (any text) is still told, and how many were not
 * since the last that was.  In doubt it is told.
 */
bool pam_ration(
    const struct bnd_root *root, const char *who, uint32_t *left_out);

#endif
