/* usb-walk.c: every device is found, and none before its parent */
/* SPDX-License-Identifier: ISC */
#include "usb-walk.h"

#include "scratch.h"
#include "tap.h"
#include "usbtree.h"

#define HOST "/devices/pci0000:00/0000:00:14.0"

static struct scratch s;
static struct bnd_err err;

static bool
has(const struct bnd_usb_paths *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->path[i], path) == 0)
			return true;
	return false;
}

/* Nothing stands behind what is below it. */
static bool
is_parents_first(const struct bnd_usb_paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = i + 1; k < p->n; k++)
			if (strncmp(p->path[i], p->path[k],
				strlen(p->path[k])) == 0)
				return false;
	return true;
}

static void
test_tree(void)
{
	SCOPED_USB_PATHS struct bnd_usb_paths p = { 0 };

	usbtree(s.dir, "1-2", "hub", "on");
	usbtree(s.dir, "1-10", "keyboard", "on");
	usbtree(s.dir, "1-2.7", "hub", "on");
	usbtree(s.dir, "1-2.7.1", "storage");
	usbtree(s.dir, "1-1", "mouse");
	is_int(bnd_usb_walk(&s.root, &p, &err), 0, "a tree");
	is_int(p.n, 7, "two controllers and five devices");
	ok(is_parents_first(&p), "parents first");
	ok(has(&p, HOST "/usb1") && has(&p, HOST "/usb2") &&
		has(&p, HOST "/usb1/1-2/1-2.7/1-2.7.1") &&
		has(&p, HOST "/usb1/1-10") && has(&p, HOST "/usb1/1-1"),
	    "all of them, and no interface");
}

static void
test_odd(void)
{
	SCOPED_USB_PATHS struct bnd_usb_paths p = { 0 }, none = { 0 };
	char at[UK_PATH];
	struct bnd_root elsewhere = s.root;

	if (symlink("/etc", uk_path(at, "%s/sys/bus/usb/devices/x", s.dir)) ||
	    symlink("../../../../etc",
		uk_path(at, "%s/sys/bus/usb/devices/y", s.dir)))
		bail("no link");
	ut_mkdir("%s/sys/bus/usb/devices/z", s.dir);
	is_int(bnd_usb_walk(&s.root, &p, &err), 0, "entries of no device");
	is_int(p.n, 7, "are none");
	elsewhere.fd = open(
	    uk_path(at, "%s/proc", s.dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	is_int(bnd_usb_walk(&elsewhere, &none, &err), 0, "no USB");
	is_int(none.n, 0, "no device");
	close(elsewhere.fd);
}

/* More than one page of paths, and the order they are sorted in. */
static void
test_many(void)
{
	SCOPED_USB_PATHS struct bnd_usb_paths p = { 0 };
	char port[32];

	for (unsigned i = 3; i < 143; i++) {
		snprintf(port, sizeof(port), "2-%u", i);
		usbtree(s.dir, port, "storage");
	}
	is_int(bnd_usb_walk(&s.root, &p, &err), 0, "147 devices");
	is_int(p.n, 147, "all of them");
	ok(is_parents_first(&p), "parents first");
}

/* The machine this runs on, whatever it has: libudev and the kernel agree. */
static void
test_real(void)
{
	SCOPED_USB_PATHS struct bnd_usb_paths udev = { 0 }, links = { 0 };
	struct bnd_root root = { .fd = -1 };
	bool same = true;

	if (bnd_root_open(&root, NULL, &err) == -1)
		bail(err.text);
	is_int(bnd_usb_walk(&root, &udev, &err), 0, "libudev's list");
	root.real = false;
	is_int(bnd_usb_walk(&root, &links, &err), 0, "the kernel's");
	for (size_t i = 0; i < udev.n && udev.n == links.n; i++)
		same = same && strcmp(udev.path[i], links.path[i]) == 0;
	ok(udev.n == links.n && same, "are the same: %zu", udev.n);
	bnd_root_close(&root);
}

int
main(void)
{
	scratch_make_fast(&s);
	usbtree_host(s.dir);
	usbtree_bus(s.dir, 1, "pci0000:00/0000:00:14.0");
	usbtree_bus(s.dir, 2, "pci0000:00/0000:00:14.0");
	test_tree();
	test_odd();
	test_many();
	test_real();
	scratch_remove(&s);
	return tap_done();
}
