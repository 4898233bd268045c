/* leave.c: leaves behind what a launcher might follow, choke on or trip over */
/* SPDX-License-Identifier: ISC */
/*
 *	leave links DIR TARGET	a link and a hard link to it, and to its directory
 *	leave names DIR		names that no shell, no terminal and no parser likes
 *	leave deep DIR N	N directories, each in the one before; waits
 *	leave many DIR N	N files; waits
 *	leave nodes DIR		block and character devices, a FIFO, a socket's name
 *	leave mounted PATH...	the mount there: made writable, taken away, covered
 *	leave fs DIR TYPE...	a new file system there, by either interface
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "payload.h"

static void
links(const char *target)
{
	told("symlink", symlink(target, "soft"));
	told("symlink /", symlink("/", "root"));
	told("symlink ..", symlink("../../../..", "up"));
	told("link", link(target, "hard"));
	told("link /etc/passwd", link("/etc/passwd", "passwd"));
}

static void
names(void)
{
	static char longest[256];
	static const char *const bad[] = { "new\nline", "-rf", "\xff\xfe\x80",
		"\x1b[2J", " ", "$(id)", "%s%n", longest };

	memset(longest, 'x', sizeof(longest) - 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = open(bad[i], O_CREAT | O_EXCL | O_WRONLY, 0600);

		told("name", fd);
		close(fd);
	}
}

/* From the inside out: whoever walks up at each step never comes to an end. */
static void
deep(unsigned n)
{
	unsigned i = 0;

	while (i < n && mkdir("n", 0700) == 0 &&
	    (i == 0 || rename("d", "n/d") == 0) && rename("n", "d") == 0)
		i++;
	told("deep", (long)i);
	payload_ready();
}

static void
many(unsigned n)
{
	char name[16];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);

		if (fd < 0)
			break;
		close(fd);
	}
	told("many", (long)i);
	payload_ready();
}

static void
nodes(void)
{
	told("mknod b", mknod("b", S_IFBLK | 0600, makedev(254, 0)));
	told("mknod c", mknod("c", S_IFCHR | 0600, makedev(1, 1)));
	told("mkfifo", mknod("p", S_IFIFO | 0600, 0));
}

static void
undo(const char *path)
{
	told("remount", mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
	told("unmount", umount2(path, MNT_DETACH));
	told("bind over", mount("/tmp", path, NULL, MS_BIND, NULL));
	told("move", mount(path, "/tmp", NULL, MS_MOVE, NULL));
	told("share", mount(NULL, path, NULL, MS_SHARED, NULL));
	told("tmpfs over", mount("x", path, "tmpfs", 0, NULL));
}

static void
fs(const char *dir, const char *type)
{
	char what[64];
	int fd;

	snprintf(what, sizeof(what), "mount %s", type);
	if (told(what, mount("x", dir, type, 0, NULL)) == 0)
		umount2(dir, MNT_DETACH);
	snprintf(what, sizeof(what), "fsopen %s", type);
	fd = fsopen(type, FSOPEN_CLOEXEC);
	if (fd >= 0 && fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		fd = -1;
	told(what, fd < 0 ? -1 : 0);
}

int
main(int argc, char **argv)
{
	char **a = payload(argc, argv);

	if (a[0] == NULL || a[1] == NULL)
		return 2;
	if (strcmp(a[0], "mounted") == 0) {
		for (char **path = a + 1; *path != NULL; path++)
			undo(*path);
		payload_ready();
		return 0;
	}
	if (strcmp(a[0], "fs") == 0) {
		for (char **type = a + 2; *type != NULL; type++)
			fs(a[1], *type);
		return 0;
	}
	if (chdir(a[1]) != 0)
		return 3;
	if (strcmp(a[0], "links") == 0)
		links(a[2]);
	else if (strcmp(a[0], "names") == 0)
		names();
	else if (strcmp(a[0], "deep") == 0)
		deep((unsigned)strtoul(a[2], NULL, 10));
	else if (strcmp(a[0], "many") == 0)
		many((unsigned)strtoul(a[2], NULL, 10));
	else
		nodes();
	return 0;
}
