/* usb-dir.h: one device's directory in sysfs, held open */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_DIR_H
#define BND_USB_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "root.h"
#include "usb-device.h"

#define BND_USB_PATH_MAX 1024 /* of "/devices/..." */

/*
 * Ports are used again at once, so a path may name another device a moment
 * later: everything is read and written through these descriptors, and
 * authorized was opened before anything was read.  A write to a device that
 * went gives ENODEV.  Starts as {.dir = -1, .authorized = -1}.
 */
struct bnd_usb_dir {
	int dir, authorized;
	bool controller; /* a root hub: its parent is no USB device */
	char port[BND_USB_PORT_MAX]; /* or "usb1" */
	char path[BND_USB_PATH_MAX]; /* "/devices/.../1-1.2" */
	ino_t inode;		     /* of the directory: this incarnation */
};

/*
 * The USB device at or nearest above devpath ("/devices/...": checked, no
 * empty, "." or ".." component, no link).  BND_E_INPUT: not such a path; nothing
 * was opened for writing.  errnum ENOENT or ENODEV: it has gone, or none is
 * there.  A controller's authorized is never opened for writing.
 */
int bnd_usb_dir_open(const struct bnd_root *root, const char *devpath,
    bool writing, struct bnd_usb_dir *d, struct bnd_err *err) BND_CHECK;
void bnd_usb_dir_close(struct bnd_usb_dir *d);
#define SCOPED_USB_DIR __attribute__((cleanup(bnd_usb_dir_close)))

/* Whether the directory dir, or the one above it, is a USB device: 1, 0, -1. */
int bnd_usb_dir_is_device(int dir, bool above, struct bnd_err *err) BND_CHECK;

/* authorized, through the descriptor that is held. */
int bnd_usb_dir_authorized(
    const struct bnd_usb_dir *d, bool *yes, struct bnd_err *err) BND_CHECK;

/*
 * An attribute below the directory ("serial", "1-1:1.0/authorized"), to its
 * end, through EINTR and short reads, a LF at the end kept.  errnum ENOENT: it
 * is absent, or the device has gone; ENODEV: gone.  More than size bytes is
 * BND_E_INPUT, and buf is full of the first.
 */
int bnd_usb_attr(const struct bnd_usb_dir *d, const char *name, char *buf,
    size_t size, size_t *len, struct bnd_err *err) BND_CHECK;
/* A boolean or small number; anything else is BND_E_INPUT. */
int bnd_usb_attr_number(const struct bnd_usb_dir *d, const char *name,
    unsigned max, unsigned *n, struct bnd_err *err) BND_CHECK;

/*
 * One byte, in one write (pwrite at 0).  The caller reads back what became of
 * it: an error may leave a 1 behind.
 */
int bnd_usb_write(
    int fd, const char *name, char byte, struct bnd_err *err) BND_CHECK;
int bnd_usb_attr_write(const struct bnd_usb_dir *d, const char *name, char byte,
    struct bnd_err *err) BND_CHECK;

/* Names of the interface directories that are there now ("1-1:1.0"), sorted. */
#define BND_USB_NAMES_MAX 64
struct bnd_usb_names {
	size_t n;
	char name[BND_USB_NAMES_MAX][BND_USB_PORT_MAX + 12];
};
int bnd_usb_dir_ifaces(const struct bnd_usb_dir *d, struct bnd_usb_names *names,
    struct bnd_err *err) BND_CHECK;

#endif
