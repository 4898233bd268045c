/* usb-port.c: one file a port, which is its lock and its memory */
/* SPDX-License-Identifier: ISC */
/*
 * The file must stay the one that others wait for, so it is written in place
 * and not replaced:
 *
 *  - It is on a tmpfs and shorter than a page, so a kill falls between two
 *    calls, not into one.  A shorter text is written with LFs up to the end of
 *    the old one, which are cut off afterwards: what a kill leaves, and what
 *    others read meanwhile, is old or new.  Whoever is about to be let in is
 *    never nobody to his twin.
 *  - The beginning of a text reads as an intent of nobody: somebody was at work
 *    here and what he did is not known, so the device is decided anew.
 *  - Anything else that is not word for word what pack() writes, with its sum
 *    and of this boot, is damage or a plant, and is told apart from a kill.
 */
#include "usb-port.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "lock.h"
#include "scope.h"
#include "sign.h"

#define HEAD	  "bnd-usb-port/1"
#define PERSONAL  "bnd-usb-port-1"
#define SUM_LINE  (4 + BND_B64_LEN(BND_HASH_LEN) + 1)
#define RUN_MODE  0755
#define USB_MODE  0700
#define FORBID	  0177
#define PEEKS	  20
#define NAP_NS	  1000000
#define PATH_SIZE (sizeof(BND_USB_RUN_DIR) + 1 + BND_USB_PORT_MAX)

static const char *const phase_name[] = {
	[BND_USB_INTENT] = "intent", [BND_USB_RESULT] = "result"
};
static const char *const word_name[] = { [BND_USB_NOTHING] = "-",
	[BND_USB_DENY] = "deny",
	[BND_USB_REMOVE] = "remove",
	[BND_USB_ADMIT] = "admit" };

/* ---- the text ------------------------------------------------------------ */

static bool
get_boot(struct bnd_str v, struct bnd_usb_port *p)
{
	uint8_t bin[BND_BOOT_ID_LEN / 2];

	return bnd_text_from_hex(v, bin, sizeof(bin)) &&
	    bnd_str_copy(v, p->boot, sizeof(p->boot));
}

static bool
get_phase(struct bnd_str v, struct bnd_usb_port *p)
{
	for (int i = BND_USB_INTENT; i <= BND_USB_RESULT; i++)
		if (bnd_str_is(v, phase_name[i]))
			p->phase = (enum bnd_usb_phase)i;
	return p->phase != BND_USB_EMPTY;
}

static bool
get_device(struct bnd_str v, struct bnd_usb_port *p)
{
	struct bnd_str devnum, inode;
	uint64_t n, m;

	if (!bnd_text_word(&v, &devnum) || !bnd_text_word(&v, &inode) ||
	    v.len != 0 || !bnd_text_u64(devnum, UINT32_MAX, &n) ||
	    !bnd_text_u64(inode, UINT64_MAX, &m))
		return false;
	p->devnum = (unsigned)n;
	p->inode = (ino_t)m;
	return true;
}

static bool
get_name(struct bnd_str v, char *name, size_t size)
{
	if (bnd_str_is(v, "-"))
		return true;
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= 0x20 || v.p[i] > 0x7e)
			return false;
	return v.len == size - 1 && bnd_str_copy(v, name, size);
}

static bool
get_identity(struct bnd_str v, struct bnd_usb_port *p)
{
	return get_name(v, p->identity, sizeof(p->identity));
}

static bool
get_hash(struct bnd_str v, struct bnd_usb_port *p)
{
	return get_name(v, p->hash, sizeof(p->hash));
}

static bool
get_verdict(struct bnd_str v, struct bnd_usb_port *p)
{
	for (int i = BND_USB_NOTHING; i <= BND_USB_ADMIT; i++) {
		if (bnd_str_is(v, word_name[i])) {
			p->word = (enum bnd_usb_word)i;
			return true;
		}
	}
	return false;
}

static bool
get_mode(struct bnd_str v, struct bnd_usb_port *p)
{
	return bnd_str_is(v, "-") || bnd_mode_parse_exact(v, &p->mode);
}

static const struct flag {
	const char *word;
	size_t at;
} flags[] = {
	{ "console", offsetof(struct bnd_usb_port, console) },
	{ "baseline", offsetof(struct bnd_usb_port, in_baseline) },
	{ "failed", offsetof(struct bnd_usb_port, failed) },
	{ "going", offsetof(struct bnd_usb_port, going) },
};
#define FLAGS (sizeof(flags) / sizeof(flags[0]))

static bool
get_flags(struct bnd_str v, struct bnd_usb_port *p)
{
	struct bnd_str word;

	if (bnd_str_is(v, "-"))
		return true;
	while (bnd_text_word(&v, &word)) {
		size_t i = 0;

		while (i < FLAGS && !bnd_str_is(word, flags[i].word))
			i++;
		if (i == FLAGS)
			return false;
		*(bool *)((char *)p + flags[i].at) = true;
	}
	return true;
}

static bool
get_kinds(struct bnd_str v, struct bnd_usb_port *p)
{
	return bnd_usb_kinds_parse(v, &p->kinds);
}

static bool
get_head(struct bnd_str v, struct bnd_usb_port *p)
{
	(void)p;
	return v.len == 0;
}

/* One line each, all of them, in this order; the sum comes behind. */
static const struct field {
	const char *word;
	bool (*get)(struct bnd_str v, struct bnd_usb_port *p);
} fields[] = {
	{ HEAD, get_head },
	{ "boot", get_boot },
	{ "phase", get_phase },
	{ "device", get_device },
	{ "identity", get_identity },
	{ "hash", get_hash },
	{ "verdict", get_verdict },
	{ "mode", get_mode },
	{ "flags", get_flags },
	{ "kinds", get_kinds },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void
pack_flags(const struct bnd_usb_port *p, char *text, size_t size)
{
	int len = 0;

	for (size_t i = 0; i < FLAGS; i++)
		if (*(const bool *)((const char *)p + flags[i].at))
			len += snprintf(text + len, size - (size_t)len, "%s%s",
			    len > 0 ? " " : "", flags[i].word);
	if (len == 0)
		bnd_str_copy((struct bnd_str){ "-", 1 }, text, size);
}

/* "sum BASE64" and its LF, over what stands before it. */
static void
sum_line(const char *text, size_t len, char line[static SUM_LINE + 1])
{
	uint8_t sum[BND_HASH_LEN];

	bnd_hash(PERSONAL, NULL, 0, text, len, sum);
	memcpy(line, "sum ", 4);
	bnd_text_to_b64(sum, sizeof(sum), line + 4);
	memcpy(line + SUM_LINE - 1, "\n", 2);
}

static const char *
or_none(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

int
bnd_usb_port_pack(
    const struct bnd_usb_port *p, char *buf, size_t *len, struct bnd_err *err)
{
	const size_t size = BND_USB_PORT_FILE_MAX - SUM_LINE;
	char kinds[BND_USB_KINDS_SIZE], word[64];
	int n;

	*len = 0;
	if (p->phase == BND_USB_EMPTY)
		return 0;
	bnd_usb_kinds_print(p->kinds, kinds, sizeof(kinds));
	pack_flags(p, word, sizeof(word));
	n = snprintf(buf, size,
	    HEAD "\nboot %s\nphase %s\ndevice %u %" PRIu64 "\nidentity %s\n"
		 "hash %s\nverdict %s\nmode %s\nflags %s\nkinds %s\n",
	    p->boot, phase_name[p->phase], p->devnum, (uint64_t)p->inode,
	    or_none(p->identity), or_none(p->hash), word_name[p->word],
	    p->mode == BND_MODE_NONE ? "-" : bnd_mode_name(p->mode), word,
	    kinds);
	if (n < 0 || (size_t)n >= size)
		return bnd_fail(err, BND_E_CORRUPT, "port file too long");
	sum_line(buf, (size_t)n, buf + n);
	*len = (size_t)n + SUM_LINE;
	return 0;
}

enum how { WHOLE, CUT, DAMAGED };

/* Whether one of them is the beginning of the other. */
static bool
begins_alike(struct bnd_str s, const char *text)
{
	const size_t n = strlen(text);

	return memcmp(s.p, text, s.len < n ? s.len : n) == 0;
}

static enum how
read_sum(struct bnd_str text, struct bnd_str rest)
{
	char line[SUM_LINE + 1];

	sum_line(text.p, text.len - rest.len, line);
	if (rest.len > SUM_LINE || !begins_alike(rest, line))
		return DAMAGED;
	return rest.len == SUM_LINE ? WHOLE : CUT;
}

static enum how
read_text(struct bnd_str text, struct bnd_usb_port *p)
{
	struct bnd_str rest = text, line;
	bool whole;

	for (size_t i = 0; i < FIELDS; i++) {
		if (!bnd_text_line(&rest, &line, &whole))
			return CUT;
		if (!whole)
			return begins_alike(line, fields[i].word) ? CUT
								  : DAMAGED;
		if (!bnd_text_take(&line, fields[i].word))
			return DAMAGED;
		if (line.len > 0 && !bnd_text_take(&line, " "))
			return DAMAGED;
		if (!fields[i].get(line, p))
			return DAMAGED;
	}
	return read_sum(text, rest);
}

static bool
is_one_spelling(struct bnd_str text, const struct bnd_usb_port *p)
{
	char again[BND_USB_PORT_FILE_MAX];
	size_t len;

	return bnd_usb_port_pack(p, again, &len, NULL) == 0 &&
	    len == text.len && memcmp(again, text.p, len) == 0;
}

int
bnd_usb_port_unpack(
    struct bnd_str text, struct bnd_usb_port *p, struct bnd_err *err)
{
	enum how how = DAMAGED;

	*p = (struct bnd_usb_port){ 0 };
	if (text.len == 0)
		return 0;
	while (text.len > 1 && text.p[text.len - 1] == '\n' &&
	    text.p[text.len - 2] == '\n')
		text.len--;
	if (text.len <= BND_USB_PORT_FILE_MAX)
		how = read_text(text, p);
	if (how == WHOLE && is_one_spelling(text, p))
		return 0;
	*p = (struct bnd_usb_port){ .phase = BND_USB_INTENT };
	if (how == CUT)
		return 0;
	return bnd_fail(err, BND_E_CORRUPT, "the port file is damaged");
}

/* ---- the file ------------------------------------------------------------ */

/* "1-1.2" or "usb1": nothing that could lead elsewhere. */
static bool
is_port_name(const char *port)
{
	const size_t n = strlen(port);

	if (strncmp(port, "usb", 3) == 0)
		return n > 3 && n < BND_USB_PORT_MAX &&
		    strspn(port + 3, "0123456789") == n - 3;
	return n > 0 && n < BND_USB_PORT_MAX && port[0] >= '0' &&
	    port[0] <= '9' && strspn(port, "0123456789-.") == n;
}

static int
port_path(const char *port, char path[static PATH_SIZE], struct bnd_err *err)
{
	char shown[64];

	if (!is_port_name(port)) {
		bnd_text_show((struct bnd_str){ port, strlen(port) }, shown,
		    sizeof(shown));
		return bnd_fail(
		    err, BND_E_INPUT, "\"%s\" is no name of a port", shown);
	}
	snprintf(path, PATH_SIZE, BND_USB_RUN_DIR "/%s", port);
	return 0;
}

/* What stands there and is not a file of ours is a plant, not trouble. */
static int
as_plant(struct bnd_err *err)
{
	if (err != NULL &&
	    (err->errnum == ELOOP || err->errnum == EXDEV ||
		err->errnum == EISDIR || err->errnum == ENXIO))
		err->kind = BND_E_UNSAFE;
	return -1;
}

int
bnd_usb_port_lock(
    const struct bnd_root *root, const char *port, struct bnd_err *err)
{
	char path[PATH_SIZE];
	int fd;

	if (port_path(port, path, err) != 0 ||
	    bnd_root_mkdir(root, "run/bnd", RUN_MODE, err) != 0 ||
	    bnd_root_mkdir(root, BND_USB_RUN_DIR, USB_MODE, err) != 0)
		return -1;
	fd = bnd_lock(root, path, true, true, BND_USB_PORT_LOCK_MS, err);
	return fd >= 0 ? fd : as_plant(err);
}

static int
read_port(int fd, struct bnd_usb_port *p, struct bnd_err *err)
{
	char text[BND_USB_PORT_FILE_MAX];
	struct bnd_now now;
	size_t len;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return bnd_fail_errno(err, "cannot read the port file");
	if (bnd_file_read_fd(
		fd, "the port file", text, sizeof(text), &len, err) != 0) {
		if (err != NULL && err->kind == BND_E_INPUT)
			err->kind = BND_E_CORRUPT;
		return -1;
	}
	if (bnd_usb_port_unpack((struct bnd_str){ text, len }, p, err) != 0 ||
	    bnd_clock_now(&now, err) != 0)
		return -1;
	if (p->boot[0] != '\0' && strcmp(p->boot, now.boot) != 0)
		return bnd_fail(
		    err, BND_E_CORRUPT, "the port file is of another boot");
	return 0;
}

int
bnd_usb_port_load(int fd, struct bnd_usb_port *p, struct bnd_err *err)
{
	if (read_port(fd, p, err) == 0)
		return 0;
	*p = (struct bnd_usb_port){ .phase = BND_USB_INTENT };
	return -1;
}

int
bnd_usb_port_store(int fd, const struct bnd_usb_port *p, struct bnd_err *err)
{
	char text[BND_USB_PORT_FILE_MAX];
	struct bnd_usb_port mine = *p;
	struct bnd_now now;
	struct stat st;
	size_t len, room;

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	memcpy(mine.boot, now.boot, sizeof(mine.boot));
	if (bnd_usb_port_pack(&mine, text, &len, err) != 0)
		return -1;
	if (fstat(fd, &st) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return bnd_fail_errno(err, "cannot write the port file");
	room = st.st_size > (off_t)sizeof(text) ? sizeof(text)
						: (size_t)st.st_size;
	if (len > 0 && len < room)
		memset(text + len, '\n', room - len);
	if (len > 0 &&
	    bnd_file_write_all(
		fd, "the port file", text, len < room ? room : len, err) != 0)
		return -1;
	if (st.st_size > (off_t)len && ftruncate(fd, (off_t)len) != 0)
		return bnd_fail_errno(err, "cannot write the port file");
	return 0;
}

int
bnd_usb_port_peek(const struct bnd_root *root, const char *port,
    struct bnd_usb_port *p, struct bnd_err *err)
{
	const struct timespec nap = { 0, NAP_NS };
	struct bnd_err why = { 0 };
	char path[PATH_SIZE];
	SCOPED_FD int fd = -1;
	int done = -1;

	*p = (struct bnd_usb_port){ 0 };
	if (port_path(port, path, err) != 0)
		return -1;
	fd = bnd_root_open_trusted(root, path, FORBID, &why);
	if (fd < 0 && why.errnum == ENOENT)
		return 0;
	if (fd >= 0)
		done = bnd_usb_port_load(fd, p, &why);
	/* Its holder may be writing: half of it is no damage. */
	for (int i = 1; done != 0 && why.kind == BND_E_CORRUPT && i < PEEKS;
	     i++) {
		(void)nanosleep(&nap, NULL);
		done = bnd_usb_port_load(fd, p, &why);
	}
	if (done != 0 && err != NULL)
		*err = why;
	return done;
}
