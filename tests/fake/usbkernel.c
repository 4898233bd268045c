/* usbkernel.c: loaded before a program, makes a made-up USB tree answer */
/* SPDX-License-Identifier: ISC */
#include "../usbkernel.h"

#include <dlfcn.h>
#include <stdint.h>

typedef ssize_t writer(int, const void *, size_t);
typedef ssize_t pwriter(int, const void *, size_t, off_t);

static const char *
name_of(int fd, char path[static UK_PATH])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, UK_PATH - 1);
	path[n < 0 ? 0 : n] = '\0';
	return path;
}

static __thread bool inside;

static ssize_t
answer(int fd, const void *buf, size_t len, off_t at)
{
	char path[UK_PATH];
	const char *text = buf;
	ssize_t n;
	int r;
	writer *plain = (writer *)(uintptr_t)dlsym(RTLD_NEXT, "write");
	pwriter *placed = (pwriter *)(uintptr_t)dlsym(RTLD_NEXT, "pwrite");

	if (inside || len == 0 || strstr(name_of(fd, path), "/sys/") == NULL)
		return at < 0 ? plain(fd, buf, len) : placed(fd, buf, len, at);
	inside = true;
	r = uk_before(path, text[0]);
	n = (ssize_t)len;
	if (r == 0)
		n = at < 0 ? plain(fd, buf, len) : placed(fd, buf, len, at);
	if (r == 0 && n > 0)
		uk_after(path, text, len);
	inside = false;
	if (r > 0) {
		errno = r;
		return -1;
	}
	return n;
}

__attribute__((visibility("default"))) ssize_t
write(int fd, const void *buf, size_t len)
{
	return answer(fd, buf, len, -1);
}

__attribute__((visibility("default"))) ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return answer(fd, buf, len, at);
}

__attribute__((visibility("default"))) ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	return answer(fd, buf, len, at);
}
