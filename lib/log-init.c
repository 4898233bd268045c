/* log-init.c: a log begins once, and its pin makes that final */
/* SPDX-License-Identifier: ISC */
/*
 * Everything is made before the pin and thrown away by the next attempt if
 * there is none.  What holds more than record 0 is somebody's evidence without
 * its pin, and is never thrown away.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "approver.h"
#include "clock.h"
#include "file.h"
#include "head.h"
#include "json-read.h"
#include "json.h"
#include "lock.h"
#include "logdir.h"
#include "pin.h"
#include "proc.h"
#include "record.h"
#include "scope.h"
#include "spool.h"
#include "succeeds.h"

#define PERSONAL_HOST "bnd-log-host-v1"
#define MACHINE_ID    "etc/machine-id"
#define MACHINE_LEN   32
#define FIRST_FILE    1U

struct secret {
	uint8_t seed[BND_SEED_LEN]; /* signs record 0 */
	uint8_t k0[BND_KEY_LEN];
	struct bnd_slot slot[2];
	uint8_t bytes[BND_HEAD_LEN];
};

/* A log in the making. */
struct begin {
	char body[BND_BODY_MAX + 1]; /* what the record points to */
	const struct bnd_root *root;
	const struct bnd_root *host; /* root, or what root is made for */
	const struct bnd_genesis *g;
	struct secret *sec;
	int dir, log;
	struct bnd_record r;
	char line[BND_RECORD_MAX];
	size_t len; /* with its LF */
	uint8_t link[BND_HASH_LEN];
};

static void
end_begin(struct begin *b)
{
	bnd_secret_free(b->sec, sizeof(*b->sec));
	bnd_close_fd(&b->log);
	bnd_close_fd(&b->dir);
}

/* ---- what it says -------------------------------------------------------- */

/* Each with a proof that somebody holds the key, and no key twice. */
static int
check_approvers(const struct bnd_genesis *g, struct bnd_err *err)
{
	struct bnd_approver a[BND_APPROVERS_MAX + 1];
	struct bnd_str key, val;
	size_t n = 0;
	unsigned at;

	if (!bnd_json_valid(g->approvers) || g->approvers.p[0] != '[')
		return bnd_fail(
		    err, BND_E_INPUT, "the approvers are not a JSON array");
	for (;
	     n <= BND_APPROVERS_MAX && bnd_json_at(g->approvers, n, &key, &val);
	     n++) {
		if (bnd_approver_from_json(val, &a[n], err) != 0 ||
		    (g->succeeds == NULL ? bnd_approver_check(&a[n], g->id, err)
					 : bnd_succeeds_check(g->succeeds,
					       &a[n], &at, err)) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (bnd_same(a[i].pub.key, a[n].pub.key, BND_KEY_LEN))
				return bnd_fail(err, BND_E_INPUT,
				    "approvers %s and %s have one key",
				    a[i].name, a[n].name);
	}
	/* Without one, such a host could never loosen again. */
	if (n < 1 || n > BND_APPROVERS_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a log begins with 1 to %d approvers", BND_APPROVERS_MAX);
	return 0;
}

/* False on a host without a machine-id: null, which equals nothing. */
static bool
hash_host(const struct bnd_root *root, uint8_t host[static BND_HASH_LEN])
{
	char text[MACHINE_LEN + 1];
	uint8_t bin[MACHINE_LEN / 2];
	size_t len;
	struct bnd_str id = { text, MACHINE_LEN };

	if (bnd_file_read(
		root, MACHINE_ID, 0022, text, sizeof(text), &len, NULL) != 0 ||
	    len < MACHINE_LEN || !bnd_text_from_hex(id, bin, sizeof(bin)))
		return false;
	bnd_hash(PERSONAL_HOST, NULL, 0, text, MACHINE_LEN, host);
	return true;
}

static int
fill_body(struct begin *b, bool attr, char body[static BND_BODY_MAX + 1],
    struct bnd_err *err)
{
	const struct bnd_succeeds *from = b->g->succeeds;
	struct bnd_json j;
	uint8_t host[BND_HASH_LEN];

	bnd_json_begin(&j, body, BND_BODY_MAX + 1);
	bnd_json_open(&j, NULL, '{');
	bnd_json_b64(&j, "id", b->g->id, BND_ID_LEN);
	if (hash_host(b->host, host))
		bnd_json_b64(&j, "host", host, sizeof(host));
	else
		bnd_json_null(&j, "host");
	bnd_json_b64(&j, "k0", b->sec->k0, sizeof(b->sec->k0));
	bnd_json_str(&j, "mode", from == NULL ? "OPEN" : "LOCKDOWN");
	bnd_json_bool(&j, "attr", attr);
	bnd_json_int(&j, "seal", 0);
	bnd_json_raw(&j, "approvers", b->g->approvers);
	if (from == NULL)
		bnd_json_null(&j, "succeeds");
	else
		bnd_succeeds_to_json(from, &j, "succeeds");
	bnd_json_close(&j, '}');
	b->r.body = (struct bnd_str){ body, j.len };
	return bnd_json_end(&j) ? 0
				: bnd_fail(err, BND_E_INPUT,
				      "the approvers do not fit into a record");
}

static int
fill_record(struct begin *b, struct bnd_err *err)
{
	const char *prog = b->g->succeeds == NULL ? "mode-set" : "chain-keep";
	struct bnd_who who;

	bnd_proc_who(&who);
	b->r = (struct bnd_record) {
		.ev = "log.genesis",
		.by = {
			.pid = (uint32_t)who.pid,
			.uid = who.uid,
			.has_auid = who.has_auid,
			.auid = who.auid,
			.has_ses = who.has_ses,
			.ses = who.ses,
		},
	};
	memcpy(b->r.by.prog, prog, strlen(prog) + 1);
	bnd_random(b->r.salt, sizeof(b->r.salt));
	return bnd_clock_now(&b->r.time, err);
}

/* ---- files --------------------------------------------------------------- */

static bool
holds_one_line(int fd)
{
	char text[BND_RECORD_MAX + 1];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	const char *lf = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;

	return n >= 0 && n <= BND_RECORD_MAX &&
	    (lf == NULL || lf == text + n - 1);
}

/* What an attempt left that did not come to its pin. */
static int
remove_old(struct begin *b, const char *name, bool is_log, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_logdir_file(
	    b->root, b->dir, name, is_log ? O_APPEND : 0, 0, &why);

	if (fd < 0 && why.kind == BND_E_TRUNCATED)
		return 0;
	if (fd < 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (is_log && !holds_one_line(fd))
		return bnd_fail(err, BND_E_CORRUPT,
		    "/%s/%s is a log without its pin; move it aside",
		    BND_LOG_DIR, name);
	if (b->host->real)
		bnd_logdir_append_only(fd, false);
	if (unlinkat(b->dir, name, 0) != 0)
		return bnd_fail_errno(
		    err, "cannot remove /%s/%s", BND_LOG_DIR, name);
	return 0;
}

/*
 * The attribute must be there before the line that says so.  Only on the real
 * root: below another one it would stay when that is thrown away.
 */
static int
make_log(struct begin *b, bool *attr, struct bnd_err *err)
{
	char name[BND_LOG_NAME_LEN];

	bnd_logdir_name(FIRST_FILE, name);
	if (remove_old(b, name, true, err) != 0)
		return -1;
	b->log = bnd_logdir_make(b->dir, name, O_APPEND, 0600, err);
	if (b->log < 0)
		return -1;
	if (b->host->real)
		bnd_logdir_append_only(b->log, true);
	*attr = bnd_logdir_is_append_only(b->log);
	return 0;
}

static int
write_line(struct begin *b, struct bnd_err *err)
{
	struct bnd_slot *next = &b->sec->slot[1];
	struct bnd_str line = { b->line, 0 };

	bnd_sign_keypair(next->pk, next->secret);
	memcpy(b->r.nk, next->pk, sizeof(b->r.nk));
	if (bnd_record_write(
		&b->r, b->sec->seed, b->sec->k0, b->line, &b->len, err) != 0)
		return -1;
	line.len = b->len - 1;
	bnd_record_link(line, &b->r, b->link);
	if (bnd_file_write_all(b->log, "record 0", b->line, b->len, err) != 0)
		return -1;
	if (fdatasync(b->log) != 0)
		return bnd_fail_errno(err, "cannot sync record 0");
	return 0;
}

/* Slot 0 stands for the time before record 0, slot 1 for its end. */
static int
write_head(struct begin *b, struct bnd_err *err)
{
	struct secret *sec = b->sec;
	SCOPED_FD int fd = -1;

	memcpy(sec->slot[0].pk, sec->k0, sizeof(sec->k0));
	sec->slot[0].gen = 1;
	sec->slot[0].file = FIRST_FILE;
	sec->slot[1].gen = 2;
	sec->slot[1].next_seq = 1;
	sec->slot[1].file = FIRST_FILE;
	sec->slot[1].end = b->len;
	memcpy(sec->slot[1].link, b->link, sizeof(b->link));
	bnd_slot_pack(&sec->slot[0], sec->bytes);
	bnd_slot_pack(&sec->slot[1], sec->bytes + BND_SLOT_GAP);
	if (remove_old(b, BND_LOG_HEAD, false, err) != 0)
		return -1;
	fd = bnd_logdir_make(b->dir, BND_LOG_HEAD, 0, 0600, err);
	if (fd < 0 ||
	    bnd_file_write_all(
		fd, "the log's head", sec->bytes, sizeof(sec->bytes), err) != 0)
		return -1;
	if (fdatasync(fd) != 0 || fsync(b->dir) != 0)
		return bnd_fail_errno(err, "cannot sync the log's head");
	return bnd_file_sync_dir(b->root, BND_LOG_DIR, err);
}

/* The lock's content is the id, so that no other log's lock passes for it. */
static int
write_lock(int fd, const uint8_t id[static BND_ID_LEN], struct bnd_err *err)
{
	char text[BND_B64_LEN(BND_ID_LEN) + 1];

	bnd_text_to_b64(id, BND_ID_LEN, text);
	text[sizeof(text) - 1] = '\n';
	if (ftruncate(fd, sizeof(text)) != 0 ||
	    pwrite(fd, text, sizeof(text), 0) != (ssize_t)sizeof(text) ||
	    fdatasync(fd) != 0)
		return bnd_fail_errno(err, "cannot write /%s", BND_LOG_LOCK);
	return 0;
}

static int
write_pin(struct begin *b, struct bnd_err *err)
{
	char text[BND_RECORD_MAX + 256];
	struct bnd_str line = { b->line, b->len - 1 };
	struct bnd_pin pin;
	size_t len;

	if (bnd_pin_write(
		b->g->id, b->link, line, text, sizeof(text), &len, err) != 0 ||
	    bnd_pin_parse((struct bnd_str){ text, len }, &pin, err) != 0 ||
	    bnd_root_mkdir(b->root, "etc/bnd", 0755, err) != 0)
		return -1;
	return bnd_file_replace(b->root, BND_LOG_PIN, text, len, 0644, err);
}

/* What stands in /run is of a time before this log. */
static int
forget_run(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_spool_lock(root, false, &why);

	if (fd < 0 && why.errnum != ENOENT)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (fd >= 0 && ftruncate(fd, 0) != 0)
		return bnd_fail_errno(err, "cannot empty /%s", BND_LOG_SPOOL);
	return bnd_logdir_restore(root, err);
}

static int
begin(struct begin *b, struct bnd_err *err)
{
	bool attr;

	b->dir = bnd_logdir_open(b->root, err);
	if (b->dir < 0)
		return -1;
	b->sec = bnd_secret_new(sizeof(*b->sec), err);
	if (b->sec == NULL)
		return -1;
	bnd_sign_keypair(b->sec->k0, b->sec->seed);
	if (make_log(b, &attr, err) != 0 || fill_record(b, err) != 0 ||
	    fill_body(b, attr, b->body, err) != 0 || write_line(b, err) != 0 ||
	    write_head(b, err) != 0 || forget_run(b->root, err) != 0)
		return -1;
	return write_pin(b, err);
}

int
bnd_log_init(const struct bnd_root *root, const struct bnd_genesis *g,
    struct bnd_mark *mark, struct bnd_err *err)
{
	__attribute__((cleanup(end_begin))) struct begin b = {
		.root = root,
		.host = g->host != NULL ? g->host : root,
		.g = g,
		.dir = -1,
		.log = -1,
	};
	SCOPED_FD int lock = -1;

	if (bnd_sign_init(err) != 0 || check_approvers(g, err) != 0 ||
	    bnd_root_mkdir(root, "var/lib/bnd", 0755, err) != 0 ||
	    bnd_root_mkdir(root, BND_LOG_DIR, 0700, err) != 0)
		return -1;
	lock =
	    bnd_lock(root, BND_LOG_LOCK, true, true, BND_LOG_DEADLINE_MS, err);
	if (lock < 0)
		return -1;
	if (bnd_log_exists(root))
		return bnd_fail(err, BND_E_DENIED,
		    "the log was begun already: /%s exists", BND_LOG_PIN);
	if (write_lock(lock, g->id, err) != 0 || begin(&b, err) != 0)
		return -1;
	*mark = (struct bnd_mark){ .seq = 0 };
	memcpy(mark->link, b.link, sizeof(mark->link));
	return 0;
}
