/* usb-mounts.c: the file systems that die with a device */
/* SPDX-License-Identifier: ISC */
/*
 * By device numbers, never by names: a mount says which block device it is on,
 * sysfs says where that one hangs.  A file system of several devices (btrfs)
 * has a number of its own, and is looked up by the name it was mounted from.
 */
#include "usb-mounts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "scope.h"

#define MOUNTS	   "proc/self/mountinfo"
#define SWAPS	   "proc/swaps"
#define NUMBER_LEN 24 /* "259:1048575" */
#define DEEP_MAX   8  /* dm on md on a partition ... */

/* ---- pure ---- */

bool
bnd_usb_mount_parse(struct bnd_str line, struct bnd_usb_mount *m)
{
	struct bnd_str word, type;
	unsigned i;

	*m = (struct bnd_usb_mount){ .device = { NULL, 0 } };
	for (i = 0; bnd_text_word(&line, &word) && !bnd_str_is(word, "-");
	     i++) {
		if (i == 2)
			m->device = word;
		if (i == 4)
			m->point = word;
	}
	return m->point.p != NULL && bnd_text_word(&line, &type) &&
	    bnd_text_word(&line, &m->from);
}

static bool
is_octal(const char *p)
{
	for (int i = 0; i < 3; i++)
		if (p[i] < '0' || p[i] > (i == 0 ? '3' : '7'))
			return false;
	return true;
}

void
bnd_usb_mount_show(struct bnd_str point, char *text, size_t size)
{
	char plain[BND_USB_POINT_LEN];
	size_t n = 0;

	for (size_t i = 0; i < point.len && n < sizeof(plain); i++) {
		const char *p = point.p + i;

		if (*p == '\\' && point.len - i > 3 && is_octal(p + 1)) {
			plain[n++] = (char)((p[1] - '0') << 6 |
			    (p[2] - '0') << 3 | (p[3] - '0'));
			i += 3;
		} else {
			plain[n++] = *p;
		}
	}
	bnd_text_show((struct bnd_str){ plain, n }, text, size);
}

/* ---- sysfs ---- */

/* The number of a block device, by a path that ends with "/dev". */
static bool
number_at(const struct bnd_root *root, const char *path,
    char number[static NUMBER_LEN])
{
	struct bnd_err none = { 0 };
	SCOPED_FD int fd = bnd_root_open_sysfs(root, path, O_RDONLY, &none);
	ssize_t n = fd == -1 ? -1 : read(fd, number, NUMBER_LEN - 1);

	if (n <= 0)
		return false;
	number[n] = '\0';
	number[strcspn(number, "\n")] = '\0';
	return true;
}

/* Its place in sysfs is below path. */
static bool
hangs_below(const struct bnd_root *root, const char *number, const char *path)
{
	struct bnd_err none = { 0 };
	SCOPED_FD int dir = bnd_root_open_sysfs(
	    root, "sys/dev/block", O_RDONLY | O_DIRECTORY, &none);
	char target[1200];
	ssize_t n;
	char *at;

	n = dir == -1 ? -1
		      : readlinkat(dir, number, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	at = strstr(target, "/devices/");
	return at != NULL && strncmp(at, path, strlen(path)) == 0 &&
	    at[strlen(path)] == '/';
}

/* What a dm or md device is made of: one step down, into below[]. */
static size_t
made_of(const struct bnd_root *root, const char *number,
    char below[static DEEP_MAX][NUMBER_LEN])
{
	struct bnd_err none = { 0 };
	char path[384];
	struct dirent *e;
	size_t n = 0;
	DIR *dir;
	int fd;

	(void)snprintf(path, sizeof(path), "sys/dev/block/%.*s/slaves",
	    NUMBER_LEN, number);
	fd = bnd_root_open_sysfs(root, path, O_RDONLY | O_DIRECTORY, &none);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		bnd_close_fd(&fd);
		return 0;
	}
	while (n < DEEP_MAX && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path),
		    "sys/dev/block/%.*s/slaves/%s/dev", NUMBER_LEN, number,
		    e->d_name);
		n += number_at(root, path, below[n]);
	}
	closedir(dir);
	return n;
}

/* It, or what it is made of, however deep. */
static bool
is_on(const struct bnd_root *root, const char *number, const char *path)
{
	char waits[2 * DEEP_MAX][NUMBER_LEN];
	char below[DEEP_MAX][NUMBER_LEN];
	size_t n = 1, room = sizeof(waits) / sizeof(waits[0]), more;

	(void)snprintf(waits[0], NUMBER_LEN, "%s", number);
	for (size_t i = 0; i < n; i++) {
		if (hangs_below(root, waits[i], path))
			return true;
		more = made_of(root, waits[i], below);
		for (size_t k = 0; k < more && n < room; k++)
			memcpy(waits[n++], below[k], NUMBER_LEN);
	}
	return false;
}

/* The number of what a mount or swap says it comes from. */
static bool
number_of(const struct bnd_root *root, struct bnd_str from,
    char number[static NUMBER_LEN])
{
	char name[64], path[96];

	if (!bnd_text_take(&from, "/dev/") ||
	    !bnd_str_copy(from, name, sizeof(name)) ||
	    strchr(name, '/') != NULL)
		return false;
	(void)snprintf(path, sizeof(path), "sys/class/block/%s/dev", name);
	return number_at(root, path, number);
}

static void
add(struct bnd_usb_mounts *m, struct bnd_str point)
{
	if (m->n == BND_USB_MOUNTS_MAX) {
		m->lost++;
		return;
	}
	bnd_usb_mount_show(point, m->point[m->n++], BND_USB_POINT_LEN);
}

static void
look_at_mount(const struct bnd_root *root, const char *path,
    struct bnd_str line, struct bnd_usb_mounts *m)
{
	struct bnd_usb_mount one;
	char number[NUMBER_LEN];

	if (!bnd_usb_mount_parse(line, &one))
		return;
	if (!bnd_str_copy(one.device, number, sizeof(number)) ||
	    (strncmp(number, "0:", 2) == 0 &&
		!number_of(root, one.from, number)))
		return;
	if (is_on(root, number, path))
		add(m, one.point);
}

/* proc_swaps(5): file name, type, ... below a head. */
static void
look_at_swap(const struct bnd_root *root, const char *path, struct bnd_str line,
    struct bnd_usb_mounts *m)
{
	char number[NUMBER_LEN];
	struct bnd_str from;

	if (bnd_text_word(&line, &from) && number_of(root, from, number) &&
	    is_on(root, number, path))
		add(m, (struct bnd_str){ "swap", 4 });
}

typedef void look_at(const struct bnd_root *root, const char *path,
    struct bnd_str line, struct bnd_usb_mounts *m);

static int
each_line(const struct bnd_root *root, const char *file, const char *path,
    look_at *look, struct bnd_usb_mounts *m, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_sysfs(root, file, O_RDONLY, err);
	SCOPED_FILE FILE *f = fd == -1 ? NULL : fdopen(fd, "re");
	SCOPED_FREE char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (fd == -1)
		return -1;
	if (f == NULL)
		return bnd_fail_errno(err, "cannot read /%s", file);
	fd = -1;
	while ((n = getline(&line, &size, f)) > 0)
		look(root, path, (struct bnd_str){ line, strcspn(line, "\n") },
		    m);
	return ferror(f) ? bnd_fail_errno(err, "cannot read /%s", file) : 0;
}

int
bnd_usb_mounts_find(const struct bnd_root *root, const char *path,
    struct bnd_usb_mounts *m, struct bnd_err *err)
{
	struct bnd_err none = { 0 };

	/* Another root may have no procfs, and then nothing is mounted there. */
	if (each_line(root, MOUNTS, path, look_at_mount, m, &none) == -1 &&
	    (root->real || none.errnum != ENOENT))
		return bnd_fail(err, none.kind, "%s", none.text);
	/* A kernel without swap has no such file. */
	if (each_line(root, SWAPS, path, look_at_swap, m, &none) == -1 &&
	    none.errnum != ENOENT)
		return bnd_fail(err, none.kind, "%s", none.text);
	return 0;
}
