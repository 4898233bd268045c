/* usbconf.h: settings, rules and baseline of a scratch root */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_USBCONF_H
#define TEST_USBCONF_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "tap.h"

#define BASE_HEAD "bnd-usb-baseline/1\n"
#define BASE_A                                                              \
	"bnd1:72761e894b2afaa834f240d6ccedfa32e3753a926c1512afe77345d70dfd" \
	"24e8 kinds=kbd\n"
#define BASE_B                                                              \
	"bnd1:da93417bc8c2d753c1ca8877ea8aa36e7b718f09f33f353e5a178d6a7b4f" \
	"9678 kinds=kbd\n"

/* path below the root, its directories with it. */
static inline void
put_bytes(const struct scratch *sc, const char *path, mode_t mode,
    const char *text, size_t len)
{
	struct bnd_err err = { 0 };
	char full[512], dir[512];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", sc->dir, path);
	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	if (bnd_root_mkdir(&sc->root, dir, 0755, &err) != 0)
		bail(err.text);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    fchmod(fd, mode) != 0)
		bail(full);
	close(fd);
}

static inline void
put(const struct scratch *sc, const char *path, const char *text)
{
	put_bytes(sc, path, 0600, text, strlen(text));
}

static inline void
drop(const struct scratch *sc, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", sc->dir, path);
	if (remove(full) != 0)
		bail(full);
}

/* A host with nothing but an empty bnd.conf. */
static inline void
conf_make(struct scratch *sc)
{
	scratch_make_fast(sc);
	put(sc, "etc/bnd/bnd.conf", "");
}

#endif
