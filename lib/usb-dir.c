/* usb-dir.c: one device's directory in sysfs, held open */
/* SPDX-License-Identifier: ISC */
#include "usb-dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "text.h"

#define TOP	   "/devices/"
#define UEVENT_MAX 4096
#define FLAGS	   (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

/* No component that is empty, "." or "..". */
static bool
is_path(const char *p)
{
	struct bnd_str rest = { p, strlen(p) };

	if (rest.len >= BND_USB_PATH_MAX || !bnd_text_take(&rest, TOP))
		return false;
	for (;;) {
		struct bnd_str part = bnd_str_until(rest, '/');

		if (part.len == 0 || bnd_str_is(part, ".") ||
		    bnd_str_is(part, ".."))
			return false;
		if (part.len == rest.len)
			return true;
		rest = bnd_str_from(rest, part.len + 1);
	}
}

/* "usb1", the name the kernel gives to root hubs and to nothing else. */
static bool
is_root_hub(const char *port)
{
	struct bnd_str s = { port, strlen(port) };
	uint64_t n;

	return bnd_text_take(&s, "usb") && bnd_text_u64(s, UINT32_MAX, &n);
}

/* Whether the link leads to a subsystem called usb. */
static int
is_in_usb(int dir, bool above, struct bnd_err *err)
{
	const char *name = above ? "../subsystem" : "subsystem";
	char target[256];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return bnd_fail_errno(err, "cannot read link subsystem");
	return n >= 4 && memcmp(target + n - 4, "/usb", 4) == 0;
}

int
bnd_usb_dir_is_device(int dir, bool above, struct bnd_err *err)
{
	struct bnd_str rest = { NULL, 0 }, line;
	SCOPED_FD int fd = -1;
	char text[UEVENT_MAX];
	bool whole;
	int usb = is_in_usb(dir, above, err);

	if (usb != 1)
		return usb;
	/* Of this subsystem only: those of input and hid hold a device's words. */
	fd = openat(dir, above ? "../uevent" : "uevent", O_RDONLY | FLAGS);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open uevent");
	if (bnd_file_read_fd(
		fd, "uevent", text, sizeof(text), &rest.len, err) == -1)
		return -1;
	rest.p = text;
	while (bnd_text_line(&rest, &line, &whole))
		if (bnd_str_is(line, "DEVTYPE=usb_device"))
			return 1;
	return 0;
}

/* What is not a directory, or leads through a link, was never such a path. */
static int
open_one(const struct bnd_root *root, const char *path, struct bnd_err *err)
{
	char full[BND_USB_PATH_MAX + sizeof("sys")], shown[200];
	struct bnd_err why = { 0 };
	int fd;

	(void)snprintf(full, sizeof(full), "sys%s", path);
	fd = bnd_root_openat(root, full, O_PATH | O_DIRECTORY, 0, &why);
	if (fd >= 0)
		return fd;
	bnd_text_show(
	    (struct bnd_str){ full, strlen(full) }, shown, sizeof(shown));
	errno = why.errnum;
	(void)bnd_fail_errno(err, "cannot open /%s", shown);
	if (err != NULL &&
	    (why.errnum == ELOOP || why.errnum == ENOTDIR ||
		why.errnum == ENAMETOOLONG))
		err->kind = BND_E_INPUT;
	return -1;
}

/* From the path upwards, the first directory that is a USB device. */
static int
find(const struct bnd_root *root, struct bnd_usb_dir *d, struct bnd_err *err)
{
	while (strlen(d->path) >= sizeof(TOP)) {
		SCOPED_FD int fd = open_one(root, d->path, err);
		int is = fd < 0 ? -1 : bnd_usb_dir_is_device(fd, false, err);

		if (is == -1)
			return -1;
		if (is) {
			d->dir = take_fd(&fd);
			return 0;
		}
		*strrchr(d->path, '/') = '\0';
	}
	errno = ENOENT;
	return bnd_fail_errno(err, "no USB device at or above this path");
}

static int
hold(struct bnd_usb_dir *d, bool writing, struct bnd_err *err)
{
	const char *name = strrchr(d->path, '/') + 1;
	struct stat st;
	int below;

	if (strlen(name) >= sizeof(d->port))
		return bnd_fail(
		    err, BND_E_INPUT, "the name of a port is too long");
	memcpy(d->port, name, strlen(name) + 1);
	if (fstat(d->dir, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", d->port);
	d->inode = st.st_ino;
	below = bnd_usb_dir_is_device(d->dir, true, err);
	if (below == -1)
		return -1;
	d->controller = below == 0 && is_root_hub(d->port);
	d->authorized = openat(d->dir, "authorized",
	    (writing && !d->controller ? O_RDWR : O_RDONLY) | FLAGS);
	if (d->authorized < 0)
		return bnd_fail_errno(
		    err, "cannot open %s/authorized", d->port);
	return 0;
}

int
bnd_usb_dir_open(const struct bnd_root *root, const char *devpath, bool writing,
    struct bnd_usb_dir *d, struct bnd_err *err)
{
	char shown[200];

	*d = (struct bnd_usb_dir){ .dir = -1, .authorized = -1 };
	if (!is_path(devpath)) {
		bnd_text_show((struct bnd_str){ devpath, strlen(devpath) },
		    shown, sizeof(shown));
		return bnd_fail(
		    err, BND_E_INPUT, "not a device's path: '%s'", shown);
	}
	memcpy(d->path, devpath, strlen(devpath) + 1);
	if (find(root, d, err) == 0 && hold(d, writing, err) == 0)
		return 0;
	bnd_usb_dir_close(d);
	return -1;
}

void
bnd_usb_dir_close(struct bnd_usb_dir *d)
{
	bnd_close_fd(&d->authorized);
	bnd_close_fd(&d->dir);
}

static int
open_attr(const struct bnd_usb_dir *d, const char *name, int flags,
    struct bnd_err *err)
{
	const struct bnd_root here = { .fd = d->dir };
	struct bnd_err why = { 0 };
	int fd = bnd_root_openat(&here, name, flags, 0, &why);

	if (fd >= 0)
		return fd;
	errno = why.errnum;
	return bnd_fail_errno(err, "cannot open %s/%s", d->port, name);
}

int
bnd_usb_attr(const struct bnd_usb_dir *d, const char *name, char *buf,
    size_t size, size_t *len, struct bnd_err *err)
{
	SCOPED_FD int fd = open_attr(d, name, O_RDONLY, err);

	*len = 0;
	if (fd < 0)
		return -1;
	return bnd_file_read_fd(fd, name, buf, size, len, err);
}

int
bnd_usb_attr_number(const struct bnd_usb_dir *d, const char *name, unsigned max,
    unsigned *n, struct bnd_err *err)
{
	char text[16];
	struct bnd_str s = { text, 0 };
	uint64_t value;

	if (bnd_usb_attr(d, name, text, sizeof(text), &s.len, err) == -1)
		return -1;
	if (!bnd_text_u64(bnd_str_until(s, '\n'), max, &value))
		return bnd_fail(err, BND_E_INPUT,
		    "%s/%s is not a number up to %u", d->port, name, max);
	*n = (unsigned)value;
	return 0;
}

int
bnd_usb_dir_authorized(
    const struct bnd_usb_dir *d, bool *yes, struct bnd_err *err)
{
	char text[16];
	ssize_t n;

	do
		n = pread(d->authorized, text, sizeof(text), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return bnd_fail_errno(
		    err, "cannot read %s/authorized", d->port);
	/* Anything but a plain 0 may be a yes. */
	*yes = n == 0 || text[0] != '0' || (n > 1 && text[1] != '\n');
	return 0;
}

int
bnd_usb_write(int fd, const char *name, char byte, struct bnd_err *err)
{
	ssize_t n;

	do
		n = pwrite(fd, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = EIO;
	if (n != 1)
		return bnd_fail_errno(err, "cannot write %c to %s", byte, name);
	return 0;
}

int
bnd_usb_attr_write(const struct bnd_usb_dir *d, const char *name, char byte,
    struct bnd_err *err)
{
	SCOPED_FD int fd = open_attr(d, name, O_WRONLY, err);

	if (fd < 0)
		return -1;
	return bnd_usb_write(fd, name, byte, err);
}

/* "1-1:" of a device, "1-0:" of usb1. */
static bool
is_iface(const struct bnd_usb_dir *d, const char *name)
{
	struct bnd_str s = { name, strlen(name) };
	struct bnd_str bus = { d->port, strlen(d->port) };

	if (!d->controller)
		return bnd_text_take(&s, d->port) && bnd_text_take(&s, ":");
	return bnd_text_take(&bus, "usb") && bnd_text_take(&s, bus.p) &&
	    bnd_text_take(&s, "-0:");
}

static int
by_name(const void *a, const void *b)
{
	return strverscmp(a, b);
}

int
bnd_usb_dir_ifaces(const struct bnd_usb_dir *d, struct bnd_usb_names *names,
    struct bnd_err *err)
{
	SCOPED_FD int fd = open_attr(d, ".", O_RDONLY | O_DIRECTORY, err);
	SCOPED_DIR DIR *dir = NULL;
	const struct dirent *e;

	names->n = 0;
	if (fd < 0)
		return -1;
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read %s", d->port);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0) {
		struct bnd_str name = { e->d_name, strlen(e->d_name) };

		if (!is_iface(d, e->d_name))
			continue;
		if (names->n == BND_USB_NAMES_MAX ||
		    !bnd_str_copy(
			name, names->name[names->n], sizeof(names->name[0])))
			return bnd_fail(err, BND_E_INPUT,
			    "%s has more interfaces than can be", d->port);
		names->n++;
	}
	if (errno != 0)
		return bnd_fail_errno(err, "cannot read %s", d->port);
	qsort(names->name, names->n, sizeof(names->name[0]), by_name);
	return 0;
}
