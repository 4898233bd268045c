/* usb-mounts.h: the file systems that die with a device */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_MOUNTS_H
#define BND_USB_MOUNTS_H

#include <stddef.h>

#include "err.h"
#include "root.h"
#include "text.h"

#define BND_USB_MOUNTS_MAX 16
#define BND_USB_POINT_LEN  128

/* Where they are mounted, printable; "swap" for swap space.  Starts as {0}. */
struct bnd_usb_mounts {
	size_t n, lost;
	char point[BND_USB_MOUNTS_MAX][BND_USB_POINT_LEN];
};

/*
 * Add what of this process's mounts and of the host's swap is on a block device
 * below path ("/devices/..."), also by way of dm, md and the like.  A file
 * system in a file on it (loop) is not seen.
 */
int bnd_usb_mounts_find(const struct bnd_root *root, const char *path,
    struct bnd_usb_mounts *m, struct bnd_err *err) BND_CHECK;

/* What of a line of mountinfo counts; the rest of it is left out. */
struct bnd_usb_mount {
	struct bnd_str device; /* "8:17" */
	struct bnd_str point;  /* with \040 for a blank and so on */
	struct bnd_str from;   /* "/dev/sdb1" */
};

/* proc_pid_mountinfo(5).  False: not such a line. */
bool bnd_usb_mount_parse(struct bnd_str line, struct bnd_usb_mount *m);
/* \040 and so on are the bytes they stand for; then printable (text.h). */
void bnd_usb_mount_show(struct bnd_str point, char *text, size_t size);

#endif
