/* usb-look.c: a device as it is now, for whoever only looks */
/* SPDX-License-Identifier: ISC */
#include "usb-look.h"

#include <errno.h>

#include "usb-dir.h"
#include "usb-seen.h"

static int
look(const struct bnd_usb_dir *dir, struct bnd_usb_view *v,
    enum bnd_usb_found *found, struct bnd_err *err)
{
	if (dir->controller)
		return 0;
	if (bnd_usb_view_read(dir, 0, v, err) == -1 ||
	    (v->authorized && bnd_usb_seen_read(dir, &v->d.seen, err) == -1))
		return -1;
	*found = BND_USB_DEVICE;
	return 0;
}

int
bnd_usb_look(const struct bnd_root *root, const char *path,
    struct bnd_usb_view *v, enum bnd_usb_found *found, ino_t *inode,
    struct bnd_err *err)
{
	SCOPED_USB_DIR struct bnd_usb_dir dir = { .dir = -1, .authorized = -1 };
	struct bnd_err why = { 0 };

	*found = BND_USB_NONE;
	if (bnd_usb_dir_open(root, path, false, &dir, &why) == 0 &&
	    look(&dir, v, found, &why) == 0) {
		if (inode != NULL)
			*inode = dir.inode;
		return 0;
	}
	if (why.errnum == ENOENT || why.errnum == ENODEV)
		return 0;
	*err = why;
	return -1;
}
