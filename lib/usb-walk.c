/* usb-walk.c: every USB device of the host, parents first; knows libudev */
/* SPDX-License-Identifier: ISC */
#include "usb-walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scope.h"
#include "text.h"
#include "usb-dir.h"

#define DEVICES "sys/bus/usb/devices"
#define DEPTH	"../../../devices/" /* what a link there begins with */
#define MOST	8192		    /* 32 buses of 127 devices, twice */

void
bnd_usb_paths_free(struct bnd_usb_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->path[i]);
	free(paths->path);
	*paths = (struct bnd_usb_paths){ 0 };
}

/* The kernel's names of interfaces, and of nothing else, have a colon. */
static bool
is_iface(const char *path)
{
	const char *name = strrchr(path, '/');

	return name == NULL || strchr(name, ':') != NULL;
}

/* path is "/devices/...". */
static int
add(struct bnd_usb_paths *paths, const char *path, struct bnd_err *err)
{
	char **more, *copy;

	if (is_iface(path))
		return 0;
	if (paths->n == MOST)
		return bnd_fail(err, BND_E_INPUT, "too many USB devices");
	if (paths->n % 64 == 0) {
		more = reallocarray(
		    paths->path, paths->n + 64, sizeof(*paths->path));
		if (more == NULL)
			return bnd_fail_errno(err, "no memory for devices");
		paths->path = more;
	}
	copy = strdup(path);
	if (copy == NULL)
		return bnd_fail_errno(err, "no memory for devices");
	paths->path[paths->n++] = copy;
	return 0;
}

static void
drop_enumerate(struct udev_enumerate **e)
{
	udev_enumerate_unref(*e);
}

static void
drop_udev(struct udev **udev)
{
	udev_unref(*udev);
}

static int
ask_udev(struct bnd_usb_paths *paths, struct bnd_err *err)
{
	__attribute__((cleanup(drop_udev))) struct udev *udev = udev_new();
	__attribute__((cleanup(drop_enumerate))) struct udev_enumerate *all =
	    udev != NULL ? udev_enumerate_new(udev) : NULL;
	struct udev_list_entry *e;
	int r;

	if (all == NULL)
		return bnd_fail_errno(err, "cannot use libudev");
	r = udev_enumerate_add_match_subsystem(all, "usb");
	if (r >= 0)
		r = udev_enumerate_scan_devices(all);
	if (r < 0) {
		errno = -r;
		return bnd_fail_errno(err, "cannot list USB devices");
	}
	udev_list_entry_foreach(e, udev_enumerate_get_list_entry(all))
	{
		const char *path = udev_list_entry_get_name(e);

		if (strncmp(path, "/sys/", 5) == 0 &&
		    add(paths, path + 4, err) == -1)
			return -1;
	}
	return 0;
}

/* A link that leads elsewhere is not one of the kernel's. */
static int
add_link(
    struct bnd_usb_paths *paths, int dir, const char *name, struct bnd_err *err)
{
	char target[BND_USB_PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return errno == ENOENT || errno == EINVAL
		    ? 0
		    : bnd_fail_errno(err, "cannot read link %s", name);
	target[n] = '\0';
	if (strncmp(target, DEPTH, strlen(DEPTH)) != 0)
		return 0;
	return add(paths, target + strlen("../../.."), err);
}

static int
read_links(const struct bnd_root *root, struct bnd_usb_paths *paths,
    struct bnd_err *err)
{
	SCOPED_DIR DIR *dir = NULL;
	struct bnd_err none = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, DEVICES, O_RDONLY | O_DIRECTORY, 0, &none);
	const struct dirent *e;

	if (fd < 0 && none.errnum == ENOENT)
		return 0;
	if (fd < 0)
		return bnd_fail(err, none.kind, "%s", none.text);
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /" DEVICES);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0)
		if (e->d_name[0] != '.' &&
		    add_link(paths, dirfd(dir), e->d_name, err) == -1)
			return -1;
	if (errno != 0)
		return bnd_fail_errno(err, "cannot read /" DEVICES);
	return 0;
}

/* A parent's path begins its children's, so it comes first. */
static int
by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
bnd_usb_walk(const struct bnd_root *root, struct bnd_usb_paths *paths,
    struct bnd_err *err)
{
	*paths = (struct bnd_usb_paths){ 0 };
	if ((root->real ? ask_udev(paths, err)
			: read_links(root, paths, err)) == -1) {
		bnd_usb_paths_free(paths);
		return -1;
	}
	if (paths->n > 1)
		qsort(paths->path, paths->n, sizeof(*paths->path), by_path);
	return 0;
}

const char *
bnd_usb_paths_find(const struct bnd_usb_paths *paths, const char *name)
{
	for (size_t i = 0; i < paths->n; i++) {
		const char *slash = strrchr(paths->path[i], '/');

		if (slash != NULL && strcmp(slash + 1, name) == 0)
			return paths->path[i];
	}
	return NULL;
}
