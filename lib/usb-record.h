/* usb-record.h: what becomes of devices, into the event log */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_RECORD_H
#define BND_USB_RECORD_H

#include <stdbool.h>

#include "err.h"
#include "root.h"
#include "usb-bring.h"
#include "usb-port.h"
#include "usb-settle.h"
#include "usb-view.h"

/* Whose record, and of what; the rest by the event. */
struct bnd_usb_said {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	const char *port;
	enum bnd_mode mode;
};

/*
 * A device is about to be let in.  -1: not on disk, so it must not be.  Only
 * one of the console set may be on a spooled record: *spooled.
 */
int bnd_usb_record_intent(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_verdict *v,
    bool *spooled, struct bnd_err *err) BND_CHECK;

/*
 * These cannot wait for the log: what could not be written to it is spooled.
 * False: not on the chain (yet), and err says why.
 */
/* What was read back; shown NULL: it could not be.  below: ports, or "". */
bool bnd_usb_record_result(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_shown *shown,
    const struct bnd_usb_settled *s, const char *below,
    struct bnd_err *err) BND_CHECK;
/* It is not what it said it was. */
bool bnd_usb_record_alert(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_verdict *v,
    struct bnd_err *err) BND_CHECK;
/* Gone before its intent had a result; or removed, as its file knew it. */
bool bnd_usb_record_vanished(const struct bnd_usb_said *said,
    const struct bnd_usb_port *p, struct bnd_err *err) BND_CHECK;
bool bnd_usb_record_removed(const struct bnd_usb_said *said,
    const struct bnd_usb_port *p, bool present, bool trips,
    struct bnd_err *err) BND_CHECK;
/* A bus had another default than no. */
bool bnd_usb_record_controller(
    const struct bnd_usb_said *said, bool holds, struct bnd_err *err) BND_CHECK;
/* The policy of this digest counts from now on. */
bool bnd_usb_record_policy(const struct bnd_usb_said *said,
    const struct bnd_usb_policy *p, struct bnd_err *err) BND_CHECK;

#endif
