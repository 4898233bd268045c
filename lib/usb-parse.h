/* usb-parse.h: one line in USBGuard's grammar becomes a rule (bnd-usb(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_PARSE_H
#define BND_USB_PARSE_H

#include "err.h"
#include "text.h"
#include "usb-term.h"

#define BND_USB_LINE_MAX	8192 /* bytes, without LF */

/* Enough for a line of that length: a bare allowed-matches costs most. */
#define BND_USB_ARENA_NEED(len) (1024 + (len)*24)

/*
 * A line without its LF.  r->target stays NONE for one that says nothing.  -1 with
 * BND_E_INPUT: "name:line:col: message".  name is not copied.
 */
int bnd_usb_parse(const char *name, unsigned line, struct bnd_str text,
    struct bnd_usb_arena *arena, struct bnd_usb_rule *r,
    struct bnd_err *err) BND_CHECK;

#endif
