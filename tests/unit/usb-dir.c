/* usb-dir.c: the device in the hand is the device that is judged */
/* SPDX-License-Identifier: ISC */
#include "usb-dir.h"

#include "scratch.h"
#include "tap.h"
#include "usbtree.h"

#define HOST "/devices/pci0000:00/0000:00:14.0"

static struct scratch s;
static struct bnd_err err;
static struct bnd_usb_dir d;

/* What read() does while it is armed: one thing, at call number at. */
static struct {
	bool armed;
	unsigned count, at;
	int err;
	size_t most; /* bytes a call; 0: as many as asked */
	int write_err;
} fault;

ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at);

ssize_t
__wrap_read(int fd, void *buf, size_t len)
{
	if (fault.armed && ++fault.count == fault.at && fault.err != 0) {
		errno = fault.err;
		return -1;
	}
	if (fault.armed && fault.most != 0 && len > fault.most)
		len = fault.most;
	return __real_read(fd, buf, len);
}

ssize_t
__wrap_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	if (fault.write_err == -1)
		return 0;
	if (fault.write_err != 0) {
		errno = fault.write_err;
		fault.write_err =
		    fault.write_err == EINTR ? 0 : fault.write_err;
		return -1;
	}
	return __real_pwrite(fd, buf, len, at);
}

static int
opens(const char *devpath, bool writing)
{
	err = (struct bnd_err){ 0 };
	bnd_usb_dir_close(&d);
	return bnd_usb_dir_open(&s.root, devpath, writing, &d, &err);
}

static const char *
below(const char *path)
{
	static char full[UK_PATH];

	return uk_path(full, "%s/sys%s", s.dir, path);
}

static const char *
content(const char *path)
{
	static char text[64];

	return uk_get(below(path), text);
}

/* UE-01: what is no such path is refused before anything is opened. */
static void
test_hostile_paths(void)
{
	static const char *const paths[] = {
		"",
		"/",
		"devices",
		"/devices",
		"/devices/",
		"/devices//pci0000:00",
		"/devices/pci0000:00/",
		"/devices/..",
		"/devices/../..",
		"../../../etc",
		"/devices/./pci0000:00",
		HOST "/usb1/../usb1/1-1",
		HOST "/usb1/1-1/.",
		"/etc/passwd",
		"/sys" HOST "/usb1/1-1",
		"//devices/pci0000:00",
		"-n",
		"\033]0;x\007",
		HOST "/usb1/loop/1-1",
		HOST "/usb1/1-1/subsystem",
		HOST "/usb1/1-1/authorized",
		HOST "/usb1/1-1/port",
	};
	char longer[5001], name[300];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int r = opens(paths[i], true);

		ok(r == -1 && err.kind == BND_E_INPUT && d.dir == -1 &&
			d.authorized == -1,
		    "UE-01: refused: %zu", i);
	}
	memset(longer, 'a', sizeof(longer) - 1);
	memcpy(longer, "/devices/", 9);
	longer[sizeof(longer) - 1] = '\0';
	ok(opens(longer, true) == -1 && err.kind == BND_E_INPUT,
	    "UE-01: 5,000 bytes are refused");
	memset(name, 'a', sizeof(name) - 1);
	memcpy(name, "/devices/", 9);
	name[sizeof(name) - 1] = '\0';
	ok(opens(name, true) == -1 && err.kind == BND_E_INPUT,
	    "a component no directory can have is refused");
	ok(opens("/devices/\033[31m/..", true) == -1 &&
		strchr(err.text, '\033') == NULL,
	    "the message is clean");
}

static void
test_nearest(void)
{
	static const struct {
		const char *path, *port;
		bool controller;
	} rows[] = {
		{ HOST "/usb1/1-1", "1-1", false },
		{ HOST "/usb1/1-1/1-1:1.0", "1-1", false },
		{ HOST "/usb1/1-1/1-1:1.0/0003:1234:ABCD.0000", "1-1", false },
		{ HOST "/usb1/1-1/1-1:1.0/0003:1234:ABCD.0000/input/input0",
		    "1-1", false },
		{ HOST "/usb1/1-2/1-2.3/1-2.3:1.0/net", "1-2.3", false },
		{ HOST "/usb1/1-2/1-2:1.0/1-2-port3", "1-2", false },
		{ HOST "/usb1", "usb1", true },
		{ HOST "/usb1/1-0:1.0/usb1-port1", "usb1", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_int(opens(rows[i].path, false), 0, "%s", rows[i].path);
		is_str(d.port, rows[i].port, "its device");
		is_int(d.controller, rows[i].controller, "a controller");
	}
	ok(opens(HOST, false) == -1 && err.errnum == ENOENT,
	    "none at or above a controller's own path");
	ok(opens(HOST "/usb1/1-7", false) == -1 && err.errnum == ENOENT,
	    "what is not there has gone, and its hub is not taken for it");
	ok(opens(HOST "/usb1/1-7/1-7:1.0", false) == -1 && err.errnum == ENOENT,
	    "nor for what was below it");
}

/* UD-19: neither ids nor names make a root hub. */
static void
test_controller(void)
{
	ut_mkdir("%s", below(HOST "/usb1/1-1/usb7"));
	ut_link(below(HOST "/usb1/1-1/usb7"), "subsystem",
	    "devices/pci0000:00/0000:00:14.0/usb1/1-1/usb7", "bus/usb");
	ut_file(below(HOST "/usb1/1-1/usb7"), "uevent", "DEVTYPE=usb_device\n");
	ut_file(below(HOST "/usb1/1-1/usb7"), "authorized", "0\n");
	is_int(opens(HOST "/usb1/1-1/usb7", true), 0, "a device called usb7");
	ok(!d.controller, "UD-19: what hangs on a device is no controller");
	ok((fcntl(d.authorized, F_GETFL) & O_ACCMODE) == O_RDWR,
	    "its authorized is open for writing");
	is_int(opens(HOST "/usb1", true), 0, "the controller itself");
	ok((fcntl(d.authorized, F_GETFL) & O_ACCMODE) == O_RDONLY,
	    "a root hub's authorized is never open for writing");
	is_int(opens(HOST "/usb1/1-1", false), 0, "a device, to look at");
	ok((fcntl(d.authorized, F_GETFL) & O_ACCMODE) == O_RDONLY,
	    "who only looks cannot write");
}

/* A device without its parent's uevent is not taken for a controller. */
static void
test_unreadable(void)
{
	char uevent[UK_PATH], away[UK_PATH];

	uk_path(uevent, "%s/sys" HOST "/usb1/uevent", s.dir);
	uk_path(away, "%s.away", uevent);
	if (rename(uevent, away) != 0)
		bail("cannot move a file");
	is_int(opens(HOST "/usb1/1-1", true), -1,
	    "the parent cannot be told: nothing is opened");
	if (rename(away, uevent) != 0)
		bail("cannot move a file");
}

/* The port is used again between opening and writing. */
static void
test_swap(void)
{
	char text[64];
	size_t len;
	ino_t inode;
	int r;

	is_int(opens(HOST "/usb1/1-3", true), 0, "a device in port 3");
	inode = d.inode;
	usbtree_unplug(s.dir, "1-3");
	usbtree(s.dir, "1-3", "keyboard", "serial=new");
	is_int(bnd_usb_write(d.authorized, "authorized", '1', &err), 0,
	    "a write by the descriptor that was held");
	is_str(content(HOST "/usb1/1-3/authorized"), "0",
	    "does not reach the device that took the port");
	r = bnd_usb_attr(&d, "serial", text, sizeof(text), &len, &err);
	ok(r == 0 && len == 4 && memcmp(text, "old\n", 4) == 0,
	    "what is read is the old one's");
	r = bnd_usb_attr_write(&d, "1-3:1.0/authorized", '1', &err);
	ok(r == -1 && err.errnum == ENOENT, "its interfaces are gone");
	is_int(opens(HOST "/usb1/1-3", true), 0, "the new one");
	ok(d.inode != inode, "is another incarnation");
}

/* UD-21, UD-23 */
static void
test_reading(void)
{
	static char buf[BND_USB_DESC_MAX + 1];
	char small[8];
	size_t len, whole;
	unsigned n;
	int r;

	is_int(opens(HOST "/usb1/1-1", false), 0, "a device");
	is_int(bnd_usb_attr(&d, "descriptors", buf, sizeof(buf), &whole, &err),
	    0, "its descriptors");
	ok(whole > 18, "UD-23: as long as what was read");
	fault.armed = true;
	fault.most = 1;
	r = bnd_usb_attr(&d, "descriptors", buf, sizeof(buf), &len, &err);
	ok(r == 0 && len == whole, "UD-21: one byte a read");
	fault.most = 0;
	for (unsigned k = 1; k <= 2; k++) {
		fault.count = 0;
		fault.at = k;
		fault.err = EINTR;
		r = bnd_usb_attr(
		    &d, "descriptors", buf, sizeof(buf), &len, &err);
		ok(r == 0 && len == whole, "UD-21: EINTR at read %u", k);
		fault.count = 0;
		fault.err = ENODEV;
		r = bnd_usb_attr(
		    &d, "descriptors", buf, sizeof(buf), &len, &err);
		ok(r == -1 && err.errnum == ENODEV,
		    "UD-21: ENODEV at read %u is gone", k);
	}
	fault.armed = false;
	r = bnd_usb_attr(&d, "descriptors", small, sizeof(small), &len, &err);
	ok(r == -1 && err.kind == BND_E_INPUT && len == sizeof(small),
	    "more than there is room for is no part of it");
	r = bnd_usb_attr(&d, "nothing", small, sizeof(small), &len, &err);
	ok(r == -1 && err.errnum == ENOENT && len == 0, "absent");
	r = bnd_usb_attr(&d, "../devnum", small, sizeof(small), &len, &err);
	ok(r == -1, "nothing above the directory");
	r = bnd_usb_attr(
	    &d, "subsystem/drivers_probe", small, sizeof(small), &len, &err);
	ok(r == -1, "nothing through a link");
	r = bnd_usb_attr_number(&d, "devnum", 127, &n, &err);
	ok(r == 0 && n == 2, "a number");
	r = bnd_usb_attr_number(&d, "devnum", 1, &n, &err);
	ok(r == -1 && err.kind == BND_E_INPUT, "too large a number");
	r = bnd_usb_attr_number(&d, "uevent", 9, &n, &err);
	ok(r == -1, "no number");
}

static void
test_authorized(void)
{
	static const struct {
		const char *text;
		bool yes;
	} rows[] = {
		{ "0\n", false },
		{ "0", false },
		{ "1\n", true },
		{ "2\n", true },
		{ "", true },
		{ "00\n", true },
		{ "x", true },
	};
	bool yes;

	is_int(opens(HOST "/usb1/1-1", true), 0, "a device");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uk_put(below(HOST "/usb1/1-1/authorized"), rows[i].text);
		is_int(bnd_usb_dir_authorized(&d, &yes, &err), 0, "read");
		is_int(yes, rows[i].yes, "only a plain 0 is a no");
	}
	uk_put(below(HOST "/usb1/1-1/authorized"), "0\n");
}

static void
test_writing(void)
{
	static const int errors[] = { EIO, ENOSPC, EINVAL, EPIPE, ENODEV };

	is_int(opens(HOST "/usb1/1-1", true), 0, "a device");
	is_int(bnd_usb_write(d.authorized, "x", '1', &err), 0, "a 1");
	is_str(content(HOST "/usb1/1-1/authorized"), "1", "arrived");
	is_int(bnd_usb_write(d.authorized, "x", '0', &err), 0, "a 0 after it");
	is_str(content(HOST "/usb1/1-1/authorized"), "0",
	    "stands where the 1 stood");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault.write_err = errors[i];
		ok(bnd_usb_write(d.authorized, "x", '1', &err) == -1 &&
			err.errnum == errors[i],
		    "UE-13: %s is told", strerror(errors[i]));
	}
	fault.write_err = -1;
	is_int(bnd_usb_write(d.authorized, "x", '1', &err), -1,
	    "nothing written is told");
	fault.write_err = EINTR;
	is_int(bnd_usb_write(d.authorized, "x", '1', &err), 0,
	    "interrupted is tried again");
	fault.write_err = 0;
	is_int(bnd_usb_write(d.authorized, "x", '0', &err), 0, "and back");
}

static void
test_ifaces(void)
{
	struct bnd_usb_names names;

	is_int(opens(HOST "/usb1/1-1", false), 0, "a device that is denied");
	is_int(bnd_usb_dir_ifaces(&d, &names, &err), 0, "its interfaces");
	is_int(names.n, 1, "as they are in sysfs");
	is_int(opens(HOST "/usb1/1-4", false), 0, "one of twelve interfaces");
	is_int(bnd_usb_dir_ifaces(&d, &names, &err), 0, "its interfaces");
	is_int(names.n, 12, "all of them");
	is_str(names.name[2], "1-4:1.2", "in the order of");
	is_str(names.name[11], "1-4:1.11", "their numbers");
	is_int(opens(HOST "/usb1", false), 0, "a controller");
	is_int(bnd_usb_dir_ifaces(&d, &names, &err), 0, "its interface");
	ok(names.n == 1 && strcmp(names.name[0], "1-0:1.0") == 0,
	    "has a name of its own");
	is_int(opens(HOST "/usb1/1-2", false), 0, "a hub");
	is_int(bnd_usb_dir_ifaces(&d, &names, &err), 0, "its interface");
	is_int(names.n, 1, "and none of what is behind it");
	for (unsigned i = 0; i <= BND_USB_NAMES_MAX; i++)
		ut_mkdir("%s/1-4:1.%u", below(HOST "/usb1/1-4"), i);
	is_int(opens(HOST "/usb1/1-4", false), 0, "one with too many");
	is_int(bnd_usb_dir_ifaces(&d, &names, &err), -1, "is refused");
}

int
main(void)
{
	d = (struct bnd_usb_dir){ .dir = -1, .authorized = -1 };
	scratch_make_fast(&s);
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	usbtree(s.dir, "1-1", "keyboard", "devnum=2", "on");
	usbtree(s.dir, "1-2", "hub", "on");
	usbtree(s.dir, "1-2.3", "net", "on");
	usbtree(s.dir, "1-3", "keyboard", "serial=old", "on");
	usbtree(s.dir, "1-4", "ff:00:00 x=11", "as=other", "on");
	if (symlink(".", below(HOST "/usb1/loop")) != 0)
		bail("no link");
	test_hostile_paths();
	test_nearest();
	test_controller();
	test_unreadable();
	test_swap();
	test_reading();
	test_authorized();
	test_writing();
	test_ifaces();
	bnd_usb_dir_close(&d);
	scratch_remove(&s);
	return tap_done();
}
