/* usb-queue.h: one device of a bus at a time is brought up */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_QUEUE_H
#define BND_USB_QUEUE_H

#include <stdint.h>

#include "err.h"
#include "root.h"
#include "usb-dir.h"

/*
 * The kernel configures one device of a bus at a time (hcd->bandwidth_mutex) and
 * waits five seconds for one that does not answer; whoever writes to another
 * meanwhile can neither be stopped nor told from one that hangs.  So it is waited
 * for here, until bnd_clock_ms() says until_ms (0: a minute); the descriptor
 * gives the bus back.  -1, BND_E_BUSY: not in time, and nothing was written.
 */
int bnd_usb_queue(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    uint64_t until_ms, struct bnd_err *err) BND_CHECK;

#endif
