/* usb-port.h: what was decided last about a port (bnd-usb(5), PORT FILES) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_PORT_H
#define BND_USB_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "clock.h"
#include "err.h"
#include "mode.h"
#include "root.h"
#include "text.h"
#include "usb-device.h"
#include "usb-verdict.h"

#define BND_USB_RUN_DIR	      "run/bnd/usb"
#define BND_USB_PORT_LOCK_MS  8000
#define BND_USB_PORT_FILE_MAX 1024

enum bnd_usb_phase {
	BND_USB_EMPTY = 0, /* nothing is there, or was never seen */
	BND_USB_INTENT,	   /* a 1 may have been written */
	BND_USB_RESULT,
};

struct bnd_usb_port {
	char boot[BND_BOOT_ID_LEN + 1]; /* store() says which */
	enum bnd_usb_phase phase;
	unsigned devnum;
	ino_t inode;
	char identity[BND_USB_ID_LEN + 1];
	char hash[BND_USB_HASH_LEN + 1];
	enum bnd_usb_word word;
	enum bnd_mode mode; /* under which */
	bool console;	    /* let in as one of the console set */
	bool in_baseline;
	bool failed; /* not brought to its verdict */
	bool going;  /* the hub above was denied: its removal trips nothing */
	unsigned kinds;
};

/*
 * Pure.  buf takes BND_USB_PORT_FILE_MAX bytes; no text is EMPTY.  The beginning
 * of a text is an intent of nobody: all else is zero.  LFs behind a text are where
 * a longer one was.  -1 with BND_E_CORRUPT for any other text that pack() does not write; *p is an
 * intent of nobody then, too.
 */
int bnd_usb_port_pack(const struct bnd_usb_port *p, char *buf, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_usb_port_unpack(
    struct bnd_str text, struct bnd_usb_port *p, struct bnd_err *err) BND_CHECK;

/*
 * One file a port, 0600, which is its lock as well: never renamed or unlinked,
 * written in place, emptied by storing an EMPTY.  Returns the locked descriptor;
 * BND_E_BUSY after BND_USB_PORT_LOCK_MS; BND_E_UNSAFE for a file that is not ours.
 */
int bnd_usb_port_lock(const struct bnd_root *root, const char *port,
    struct bnd_err *err) BND_CHECK;
/* -1 with BND_E_CORRUPT: damaged or of another boot; *p as unpack() says. */
int bnd_usb_port_load(
    int fd, struct bnd_usb_port *p, struct bnd_err *err) BND_CHECK;
int bnd_usb_port_store(
    int fd, const struct bnd_usb_port *p, struct bnd_err *err) BND_CHECK;
/* Without the lock, as a hint about somebody else's port; absent is EMPTY. */
int bnd_usb_port_peek(const struct bnd_root *root, const char *port,
    struct bnd_usb_port *p, struct bnd_err *err) BND_CHECK;

#endif
