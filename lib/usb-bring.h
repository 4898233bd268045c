/* usb-bring.h: one device brought to its verdict, and what it shows then */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_BRING_H
#define BND_USB_BRING_H

#include <stdbool.h>

#include "err.h"
#include "root.h"
#include "usb-dir.h"
#include "usb-verdict.h"

/* What the kernel shows of a device, read through its directory. */
struct bnd_usb_shown {
	bool authorized, configured;
	struct bnd_usb_names ifaces;
	bool on[BND_USB_NAMES_MAX];    /* its authorized is 1 */
	bool bound[BND_USB_NAMES_MAX]; /* it has a driver */
};
int bnd_usb_shown_read(const struct bnd_usb_dir *dir, struct bnd_usb_shown *k,
    struct bnd_err *err) BND_CHECK;

/*
 * authorized 0 alone proves nothing: a failing unconfigure is ignored there
 * (drivers/usb/core/hub.c, usb_deauthorize_device).
 */
bool bnd_usb_shown_denied(const struct bnd_usb_shown *k);
/* It has no more than its verdict; and no less. */
bool bnd_usb_shown_holds(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v);
bool bnd_usb_shown_whole(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v);
/* A 1 would have to be written to something. */
bool bnd_usb_shown_lacks(
    const struct bnd_usb_shown *k, const struct bnd_usb_verdict *v);

/*
 * 0 to authorized, and shown to be denied; if it is not, the port is made dead.
 * -1: not denied (BND_E_ENFORCER).
 */
int bnd_usb_bring_down(const struct bnd_root *root,
    const struct bnd_usb_dir *dir, struct bnd_err *err) BND_CHECK;
/* The port is dead until somebody plugs again; a device that went is one. */
int bnd_usb_bring_out(const struct bnd_root *root,
    const struct bnd_usb_dir *dir, struct bnd_err *err) BND_CHECK;
/*
 * An admitted device with the interfaces it may have, drivers asked for, read
 * back.  -1: it is not whole; err is of the first failure, and the caller
 * brings it down.
 */
int bnd_usb_bring_up(const struct bnd_root *root, const struct bnd_usb_dir *dir,
    const struct bnd_usb_verdict *v, struct bnd_err *err) BND_CHECK;

/*
 * Whether the device is no more.  ENODEV is not believed: the directory must
 * have gone, or be another one by now.
 */
bool bnd_usb_bring_gone(
    const struct bnd_root *root, const struct bnd_usb_dir *dir);

#endif
