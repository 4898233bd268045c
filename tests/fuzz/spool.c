/* spool.c: hostile lines with right hashes; what is read of them is sound */
/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fuzz/fuzz.h"
#include "json-read.h"
#include "log.h"
#include "scope.h"

static struct bnd_root root;

/* One spool for all inputs, in memory where there is such a place. */
static void
set_up(void)
{
	char dir[64];
	struct bnd_err err;

	if (root.fd > 0)
		return;
	snprintf(dir, sizeof(dir), "%s/bnd-fuzz.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	must(bnd_sign_init(&err) == 0 && mkdtemp(dir) != NULL);
	must(bnd_root_open(&root, dir, &err) == 0);
	must(bnd_root_mkdir(&root, "run/bnd", 0755, &err) == 0);
}

static void
tear_down(void)
{
	char dir[128] = "", link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", root.fd);
	n = readlink(link, dir, sizeof(dir) - 1);
	unlinkat(root.fd, BND_LOG_SPOOL, 0);
	unlinkat(root.fd, "run/bnd", AT_REMOVEDIR);
	unlinkat(root.fd, "run", AT_REMOVEDIR);
	bnd_root_close(&root);
	root.fd = 0;
	if (n > 0)
		rmdir(dir);
}

/* A line of the input is what follows the hash, which is made to fit. */
static void
put_line(int fd, struct bnd_str rest, uint8_t h[static BND_HASH_LEN])
{
	struct bnd_hasher hash;
	char b64[BND_B64_LEN(BND_HASH_LEN) + 1];

	bnd_hash_start(&hash, "bnd-spool-v1");
	bnd_hash_add(&hash, h, BND_HASH_LEN);
	bnd_hash_add(&hash, rest.p, rest.len);
	bnd_hash_end(&hash, h);
	bnd_text_to_b64(h, BND_HASH_LEN, b64);
	must(dprintf(fd, "{\"h\":\"%s\"", b64) > 0);
	must(write(fd, rest.p, rest.len) == (ssize_t)rest.len);
	must(write(fd, "\n", 1) == 1);
}

static void
put_spool(struct bnd_str text)
{
	uint8_t h[BND_HASH_LEN];
	struct bnd_str line;
	struct bnd_now now;
	struct bnd_err err;
	bool whole;
	SCOPED_FD int fd = openat(root.fd, BND_LOG_SPOOL,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && bnd_clock_now(&now, &err) == 0);
	memcpy(h, now.boot, sizeof(h));
	while (bnd_text_line(&text, &line, &whole))
		put_line(fd, line, h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED_SPOOL struct bnd_spool sp = { .fd = -1 };
	struct bnd_spooled e;
	struct bnd_err err = { 0 };
	bool more = true;

	set_up();
	put_spool(fuzz_str(data, size));
	must(bnd_spool_open(&root, NULL, &sp, &err) == 0);
	for (;;) {
		must(bnd_spool_next(&sp, &e, &more, &err) == 0);
		if (!more)
			break;
		must(bnd_json_valid(e.body) && e.body.p[0] == '{');
		must(bnd_ev_is_valid((struct bnd_str){ e.ev, strlen(e.ev) }));
		bnd_spool_pause(&sp);
		must(bnd_spool_mark(&sp, &err) == 0);
	}
	bnd_spool_close(&sp);
	tear_down();
	return 0;
}
