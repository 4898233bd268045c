/* usb-guard.h: the verbs of usb-guard, a file each */
/* SPDX-License-Identifier: ISC */
#ifndef USB_GUARD_H
#define USB_GUARD_H

#include "err.h"
#include "opt.h"
#include "root.h"

enum {
	USB_ID_DRY = OPT_ID_OWN,
	USB_ID_TXN,
	USB_ID_REPAIR,
	USB_ID_MODE,
	USB_ID_SAVE,
	USB_ID_ADD,
	USB_ID_REMOVE,
	USB_ID_PORT,
	USB_ID_NO_KEYBOARD,
};

/* Each gives the exit status, and has said on stderr what is not 0. */
typedef int usb_verb(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err);

usb_verb usb_hook, usb_apply, usb_check; /* usb-run.c */
usb_verb usb_status;			 /* usb-status.c */
usb_verb usb_baseline;			 /* usb-base.c */
usb_verb usb_diff;			 /* usb-diff.c */
usb_verb usb_lint;			 /* usb-lint.c */
usb_verb usb_explain;			 /* usb-explain.c */

#endif
