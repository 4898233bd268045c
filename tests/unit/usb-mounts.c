/* usb-mounts.c: mounts and swap below a device, by device numbers */
/* SPDX-License-Identifier: ISC */
#include "usb-mounts.h"

#include <fcntl.h>
#include <string.h>

#include "scratch.h"
#include "tap.h"

#define STICK "/devices/pci0000:00/0000:00:14.0/usb1/1-2"

static void
parses(void)
{
	const char *line =
	    "36 35 8:17 /mnt1 /media/a\\040b rw,noatime master:1 "
	    "- ext3 /dev/sdb1 rw,errors=continue";
	struct bnd_usb_mount m;
	char text[40];

	ok(bnd_usb_mount_parse((struct bnd_str){ line, strlen(line) }, &m),
	    "a line of mountinfo");
	ok(bnd_str_is(m.device, "8:17"), "its number");
	ok(bnd_str_is(m.from, "/dev/sdb1"), "what it is from");
	bnd_usb_mount_show(m.point, text, sizeof(text));
	is_str(text, "/media/a b", "a blank is no end of a name");
	bnd_usb_mount_show(
	    (struct bnd_str){ "/a\\033[31m\\", 11 }, text, sizeof(text));
	is_str(text, "/a\\x1b[31m\\x5c", "an escape does not reach people");
	ok(!bnd_usb_mount_parse((struct bnd_str){ "36 35 8:17 /", 12 }, &m),
	    "a short line is none");
	ok(!bnd_usb_mount_parse((struct bnd_str){ "", 0 }, &m), "nor is none");
}

/* ---- a tree ---- */

static struct scratch sc;

static void
dirs_for(const char *path)
{
	char part[400];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		mkdirat(sc.root.fd, part, 0755);
		*p = '/';
	}
}

static void
file(const char *path, const char *text)
{
	int fd;

	dirs_for(path);
	fd = openat(sc.root.fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ok(fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
	    "%s", path);
	close(fd);
}

/* A block device below a directory of /devices, by name and number. */
static void
disk(const char *where, const char *name, const char *number)
{
	char path[300], target[300];

	snprintf(path, sizeof(path), "sys%s/block/%s/dev", where, name);
	snprintf(target, sizeof(target), "%s\n", number);
	file(path, target);
	snprintf(path, sizeof(path), "sys/dev/block/%s", number);
	snprintf(target, sizeof(target), "../..%s/block/%s", where, name);
	dirs_for(path);
	ok(symlinkat(target, sc.root.fd, path) == 0, "%s", path);
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	dirs_for(path);
	ok(symlinkat(target, sc.root.fd, path) == 0, "%s", path);
}

static void
slave(const char *of, const char *where, const char *name)
{
	char path[300], target[300];

	snprintf(path, sizeof(path), "sys/devices/virtual/block/%s/slaves/%s",
	    of, name);
	dirs_for(path);
	snprintf(target, sizeof(target), "../../../..%s/block/%s",
	    where + strlen("/devices"), name);
	ok(symlinkat(target, sc.root.fd, path) == 0, "%s", path);
}

static const char mounts[] =
    "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "2 1 0:5 / /proc rw - proc proc rw\n"
    "3 1 8:16 / /media/stick rw shared:1 - vfat /dev/sdb rw\n"
    "4 1 253:1 / /secret\\040place rw - ext4 /dev/mapper/c rw\n"
    "5 1 0:40 /sub /media/tree rw - btrfs /dev/sdb rw\n"
    "6 1 8:32 / /other rw - vfat /dev/sdc rw\n";

static void
finds(void)
{
	struct bnd_usb_mounts m = { 0 };
	struct bnd_err err = { 0 };

	is_int(bnd_usb_mounts_find(&sc.root, STICK, &m, &err), 0, "found: %s",
	    err.text);
	is_int(m.n, 4, "three mounts, and swap");
	is_str(m.point[0], "/media/stick", "the stick's own");
	is_str(m.point[1], "/secret place", "by way of two dm devices");
	is_str(m.point[2], "/media/tree", "of a number of its own");
	is_str(m.point[3], "swap", "and swap");
	m = (struct bnd_usb_mounts){ 0 };
	is_int(bnd_usb_mounts_find(&sc.root,
		   "/devices/pci0000:00/0000:00:14.0/usb1/1-20", &m, &err),
	    0, "another port, whose name begins alike");
	is_int(m.n, 1, "has its own");
	is_str(m.point[0], "/other", "and no other");
}

int
main(void)
{
	struct bnd_usb_mounts m = { 0 };
	struct bnd_err err = { 0 };

	parses();
	scratch_make_fast(&sc);
	is_int(bnd_usb_mounts_find(&sc.root, STICK, &m, &err), 0,
	    "another root without procfs has no mounts");
	sc.root.real = true;
	is_int(bnd_usb_mounts_find(&sc.root, STICK, &m, &err), -1,
	    "the host's without procfs is no answer");
	sc.root.real = false;
	file("proc/self/mountinfo", mounts);
	disk("/devices/pci0000:00/ata1", "sda1", "8:1");
	disk(STICK "/1-2:1.0/host6", "sdb", "8:16");
	disk("/devices/pci0000:00/0000:00:14.0/usb1/1-20/1-20:1.0", "sdc",
	    "8:32");
	disk("/devices/virtual", "dm-0", "253:0");
	disk("/devices/virtual", "dm-1", "253:1");
	slave("dm-1", "/devices/virtual", "dm-0");
	slave("dm-0", STICK "/1-2:1.0/host6", "sdb");
	file("proc/swaps",
	    "Filename Type Size Used Priority\n/dev/sdb partition 8 0 -2\n");
	finds();
	scratch_remove(&sc);
	return tap_done();
}
