/* usb-port.c: what a kill leaves is decided anew, what a hand leaves is refused */
/* SPDX-License-Identifier: ISC */
#include "usb-port.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "sign.h"
#include "tap.h"

#define PORT	   "1-1.2"
#define FILE_OF(s) path_of(s, BND_USB_RUN_DIR "/" PORT)

static struct scratch sc;

static const struct bnd_usb_port full = {
	.boot = "0123456789abcdef0123456789abcdef",
	.phase = BND_USB_INTENT,
	.devnum = 127,
	.inode = 4294967297,
	.identity = "bnd1:72761e894b2afaa834f240d6ccedfa32e3753a926c1512afe7"
		    "7345d70dfd24e8",
	.hash = "8zahJ/DdJYNnZwYmguLpkjtUQPGimr93mIPXhFp7tdQ=",
	.word = BND_USB_ADMIT,
	.mode = BND_RESTRICTED,
	.console = true,
	.in_baseline = true,
	.failed = true,
	.going = true,
	.kinds = BND_USB_IS_KBD | BND_USB_IS_POINTER,
};
static const struct bnd_usb_port small = {
	.boot = "0123456789abcdef0123456789abcdef",
	.phase = BND_USB_RESULT,
	.word = BND_USB_DENY,
	.mode = BND_OPEN,
};

static bool
same(const struct bnd_usb_port *a, const struct bnd_usb_port *b)
{
	return a->phase == b->phase && a->devnum == b->devnum &&
	    a->inode == b->inode && strcmp(a->identity, b->identity) == 0 &&
	    strcmp(a->hash, b->hash) == 0 && a->word == b->word &&
	    a->mode == b->mode && a->console == b->console &&
	    a->in_baseline == b->in_baseline && a->failed == b->failed &&
	    a->going == b->going && a->kinds == b->kinds;
}

static bool
is_nobodys(const struct bnd_usb_port *p)
{
	static const struct bnd_usb_port nobody = { .phase = BND_USB_INTENT };

	return same(p, &nobody) && p->boot[0] == '\0';
}

static const char *
path_of(const struct scratch *s, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	return path;
}

/* ---- the text ------------------------------------------------------------ */

static size_t
pack(const struct bnd_usb_port *p, char *text)
{
	size_t len = 0;

	if (bnd_usb_port_pack(p, text, &len, NULL) != 0)
		bail("a port file does not fit");
	return len;
}

static bool
reads_back(const struct bnd_usb_port *p)
{
	char text[BND_USB_PORT_FILE_MAX];
	struct bnd_usb_port q;
	size_t len = pack(p, text);

	return bnd_usb_port_unpack((struct bnd_str){ text, len }, &q, NULL) ==
	    0 &&
	    same(p, &q) && strcmp(p->boot, q.boot) == 0;
}

static void
test_round_trip(void)
{
	struct bnd_usb_port p = full;
	unsigned wrong = 0;

	for (unsigned flags = 0; flags < 16; flags++) {
		p.console = flags & 1;
		p.in_baseline = flags & 2;
		p.failed = flags & 4;
		p.going = flags & 8;
		wrong += !reads_back(&p);
	}
	for (unsigned kinds = 0; kinds < BND_USB_IS_OTHER * 2; kinds += 97) {
		p.kinds = kinds;
		wrong += !reads_back(&p);
	}
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		for (int w = BND_USB_NOTHING; w <= BND_USB_ADMIT; w++) {
			p.mode = (enum bnd_mode)m;
			p.word = (enum bnd_usb_word)w;
			wrong += !reads_back(&p);
		}
	}
	is_int(wrong, 0, "every value reads as it was written");
	p.devnum = UINT32_MAX;
	p.inode = UINT64_MAX;
	p.kinds = BND_USB_IS_OTHER * 2 - 1;
	ok(reads_back(&p) && reads_back(&small), "the longest and the least");
	p = (struct bnd_usb_port){ 0 };
	ok(reads_back(&p), "nothing is an empty file");
}

static void
test_cut_and_flipped(void)
{
	char text[BND_USB_PORT_FILE_MAX];
	struct bnd_usb_port p;
	size_t len = pack(&full, text);
	unsigned wrong = 0;
	struct bnd_err err;

	for (size_t n = 1; n < len; n++)
		wrong += bnd_usb_port_unpack(
			     (struct bnd_str){ text, n }, &p, NULL) != 0 ||
		    !is_nobodys(&p);
	is_int(wrong, 0, "each of %zu cuts is an intent of nobody", len - 1);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		err = (struct bnd_err){ 0 };
		wrong += bnd_usb_port_unpack(
			     (struct bnd_str){ text, len }, &p, &err) == 0 ||
		    err.kind != BND_E_CORRUPT || !is_nobodys(&p);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	is_int(wrong, 0, "UE-07: each of %zu flipped bits is damage", 8 * len);
	memcpy(text + len, " ", 2);
	ok(bnd_usb_port_unpack((struct bnd_str){ text, len + 1 }, &p, NULL) !=
		0,
	    "so is a byte behind the end");
	memcpy(text + len, "\n\n", 3);
	ok(bnd_usb_port_unpack((struct bnd_str){ text, len + 2 }, &p, NULL) ==
		0,
	    "but not LFs, which stand where a longer text was");
}

/* Texts with a right sum that pack() does not write. */
static void
test_spellings(void)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "device 127", "device 0127" },
		{ "device 127", "device  127" },
		{ "device 127", "device -127" },
		{ "console baseline", "baseline console" },
		{ "console baseline", "console console" },
		{ "kbd,pointer", "pointer,kbd" },
		{ "RESTRICTED", "restricted" },
		{ "verdict admit", "verdict allow" },
		{ "phase intent", "phase empty" },
		{ "going", "going " },
		{ "boot 0123", "boot A123" },
	};
	char whole[BND_USB_PORT_FILE_MAX], text[2 * BND_USB_PORT_FILE_MAX];
	char sum[BND_B64_LEN(BND_HASH_LEN) + 1];
	uint8_t bin[BND_HASH_LEN];
	struct bnd_usb_port p;
	size_t len = pack(&full, whole);

	whole[len - 48] = '\0'; /* "sum", 43 characters and LF */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) + 1; i++) {
		const bool control = i == sizeof(rows) / sizeof(rows[0]);
		const char *from = control ? "going" : rows[i].from;
		const char *to = control ? "going" : rows[i].to;
		const char *at = strstr(whole, from);
		int n = snprintf(text, sizeof(text), "%.*s%s%s",
		    (int)(at - whole), whole, to, at + strlen(from));

		bnd_hash("bnd-usb-port-1", NULL, 0, text, (size_t)n, bin);
		bnd_text_to_b64(bin, sizeof(bin), sum);
		n += snprintf(
		    text + n, sizeof(text) - (size_t)n, "sum %s\n", sum);
		is_int(bnd_usb_port_unpack(
			   (struct bnd_str){ text, (size_t)n }, &p, NULL),
		    control ? 0 : -1, "%s: %s",
		    control ? "control" : "a spelling of ours alone", to);
	}
}

/* ---- the file ------------------------------------------------------------ */

static bool
has_mode(const char *name, mode_t mode)
{
	struct stat st;

	return stat(path_of(&sc, name), &st) == 0 &&
	    (st.st_mode & 07777) == mode;
}

static void
test_file(void)
{
	struct flock other = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct bnd_err err = { 0 };
	struct bnd_usb_port p = full;
	struct stat was, now;
	int fd, second;

	ok(bnd_usb_port_peek(&sc.root, PORT, &p, &err) == 0 &&
		p.phase == BND_USB_EMPTY,
	    "no file yet is an empty one");
	umask(0);
	fd = bnd_usb_port_lock(&sc.root, PORT, &err);
	ok(fd >= 0, "a port is locked: %s", err.text);
	ok(has_mode("run/bnd", 0755) && has_mode(BND_USB_RUN_DIR, 0700) &&
		has_mode(BND_USB_RUN_DIR "/" PORT, 0600),
	    "modes of what was made");
	second = open(FILE_OF(&sc), O_RDWR | O_CLOEXEC);
	ok(fcntl(second, F_OFD_GETLK, &other) == 0 && other.l_type == F_WRLCK,
	    "and nobody else has it");
	close(second);
	ok(bnd_usb_port_load(fd, &p, &err) == 0 && p.phase == BND_USB_EMPTY,
	    "it is empty");
	fstat(fd, &was);
	ok(bnd_usb_port_store(fd, &full, &err) == 0 &&
		bnd_usb_port_load(fd, &p, &err) == 0 && same(&p, &full),
	    "it keeps what is stored");
	ok(strcmp(p.boot, full.boot) != 0, "with the boot it is of");
	ok(bnd_usb_port_store(fd, &small, &err) == 0 &&
		bnd_usb_port_load(fd, &p, &err) == 0 && same(&p, &small),
	    "something shorter in its place");
	ok(bnd_usb_port_peek(&sc.root, PORT, &p, &err) == 0 && same(&p, &small),
	    "others see it without the lock");
	p = (struct bnd_usb_port){ 0 };
	ok(bnd_usb_port_store(fd, &p, &err) == 0 && fstat(fd, &now) == 0 &&
		now.st_size == 0 && now.st_ino == was.st_ino,
	    "emptied, it is the same file");
	close(fd);
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "usb", "../1-1", "1-1/x",
		"1-1:1.0", "policy", "usb1x", "-1", "1-1 ", ".",
		"1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1" };
	static const char *const good[] = { "usb1", "usb12", "1-1",
		"12-1.2.3.4.5" };
	struct bnd_err err;
	struct bnd_usb_port p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = (struct bnd_err){ 0 };
		ok(bnd_usb_port_lock(&sc.root, bad[i], &err) < 0 &&
			err.kind == BND_E_INPUT &&
			bnd_usb_port_peek(&sc.root, bad[i], &p, NULL) != 0,
		    "no name of a port: \"%s\"", bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int fd = bnd_usb_port_lock(&sc.root, good[i], &err);

		ok(fd >= 0, "one: %s", good[i]);
		close(fd);
	}
}

/* ---- plants -------------------------------------------------------------- */

static bool
planted_link(const char *path)
{
	return symlink("/etc/passwd", path) == 0;
}

static bool
planted_fifo(const char *path)
{
	return mkfifo(path, 0600) == 0;
}

static bool
planted_dir(const char *path)
{
	return mkdir(path, 0700) == 0;
}

static bool
planted_file(const char *path, mode_t mode, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	bool done = fd >= 0 && ftruncate(fd, size) == 0;

	close(fd);
	return done;
}

static bool
planted_open(const char *path)
{
	return planted_file(path, 0666, 0);
}

static bool
planted_twice(const char *path)
{
	return planted_file(path, 0600, 0) &&
	    link(path, path_of(&sc, "other")) == 0;
}

static bool
planted_foreign(const char *path)
{
	return planted_file(path, 0600, 0) && chown(path, 65534, 65534) == 0;
}

static bool
planted_gigabyte(const char *path)
{
	return planted_file(path, 0600, 1 << 30);
}

static bool
planted_kilobyte(const char *path)
{
	return planted_file(path, 0600, BND_USB_PORT_FILE_MAX + 1);
}

static bool
planted_other_boot(const char *path)
{
	char text[BND_USB_PORT_FILE_MAX];
	size_t len = pack(&full, text);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	close(fd);
	return done;
}

/* Nothing of it may be waited for: the alarm ends the test. */
static void
test_plants(void)
{
	static const struct {
		const char *what;
		bool (*plant)(const char *path);
		enum bnd_kind lock, load;
	} rows[] = {
		{ "a link", planted_link, BND_E_UNSAFE, BND_E_NONE },
		{ "a FIFO", planted_fifo, BND_E_UNSAFE, BND_E_NONE },
		{ "a directory", planted_dir, BND_E_UNSAFE, BND_E_NONE },
		{ "a file of mode 0666", planted_open, BND_E_UNSAFE,
		    BND_E_NONE },
		{ "a file of two names", planted_twice, BND_E_UNSAFE,
		    BND_E_NONE },
		{ "a file of somebody else", planted_foreign, BND_E_UNSAFE,
		    BND_E_NONE },
		{ "1 GB", planted_gigabyte, BND_E_NONE, BND_E_CORRUPT },
		{ "a byte too many", planted_kilobyte, BND_E_NONE,
		    BND_E_CORRUPT },
		{ "another boot's", planted_other_boot, BND_E_NONE,
		    BND_E_CORRUPT },
	};
	char path[256];

	snprintf(path, sizeof(path), "%s", FILE_OF(&sc));
	alarm(60);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_err err = { 0 }, why = { 0 };
		struct bnd_usb_port p;
		int fd, peeked;

		if (rows[i].plant == planted_foreign && geteuid() != 0)
			continue;
		if (remove(path) != 0 || !rows[i].plant(path))
			bail("cannot plant");
		fd = bnd_usb_port_lock(&sc.root, PORT, &err);
		is_int(err.kind, rows[i].lock, "UE-07: %s: %s", rows[i].what,
		    err.text);
		peeked = bnd_usb_port_peek(&sc.root, PORT, &p, &why);
		ok(peeked != 0 &&
			(why.kind == BND_E_UNSAFE || why.kind == BND_E_CORRUPT),
		    "UE-07: nor is a look believed: %s", why.text);
		if (fd >= 0) {
			ok(bnd_usb_port_load(fd, &p, &err) != 0 &&
				err.kind == rows[i].load && is_nobodys(&p),
			    "UE-07: %s: %s", rows[i].what, err.text);
			ok(bnd_usb_port_store(fd, &full, &err) == 0 &&
				bnd_usb_port_load(fd, &p, &err) == 0,
			    "and it can be written anew");
			close(fd);
		}
	}
	alarm(0);
	remove(path);
}

/* ---- kills --------------------------------------------------------------- */

static void
store_for_ever(void)
{
	int fd = bnd_usb_port_lock(&sc.root, PORT, NULL);

	while (bnd_usb_port_store(fd, &full, NULL) == 0 &&
	    bnd_usb_port_store(fd, &small, NULL) == 0)
		;
	_exit(1);
}

static void
test_kills(void)
{
	unsigned bad = 0, nobodys = 0, peeks = 0;

	for (unsigned i = 0; i < 60; i++) {
		struct bnd_usb_port p;
		pid_t pid = fork();
		int fd, rc;

		if (pid == 0)
			store_for_ever();
		for (unsigned n = 0; n < 1 + i * 7 % 50; n++, peeks++)
			bad += bnd_usb_port_peek(&sc.root, PORT, &p, NULL) != 0;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		fd = bnd_usb_port_lock(&sc.root, PORT, NULL);
		rc = bnd_usb_port_load(fd, &p, NULL);
		bad += rc != 0 ||
		    (!same(&p, &full) && !same(&p, &small) &&
			p.phase != BND_USB_EMPTY && !is_nobodys(&p));
		nobodys += rc == 0 && is_nobodys(&p);
		close(fd);
	}
	is_int(bad, 0, "60 kills, %u looks meanwhile: old, new or nobody's",
	    peeks);
	diag("%u were left cut", nobodys);
}

int
main(void)
{
	test_round_trip();
	test_cut_and_flipped();
	test_spellings();
	scratch_make_fast(&sc);
	test_file();
	test_names();
	test_plants();
	test_kills();
	scratch_remove(&sc);
	return tap_done();
}
