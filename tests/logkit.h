/* logkit.h: a log of the test's own, and what tests do to one */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_LOGKIT_H
#define TEST_LOGKIT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "approver.h"
#include "json-read.h"
#include "json.h"
#include "log.h"
#include "record.h"
#include "scope.h"
#include "sign.h"
#include "tap.h"
#include "text.h"

#define LOG_FILE  BND_LOG_DIR "/000001.jsonl"
#define HEAD_FILE BND_LOG_DIR "/head"
#define LOCK_FILE BND_LOG_DIR "/lock"

/* ---- files --------------------------------------------------------------- */

/* A whole file below the root; len is -1 if it is not there. */
struct blob {
	char *p;
	ssize_t len;
};

static inline struct blob
blob_read(const struct bnd_root *root, const char *path)
{
	struct blob b = { NULL, -1 };
	struct stat st;
	int fd = openat(root->fd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return b;
	if (fstat(fd, &st) == 0) {
		b.p = malloc((size_t)st.st_size + 1);
		b.len = pread(fd, b.p, (size_t)st.st_size, 0);
		b.p[b.len > 0 ? b.len : 0] = '\0';
	}
	close(fd);
	return b;
}

/* Exactly these bytes; what is not there is removed. */
static inline void
blob_write(const struct bnd_root *root, const char *path, struct blob b)
{
	int fd;

	if (b.len < 0) {
		unlinkat(root->fd, path, 0);
		return;
	}
	fd = openat(root->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, b.p, (size_t)b.len, 0) != b.len)
		bail("cannot write a file of the test");
	close(fd);
}

static inline bool
blob_same(struct blob a, struct blob b)
{
	return a.len == b.len &&
	    (a.len <= 0 || memcmp(a.p, b.p, (size_t)a.len) == 0);
}

static inline void
blob_free(struct blob *b)
{
	free(b->p);
	b->p = NULL;
}

static inline void
put_byte(const struct bnd_root *root, const char *path, off_t at, int byte)
{
	char c = (char)byte;
	int fd = openat(root->fd, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, &c, 1, at) != 1)
		bail("cannot change a byte of the test");
	close(fd);
}

static inline void
cut_file(const struct bnd_root *root, const char *path, off_t size)
{
	int fd = openat(root->fd, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size) != 0)
		bail("cannot cut a file of the test");
	close(fd);
}

static inline void
append_bytes(
    const struct bnd_root *root, const char *path, const char *bytes, size_t n)
{
	int fd = openat(root->fd, path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		bail("cannot append to a file of the test");
	close(fd);
}

/* ---- a log --------------------------------------------------------------- */

/* The JSON array of one raw approver, whose seed is kept. */
static inline size_t
kit_approvers(const uint8_t id[static BND_ID_LEN], char *json, size_t size,
    uint8_t seed[static BND_SEED_LEN])
{
	struct bnd_approver a = {
		.name = "alice", .person = "alice", .pub.kind = BND_KEY_RAW
	};
	struct bnd_err err = { 0 };
	char text[BND_ENROLL_MAX + 1];
	size_t len;
	struct bnd_json j;

	bnd_sign_keypair(a.pub.key, seed);
	bnd_approver_id(a.pub.key, a.id);
	if (bnd_approver_text(&a, id, text, &len, &err) != 0)
		bail(err.text);
	bnd_sign(seed, text, len, a.pop.sig);
	bnd_json_begin(&j, json, size);
	bnd_json_open(&j, NULL, '[');
	bnd_approver_to_json(&a, &j, NULL);
	bnd_json_close(&j, ']');
	if (!bnd_json_end(&j))
		bail("the approvers do not fit");
	return j.len;
}

static inline int
kit_init(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_genesis g = { .id = { 0 } };
	struct bnd_mark mark;
	uint8_t seed[BND_SEED_LEN];
	char json[1024];

	if (bnd_sign_init(err) != 0)
		return -1;
	bnd_random(g.id, sizeof(g.id));
	g.approvers.len = kit_approvers(g.id, json, sizeof(json), seed);
	g.approvers.p = json;
	return bnd_log_init(root, &g, &mark, err);
}

static inline int
kit_append(const struct bnd_root *root, const char *ev, const char *body,
    enum bnd_log_need need, struct bnd_mark *mark, struct bnd_err *err)
{
	struct bnd_event event = {
		.prog = "test",
		.ev = ev,
		.body = { body, strlen(body) },
		.need = need,
		.deadline_ms = 2000,
	};

	return bnd_log_append(root, &event, mark, err);
}

/* One more record that says n. */
static inline int
kit_more(const struct bnd_root *root, unsigned n, struct bnd_err *err)
{
	struct bnd_mark mark;
	char body[32];

	snprintf(body, sizeof(body), "{\"n\":%u}", n);
	return kit_append(root, "usb.test", body, BND_LOG_DURABLE, &mark, err);
}

/* ---- an independent look at it ------------------------------------------- */

/*
 * Walk the log from its first byte: every line a record, linked, signed by the
 * key before it; what log.torn covers is passed over.  Written without the
 * writer's or the verifier's code above record.h.
 */
#define WALK_KEPT 24 /* records that are remembered, the first ones */
struct walk {
	int records; /* -1: broken at byte at */
	size_t at;
	int torn; /* log.torn records */
	char ev[WALK_KEPT][BND_WORD_MAX + 1];
	struct bnd_str body[WALK_KEPT]; /* into the blob */
	uint8_t nk[BND_KEY_LEN];
	uint8_t link[BND_HASH_LEN];
	uint8_t first_link[BND_HASH_LEN];
};

static inline bool
walk_torn_covers(const struct bnd_record *r, const char *junk, size_t len)
{
	uint64_t n;
	uint8_t h[BND_HASH_LEN], want[BND_HASH_LEN];

	bnd_hash("bnd-log-torn-v1", NULL, 0, junk, len, h);
	return strcmp(r->ev, "log.torn") == 0 &&
	    bnd_json_get_u64(r->body, "len", &n) && n == len &&
	    bnd_json_get_b64(r->body, "h", want, sizeof(want)) &&
	    memcmp(h, want, sizeof(h)) == 0;
}

static inline bool
walk_fits(struct walk *w, struct bnd_str line, struct bnd_record *r)
{
	uint8_t k0[BND_KEY_LEN];

	if (bnd_record_parse(line, r, NULL) != 0 ||
	    !bnd_record_body_is_whole(r) || r->seq != (uint64_t)w->records ||
	    memcmp(r->prev, w->link, sizeof(w->link)) != 0)
		return false;
	if (w->records == 0) {
		if (!bnd_json_get_b64(r->body, "k0", k0, sizeof(k0)))
			return false;
		memcpy(w->nk, k0, sizeof(k0));
	}
	return bnd_record_signed_by(line, r, w->nk);
}

/* Not inlined: a test that calls it often would outgrow its stack. */
__attribute__((noinline, unused)) static struct walk
walk_log(struct blob log)
{
	struct walk w = { 0 };
	size_t at = 0, junk = 0;

	while (log.len > 0 && at < (size_t)log.len) {
		struct bnd_record r;
		const char *lf = memchr(log.p + at, '\n', (size_t)log.len - at);
		struct bnd_str line = { log.p + at, 0 };

		if (lf == NULL)
			break;
		line.len = (size_t)(lf - line.p);
		if (walk_fits(&w, line, &r) &&
		    (junk == at ||
			walk_torn_covers(&r, log.p + junk, at - junk))) {
			w.torn += strcmp(r.ev, "log.torn") == 0;
			if (w.records < WALK_KEPT) {
				memcpy(w.ev[w.records], r.ev, sizeof(r.ev));
				w.body[w.records] = r.body;
			}
			memcpy(w.nk, r.nk, sizeof(w.nk));
			bnd_record_link(line, &r, w.link);
			if (w.records == 0)
				memcpy(w.first_link, w.link, sizeof(w.link));
			w.records++;
			junk = at + line.len + 1;
		}
		at += line.len + 1;
	}
	if (junk != (size_t)(log.len > 0 ? log.len : 0)) {
		w.at = junk;
		w.records = -1 - w.records;
	}
	return w;
}

__attribute__((noinline, unused)) static struct walk
walk_root(const struct bnd_root *root)
{
	struct blob log = blob_read(root, LOG_FILE);
	struct walk w = walk_log(log);

	blob_free(&log);
	return w;
}

#endif
