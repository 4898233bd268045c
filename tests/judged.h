/* judged.h: a log of ten records on disk, changed and judged again and again */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_JUDGED_H
#define TEST_JUDGED_H

#include "forge.h"
#include "tap.h"
#include "verify.h"

/*
 * A log of ten records of all sorts.  Every row begins from it, loops over all
 * its places, and puts it back; that it verifies as 0 is asserted before and
 * after, so no row rests on what the one before it left behind.
 */
static struct scratch at;
static struct forge f;
static int log_fd = -1, head_fd = -1, pin_fd = -1;
static uint8_t head[BND_HEAD_LEN];
static char pin[BND_PIN_MAX];
static size_t pin_len;

#define RECORDS 10

/* ---- judging ---- */

static struct {
	unsigned count[BND_F_LAST];
	struct bnd_verdict v;
	struct bnd_err err;
	char detail[BND_DETAIL_MAX];
} said;

static inline void
hear(void *arg, const struct bnd_finding *found)
{
	(void)arg;
	said.count[found->code]++;
	snprintf(said.detail, sizeof(said.detail), "%s", found->detail);
}

static inline int
verify_as(const struct bnd_verify *how)
{
	struct bnd_verify in = *how;

	memset(&said.count, 0, sizeof(said.count));
	in.root = &at.root;
	in.sink = (struct bnd_sink){ hear, NULL };
	if (bnd_verify(&in, &said.v, &said.err) != 0)
		return 2;
	return said.v.exit;
}

static inline int
verify(void)
{
	struct bnd_verify plain = { .copy = false };

	return verify_as(&plain);
}

/* ---- the files ---- */

static inline void
put(int fd, const void *p, size_t n)
{
	if (pwrite(fd, p, n, 0) != (ssize_t)n || ftruncate(fd, (off_t)n) != 0)
		bail("cannot write");
}

static inline void
put_log(const char *p, size_t n)
{
	put(log_fd, p, n);
}

static inline int
open_rw(const char *path)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", at.dir, path);
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		bail(name);
	return fd;
}

static inline void
restore(void)
{
	put(log_fd, f.log, f.len);
	put(head_fd, head, sizeof(head));
	put(pin_fd, pin, pin_len);
}

static inline bool
same_bytes(int fd, const void *want, size_t n)
{
	static char got[65536];

	return pread(fd, got, sizeof(got), 0) == (ssize_t)n &&
	    memcmp(got, want, n) == 0;
}

static inline void
control(const char *what)
{
	restore();
	if (verify() != 0)
		printf("# %s\n", said.detail);
	ok(verify() == 0, "control: the untouched log is verified, %s", what);
	ok(same_bytes(log_fd, f.log, f.len) &&
		same_bytes(head_fd, head, sizeof(head)) &&
		same_bytes(pin_fd, pin, pin_len),
	    "and verifying changed nothing");
}

static inline void
make(void)
{
	forge_begin(&f, 1);
	forge_add(&f, "usb.event", "{\"port\":\"1-1\",\"ok\":true}");
	forge_tighten(&f, BND_AIRGAP);
	forge_loosen(&f, BND_TRUSTED);
	forge_add(&f, "net.event", "{\"of\":[1,2,{\"a\":\"b\\\"\\u0000\"}]}");
	while (f.seq < RECORDS)
		forge_add(&f, "usb.event", "{\"n\":%u}", (unsigned)f.seq);
	forge_save(&f, at.dir);
	forge_head(&f, head);
	log_fd = open_rw(FORGE_LOG);
	head_fd = open_rw(FORGE_HEAD);
	pin_fd = open_rw(BND_LOG_PIN);
	pin_len = (size_t)pread(pin_fd, pin, sizeof(pin), 0);
}

#endif
