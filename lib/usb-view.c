/* usb-view.c: everything a decision needs of one device, read once */
/* SPDX-License-Identifier: ISC */
#include "usb-view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"
#include "usb-id.h"

#define TRIES	   3
#define DEVNUM_MAX 65535
#define NAP_NS	   5000000

/* An absent string is an empty one.  One LF at the end is sysfs's own. */
static int
read_string(const struct bnd_usb_dir *dir, const char *name,
    char buf[static BND_USB_STRING_MAX + 1], struct bnd_str *s,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	*s = (struct bnd_str){ buf, 0 };
	if (bnd_usb_attr(
		dir, name, buf, BND_USB_STRING_MAX + 1, &s->len, &why) == -1) {
		s->len = 0;
		if (why.errnum == ENOENT)
			return 0;
		if (err != NULL)
			*err = why;
		return -1;
	}
	if (s->len > 0 && buf[s->len - 1] == '\n')
		s->len--;
	return 0;
}

/* More than the kernel ever shows is judged as the most it shows: not at all. */
static int
read_descriptors(
    const struct bnd_usb_dir *dir, struct bnd_usb_view *v, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_usb_attr(dir, "descriptors", (char *)v->bytes, sizeof(v->bytes),
		&v->len, &why) == -1 &&
	    why.kind != BND_E_INPUT) {
		if (err != NULL)
			*err = why;
		return -1;
	}
	bnd_usb_desc_parse(v->bytes, v->len, &v->desc);
	v->d.desc = &v->desc;
	return 0;
}

/* What its bytes say, of the device or of its parent. */
static int
read_bytes(
    const struct bnd_usb_dir *dir, struct bnd_usb_view *v, struct bnd_err *err)
{
	struct bnd_usb_device *d = &v->d;

	if (read_string(dir, "product", v->strings[0], &d->name, err) ||
	    read_string(
		dir, "manufacturer", v->strings[1], &d->manufacturer, err) ||
	    read_string(dir, "serial", v->strings[2], &d->serial, err) ||
	    read_descriptors(dir, v, err))
		return -1;
	bnd_usb_hash(d, v->bytes, v->len, d->hash);
	return 0;
}

/* Before the device, so that it can use the same room. */
static int
read_parent(
    const struct bnd_usb_dir *dir, struct bnd_usb_view *v, struct bnd_err *err)
{
	struct bnd_usb_dir up = { .dir = -1, .authorized = -1 };
	SCOPED_FD int fd = -1;
	char path[BND_USB_PATH_MAX];

	if (dir->controller) {
		size_t n = (size_t)(strrchr(dir->path, '/') - dir->path);

		memcpy(path, dir->path, n);
		path[n] = '\0';
		bnd_usb_hash_path(path, v->d.parent_hash);
		return 0;
	}
	fd = openat(dir->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return bnd_fail_errno(
		    err, "cannot open the hub of %s", dir->port);
	up.dir = fd;
	(void)snprintf(up.port, sizeof(up.port), "the hub");
	if (read_bytes(&up, v, err) == -1)
		return -1;
	memcpy(v->d.parent_hash, v->d.hash, sizeof(v->d.parent_hash));
	return 0;
}

/*
 * "0000:00:14.0/1.2": what the root hub is below, as buses are numbered anew at
 * each boot, and the ports from there on.
 */
static int
find_place(const struct bnd_usb_dir *dir, struct bnd_usb_device *d,
    struct bnd_err *err)
{
	const char *ports = strchr(dir->port, '-');
	char bus[BND_USB_PORT_MAX + 8];
	const char *end = NULL, *at;
	struct bnd_str host;

	if (ports != NULL)
		(void)snprintf(bus, sizeof(bus), "/usb%.*s/",
		    (int)(ports - dir->port), dir->port);
	else
		(void)snprintf(bus, sizeof(bus), "/%s", dir->port);
	for (at = dir->path; (at = strstr(at, bus)) != NULL; at++)
		end = at;
	if (end == NULL)
		return bnd_fail(err, BND_E_INPUT, "%s is on no bus", dir->port);
	host = (struct bnd_str){ dir->path, (size_t)(end - dir->path) };
	while ((at = memchr(host.p, '/', host.len)) != NULL)
		host = bnd_str_from(host, (size_t)(at + 1 - host.p));
	if (!bnd_str_copy(host, d->place, sizeof(d->place) - BND_USB_PORT_MAX))
		return bnd_fail(
		    err, BND_E_INPUT, "the place of %s is too long", dir->port);
	if (ports != NULL) {
		size_t n = strlen(d->place);

		d->place[n] = '/';
		memcpy(d->place + n + 1, ports + 1, strlen(ports + 1) + 1);
	}
	for (at = dir->port; (at = strchr(at, '.')) != NULL; at++)
		d->depth++;
	return 0;
}

/* The port the device is in: a link to a sibling, followed by hand. */
static int
read_connect(
    const struct bnd_usb_dir *dir, struct bnd_usb_view *v, struct bnd_err *err)
{
	char target[128];
	struct bnd_usb_dir up = { .dir = -1, .authorized = -1 };
	SCOPED_FD int fd = -1;
	ssize_t n = readlinkat(dir->dir, "port", target, sizeof(target));
	size_t len = 0;

	if (n < 0)
		return bnd_fail_errno(err, "cannot read link port");
	if ((size_t)n + sizeof("/connect_type") > sizeof(target) || n < 3 ||
	    memcmp(target, "../", 3) != 0)
		return bnd_fail(err, BND_E_INPUT, "the port is elsewhere");
	memcpy(target + n, "/connect_type", sizeof("/connect_type"));
	fd = openat(dir->dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open the hub");
	up.dir = fd;
	if (bnd_usb_attr(
		&up, target + 3, v->connect, sizeof(v->connect), &len, err))
		return -1;
	v->d.connect = (struct bnd_str){ v->connect, len };
	v->d.connect = bnd_str_until(v->d.connect, '\n');
	return 0;
}

/* The link is made after the device is announced.  None in time is none. */
static void
wait_connect(const struct bnd_usb_dir *dir, unsigned ms, struct bnd_usb_view *v)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t end = bnd_clock_ms() + ms;
	struct bnd_err why = { 0 };

	while (read_connect(dir, v, &why) == -1) {
		v->d.connect = (struct bnd_str){ NULL, 0 };
		if (why.errnum != ENOENT || bnd_clock_ms() >= end)
			return;
		(void)nanosleep(&nap, NULL);
	}
}

static int
read_all(const struct bnd_usb_dir *dir, unsigned connect_ms,
    struct bnd_usb_view *v, struct bnd_err *err)
{
	struct bnd_usb_device *d = &v->d;

	*d = (struct bnd_usb_device){ 0 };
	memcpy(d->port, dir->port, sizeof(d->port));
	if (read_parent(dir, v, err) == -1 || read_bytes(dir, v, err) == -1 ||
	    find_place(dir, d, err) == -1 ||
	    bnd_usb_dir_authorized(dir, &v->authorized, err) == -1)
		return -1;
	bnd_usb_identity(d, v->bytes, v->len, d->identity);
	if (!dir->controller)
		wait_connect(dir, connect_ms, v);
	return 0;
}

int
bnd_usb_view_read(const struct bnd_usb_dir *dir, unsigned connect_ms,
    struct bnd_usb_view *v, struct bnd_err *err)
{
	unsigned devnum;

	if (bnd_usb_attr_number(dir, "devnum", DEVNUM_MAX, &v->devnum, err) ==
	    -1)
		return -1;
	for (unsigned i = 0; i < TRIES; i++) {
		if (read_all(dir, connect_ms, v, err) == -1 ||
		    bnd_usb_attr_number(
			dir, "devnum", DEVNUM_MAX, &devnum, err) == -1)
			return -1;
		if (devnum == v->devnum)
			return 0;
		v->devnum = devnum;
	}
	return bnd_fail(err, BND_E_BUSY,
	    "%s became another device while it was looked at", dir->port);
}
