/* usbkernel.h: what the kernel does when a made-up USB tree is written to */
/* SPDX-License-Identifier: ISC */
/*
 * The tree is usbtree.h's: DIR/sys is sysfs, DIR/fake what is not there yet.
 * fake/PORT/iface/IFACE become directories of the device when it is configured,
 * fake/PORT/node/IFACE what a driver makes of an interface when it binds.
 *
 * fake/PORT/fault may hold a word for what goes wrong:
 *	stall	authorising fails (EPIPE) and leaves a 1 and no configuration
 *	lost	a 1 is taken and does nothing
 *	stuck	a 0 is taken and does nothing
 *	refused	a 0 fails (EIO)
 *	hang	stall, after the five seconds of a request that is not answered
 *	gone	the device is unplugged just before anything is written
 */
#ifndef TEST_USBKERNEL_H
#define TEST_USBKERNEL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UK_PATH 384
#define UK_NAME 64

__attribute__((format(printf, 2, 3))) static inline const char *
uk_path(char path[static UK_PATH], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, UK_PATH, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= UK_PATH)
		abort();
	return path;
}

static inline void
uk_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "%s", text) < 0)
		abort();
	close(fd);
}

/* Up to 63 bytes, without LF; "" if it is not there. */
static inline const char *
uk_get(const char *path, char text[static 64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, 63);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static inline void
uk_name(char name[static UK_NAME], const char *from)
{
	if (strlen(from) >= UK_NAME)
		abort();
	memcpy(name, from, strlen(from) + 1);
}

/* Move what keep() takes out of from into to. */
static inline void
uk_move(const char *from, const char *to, bool (*take)(const char *name))
{
	char a[UK_PATH], b[UK_PATH], names[64][UK_NAME];
	DIR *dir = opendir(from);
	struct dirent *e;
	size_t n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && take(e->d_name) && n < 64)
			uk_name(names[n++], e->d_name);
	if (dir != NULL)
		closedir(dir);
	(void)mkdir(to, 0755);
	for (size_t i = 0; i < n; i++)
		if (rename(uk_path(a, "%s/%s", from, names[i]),
			uk_path(b, "%s/%s", to, names[i])) != 0)
			abort();
}

static inline bool
uk_any(const char *name)
{
	(void)name;
	return true;
}

static inline bool
uk_is_iface(const char *name)
{
	return strchr(name, ':') != NULL;
}

/* "1-1.2", or "1-1" below usb1. */
static inline bool
uk_is_child(const char *name)
{
	return name[0] >= '0' && name[0] <= '9' && strchr(name, ':') == NULL &&
	    strchr(name, '-') != NULL;
}

/* Of an interface: what its attributes are not. */
static inline bool
uk_is_node(const char *name)
{
	return strcmp(name, "authorized") != 0 &&
	    strncmp(name, "bInterface", 10) != 0 &&
	    strncmp(name, "bAlternate", 10) != 0 &&
	    strcmp(name, "uevent") != 0 && strcmp(name, "subsystem") != 0;
}

/* One device: root of all, "/devices/...", its name. */
struct uk {
	char dir[UK_PATH];
	char path[UK_PATH];
	const char *port;
};

/* What each entry of a directory that take() takes is handed to. */
static inline void
uk_each(const char *where, bool (*take)(const char *),
    void (*act)(const struct uk *, const char *), const struct uk *u)
{
	char names[64][UK_NAME];
	DIR *dir = opendir(where);
	struct dirent *e;
	size_t n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && take(e->d_name) && n < 64)
			uk_name(names[n++], e->d_name);
	if (dir != NULL)
		closedir(dir);
	for (size_t i = 0; i < n; i++)
		act(u, names[i]);
}

/* The link of /sys/bus/usb/devices, of the device or of an interface. */
static inline void
uk_list(const struct uk *u, const char *iface)
{
	char at[UK_PATH], to[UK_PATH];
	const char *name = iface[0] != '\0' ? iface : u->port;

	uk_path(at, "%s/sys/bus/usb/devices/%s", u->dir, name);
	uk_path(to, "../../..%s%s%s", u->path, iface[0] ? "/" : "", iface);
	(void)unlink(at);
	if (symlink(to, at) != 0)
		abort();
}

static inline void
uk_unlist(const struct uk *u, const char *name)
{
	char at[UK_PATH];

	(void)unlink(uk_path(at, "%s/sys/bus/usb/devices/%s", u->dir, name));
}

static inline void
uk_child_up(const struct uk *u, const char *name)
{
	struct uk child = *u;

	uk_path(child.path, "%.300s/%s", u->path, name);
	child.port = name;
	uk_list(&child, "");
}

static inline void
uk_bind(const struct uk *u, const char *iface)
{
	char from[UK_PATH], to[UK_PATH], yes[64];

	uk_path(to, "%s/sys%s/%s/authorized", u->dir, u->path, iface);
	if (strcmp(uk_get(to, yes), "1") != 0)
		return;
	uk_path(to, "%s/sys%s/%s", u->dir, u->path, iface);
	uk_path(from, "%s/fake/%s/node/%s", u->dir, u->port, iface);
	uk_move(from, to, uk_any);
	/* Behind a hub, devices come when its driver does. */
	uk_path(from, "%s/fake/%s/child", u->dir, u->port);
	uk_path(to, "%s/sys%s", u->dir, u->path);
	if (access(from, F_OK) == 0) {
		uk_move(from, to, uk_any);
		uk_each(to, uk_is_child, uk_child_up, u);
	}
}

static inline void
uk_iface_up(const struct uk *u, const char *iface)
{
	char path[UK_PATH], text[64];

	uk_path(path,
	    "%s/sys/bus/usb/devices/usb%d/interface_authorized_default", u->dir,
	    atoi(u->port));
	uk_get(path, text);
	uk_path(path, "%s/sys%s/%s/authorized", u->dir, u->path, iface);
	uk_put(path, strcmp(text, "0") == 0 ? "0\n" : "1\n");
	uk_list(u, iface);
	uk_bind(u, iface);
}

static inline void
uk_configure(const struct uk *u)
{
	char from[UK_PATH], to[UK_PATH], value[64];

	uk_path(to, "%s/sys%s/bConfigurationValue", u->dir, u->path);
	if (uk_get(to, value)[0] != '\0')
		return;
	uk_get(uk_path(from, "%s/fake/%s/value", u->dir, u->port), value);
	strcat(value, "\n");
	uk_put(to, value);
	uk_path(from, "%s/fake/%s/iface", u->dir, u->port);
	uk_path(to, "%s/sys%s", u->dir, u->path);
	uk_move(from, to, uk_any);
	uk_each(to, uk_is_iface, uk_iface_up, u);
}

static inline void uk_unconfigure(const struct uk *u);

/* Enumerated anew, it would be denied. */
static inline void
uk_child_down(const struct uk *u, const char *name)
{
	struct uk child = *u;
	char path[UK_PATH];

	uk_path(child.path, "%.300s/%s", u->path, name);
	child.port = name;
	uk_unconfigure(&child);
	uk_put(uk_path(path, "%s/sys%s/authorized", u->dir, child.path), "0\n");
	uk_unlist(u, name);
}

static inline void
uk_unbind(const struct uk *u, const char *iface)
{
	char from[UK_PATH], to[UK_PATH];

	uk_path(from, "%s/sys%s", u->dir, u->path);
	uk_each(from, uk_is_child, uk_child_down, u);
	uk_path(to, "%s/fake/%s/child", u->dir, u->port);
	uk_move(from, to, uk_is_child);
	uk_path(from, "%s/sys%s/%s", u->dir, u->path, iface);
	uk_path(to, "%s/fake/%s/node/%s", u->dir, u->port, iface);
	uk_move(from, to, uk_is_node);
}

static inline void
uk_iface_down(const struct uk *u, const char *iface)
{
	uk_unbind(u, iface);
	uk_unlist(u, iface);
}

static inline void
uk_unconfigure(const struct uk *u)
{
	char from[UK_PATH], to[UK_PATH];

	uk_path(from, "%s/sys%s", u->dir, u->path);
	uk_each(from, uk_is_iface, uk_iface_down, u);
	uk_path(to, "%s/fake/%s/iface", u->dir, u->port);
	uk_move(from, to, uk_is_iface);
	uk_put(uk_path(to, "%s/bConfigurationValue", from), "");
}

/* Its directory goes, wherever somebody still holds it. */
static inline void
uk_unplug(const struct uk *u)
{
	char from[UK_PATH], to[UK_PATH];
	static unsigned n;

	uk_unconfigure(u);
	uk_path(from, "%s/sys%s", u->dir, u->path);
	uk_path(to, "%s/fake/gone.%d.%u", u->dir, (int)getpid(), n++);
	if (rename(from, to) != 0)
		abort();
	uk_path(from, "%s/fake/%s", u->dir, u->port);
	strcat(to, ".fake");
	if (rename(from, to) != 0)
		abort();
	uk_unlist(u, u->port);
}

static inline bool
uk_fault(const struct uk *u, const char *word)
{
	char path[UK_PATH], text[64];

	uk_path(path, "%s/fake/%s/fault", u->dir, u->port);
	return strcmp(uk_get(path, text), word) == 0;
}

/* Where in a made-up tree a file is; false: in none. */
static inline bool
uk_find(const char *file, struct uk *u, char attr[static 64])
{
	char path[UK_PATH];
	const char *sys = strstr(file, "/sys/"), *name = strrchr(file, '/');

	if (sys == NULL || strlen(name) > 63)
		return false;
	uk_path(u->dir, "%.*s", (int)(sys - file), file);
	uk_path(u->path, "%.*s", (int)(name - sys - 4), sys + 4);
	memcpy(attr, name + 1, strlen(name));
	u->port =
	    strrchr(u->path, '/') != NULL ? strrchr(u->path, '/') + 1 : u->path;
	return access(uk_path(path, "%s/fake", u->dir), F_OK) == 0;
}

/* Before a byte is written: 0, or the errno instead; -1: taken, and nothing. */
static inline int
uk_before(const char *file, char byte)
{
	struct uk u;
	char attr[64];

	if (!uk_find(file, &u, attr) || strcmp(attr, "authorized") != 0)
		return 0;
	if (uk_fault(&u, "gone")) {
		uk_unplug(&u);
		return ENODEV;
	}
	if (byte == '1' && uk_fault(&u, "hang")) {
		uk_put(file, "1\n");
		sleep(5);
		return ETIMEDOUT;
	}
	if (byte == '1' && uk_fault(&u, "stall")) {
		uk_put(file, "1\n");
		return EPIPE;
	}
	if (byte == '0' && uk_fault(&u, "refused"))
		return EIO;
	if ((byte == '1' && uk_fault(&u, "lost")) ||
	    (byte == '0' && uk_fault(&u, "stuck")))
		return -1;
	return 0;
}

static inline void
uk_probe(const struct uk *u, const char *text, size_t len)
{
	char name[128], at[UK_PATH], to[UK_PATH];
	struct uk dev = *u;
	char *slash;
	ssize_t n;

	if (len >= sizeof(name))
		return;
	memcpy(name, text, len);
	name[len] = '\0';
	name[strcspn(name, "\n")] = '\0';
	n = readlink(uk_path(at, "%s/sys/bus/usb/devices/%s", u->dir, name), to,
	    sizeof(to) - 1);
	if (n < 0)
		return;
	to[n] = '\0';
	uk_path(dev.path, "%s", strstr(to, "/devices/"));
	slash = strrchr(dev.path, '/');
	*slash = '\0';
	dev.port = strrchr(dev.path, '/') + 1;
	uk_bind(&dev, name);
}

/* After it was. */
static inline void
uk_after(const char *file, const char *text, size_t len)
{
	struct uk u;
	char attr[64];

	if (!uk_find(file, &u, attr))
		return;
	if (strstr(attr, "authorized_default") != NULL) {
		uk_put(file, text[0] == '0' ? "0\n" : "1\n");
	} else if (strcmp(attr, "drivers_probe") == 0) {
		uk_probe(&u, text, len);
	} else if (strcmp(attr, "remove") == 0) {
		uk_unplug(&u);
	} else if (strcmp(attr, "authorized") == 0 && uk_is_iface(u.port)) {
		const char *iface = u.port;
		char *slash = strrchr(u.path, '/');

		*slash = '\0';
		u.port = strrchr(u.path, '/') + 1;
		if (text[0] == '0')
			uk_unbind(&u, iface);
	} else if (strcmp(attr, "authorized") == 0 &&
	    strncmp(u.port, "usb", 3) != 0) {
		if (text[0] == '0')
			uk_unconfigure(&u);
		else
			uk_configure(&u);
	}
}

#endif
