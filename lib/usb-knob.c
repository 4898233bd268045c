/* usb-knob.c: the kernel's own default for what is plugged in: no */
/* SPDX-License-Identifier: ISC */
#include "usb-knob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scope.h"
#include "usb-boot.h"

#define PARAMETER "sys/module/usbcore/parameters/authorized_default"

static const char *const of_bus[] = {
	"authorized_default",
	"interface_authorized_default",
};

static bool
is_there(const struct bnd_root *root, const char *path)
{
	struct bnd_err none = { 0 };
	SCOPED_FD int fd = bnd_root_openat(root, path, O_PATH, 0, &none);

	return fd >= 0 || none.errnum != ENOENT;
}

bool
bnd_usb_is_here(const struct bnd_root *root)
{
	/* A host whose sysfs cannot be seen has not shown that it has none. */
	return (root->real && !is_there(root, "sys/bus")) ||
	    is_there(root, "sys/bus/usb/devices") ||
	    is_there(root, "sys/module/usbcore/parameters");
}

/* The text of an attribute, without LF. */
static int
read_fd(int fd, const char *name, char text[static 16], struct bnd_err *err)
{
	ssize_t n;

	do
		n = pread(fd, text, 15, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", name);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/* What a settle finds as it should be it does not write again. */
static int
set_fd(int fd, const char *name, struct bnd_err *err)
{
	char text[16];

	if (read_fd(fd, name, text, err) == -1)
		return -1;
	if (strcmp(text, "0") == 0)
		return 0;
	if (bnd_usb_write(fd, name, '0', err) == -1 ||
	    read_fd(fd, name, text, err) == -1)
		return -1;
	if (strcmp(text, "0") != 0)
		return bnd_fail(err, BND_E_ENFORCER,
		    "%s is '%s' after a 0 was written", name, text);
	return 0;
}

int
bnd_usb_knob_set(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_openat(root, PARAMETER, O_RDWR, 0, err);

	return fd < 0 ? -1 : set_fd(fd, "/" PARAMETER, err);
}

static int
open_bus(const struct bnd_usb_dir *c, size_t which, int flags, char *name,
    size_t size, struct bnd_err *err)
{
	int fd = openat(
	    c->dir, of_bus[which], flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	(void)snprintf(name, size, "%s/%s", c->port, of_bus[which]);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	return fd;
}

int
bnd_usb_knob_set_bus(const struct bnd_usb_dir *c, struct bnd_err *err)
{
	char name[80];
	int r = 0;

	/* Both are tried: the second is not left as it is for the first. */
	for (size_t i = 0; i < 2; i++) {
		SCOPED_FD int fd =
		    open_bus(c, i, O_RDWR, name, sizeof(name), err);

		if (fd < 0 || set_fd(fd, name, err) == -1)
			r = -1;
	}
	return r;
}

int
bnd_usb_knob_look_bus(const struct bnd_usb_dir *c, bool *good,
    struct bnd_notes *notes, struct bnd_err *err)
{
	char name[80], text[16];

	*good = true;
	for (size_t i = 0; i < 2; i++) {
		SCOPED_FD int fd =
		    open_bus(c, i, O_RDONLY, name, sizeof(name), err);

		if (fd < 0 || read_fd(fd, name, text, err) == -1)
			return -1;
		if (strcmp(text, "0") == 0)
			continue;
		*good = false;
		bnd_note(notes, "default", "%s is '%s', not 0", name, text);
	}
	return 0;
}

int
bnd_usb_knob_look(const struct bnd_root *root, bool *good,
    struct bnd_notes *notes, struct bnd_err *err)
{
	char text[16];
	bool next;
	SCOPED_FD int fd = bnd_root_openat(root, PARAMETER, O_RDONLY, 0, err);

	*good = false;
	if (fd < 0 || read_fd(fd, "/" PARAMETER, text, err) == -1)
		return -1;
	*good = strcmp(text, "0") == 0;
	if (!*good)
		bnd_note(
		    notes, "default", "/" PARAMETER " is '%s', not 0", text);
	return bnd_usb_boot_look(root, &next, notes, err);
}
