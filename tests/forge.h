/* forge.h: logs made to measure, properly signed, with no check in the way */
/* SPDX-License-Identifier: ISC */
/*
 * The rogue writer: root who holds the live key and writes what he likes.
 * Time, boots, keys and bodies are the test's; what comes out differs from a
 * real log in nothing but what the test wanted.  The rules that a test breaks
 * are therefore the only thing that can catch it.
 */
#ifndef TEST_FORGE_H
#define TEST_FORGE_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "challenge.h"
#include "event.h"
#include "head.h"
#include "ledger.h"
#include "log.h"
#include "pin.h"
#include "record.h"
#include "scratch.h"
#include "sign.h"
#include "signer.h"
#include "succeeds.h"
#include "tier.h"

#define FORGE_RECORDS 512
#define FORGE_BOOT    "0123456789abcdef0123456789abcdef"
#define FORGE_LOG     BND_LOG_DIR "/000001.jsonl"
#define FORGE_HEAD    BND_LOG_DIR "/head"

struct forge_key {
	uint8_t seed[BND_SEED_LEN];
	struct bnd_approver entry;
	struct signer_token token; /* of kind ssh */
};

struct forge {
	char *log; /* the file */
	size_t len, size;
	size_t at[FORGE_RECORDS + 1]; /* where each record begins */
	uint64_t seq;		      /* of the next record */
	uint8_t link[BND_HASH_LEN];   /* of the last one */
	uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN]; /* for the next one */
	uint8_t old_seed[BND_SEED_LEN], old_pk[BND_KEY_LEN]; /* of the last */
	uint8_t old_link[BND_HASH_LEN]; /* of the last but one */
	struct bnd_now now;
	bool attr; /* what genesis says of chattr +a */
	const struct bnd_succeeds *succeeds; /* of a successor, or NULL */
	uint8_t id[BND_ID_LEN];
	struct forge_key key[BND_APPROVERS_MAX + 2];
	unsigned keys;
	struct bnd_slot slot[2];  /* [0] is the newer one */
	struct bnd_ledger ledger; /* what the chain says so far */
	char genesis[BND_RECORD_MAX];
	size_t genesis_len;
	uint8_t genesis_link[BND_HASH_LEN];
};

static inline void
forge_die(const char *what)
{
	printf("Bail out! forge: %s\n", what);
	exit(2);
}

static inline void
forge_deaf(void *arg, const struct bnd_finding *f)
{
	(void)arg, (void)f;
}

/* As the tool of the key's kind signs. */
static inline void
forge_sign(const struct forge_key *k, const void *p, size_t len,
    struct bnd_evidence *e)
{
	*e = (struct bnd_evidence){ 0 };
	if (k->entry.pub.kind == BND_KEY_MINISIGN)
		signer_minisign(k->seed, p, len, e);
	else if (k->entry.pub.kind == BND_KEY_SSH)
		signer_ssh(k->seed, &k->token, p, len, e);
	else
		bnd_sign(k->seed, p, len, e->sig);
}

/* The entry's proof, for this log. */
static inline void
forge_prove(struct forge *f, unsigned i)
{
	struct forge_key *k = &f->key[i];
	char text[BND_ENROLL_MAX + 1];
	size_t len;

	if (bnd_approver_text(&k->entry, f->id, text, &len, NULL) != 0)
		forge_die("an approver is refused");
	forge_sign(k, text, len, &k->entry.pop);
}

/* A key of its own for person, with proof of possession for this log. */
static inline unsigned
forge_key_kind(struct forge *f, const char *name, const char *person,
    enum bnd_key_kind kind)
{
	struct forge_key *k = &f->key[f->keys];

	memset(k, 0, sizeof(*k));
	bnd_sign_keypair(k->entry.pub.key, k->seed);
	snprintf(k->entry.name, sizeof(k->entry.name), "%s", name);
	snprintf(k->entry.person, sizeof(k->entry.person), "%s", person);
	k->entry.pub.kind = kind;
	k->token = (struct signer_token){ "ssh:", "bnd-ceremony", 1, 7, false };
	if (kind == BND_KEY_SSH)
		memcpy(k->entry.pub.app, "ssh:", 5);
	bnd_approver_id(k->entry.pub.key, k->entry.id);
	forge_prove(f, f->keys);
	return f->keys++;
}

static inline unsigned
forge_key_make(struct forge *f, const char *name, const char *person)
{
	return forge_key_kind(f, name, person, BND_KEY_RAW);
}

static inline void
forge_entry(const struct forge *f, unsigned i, char *buf, size_t size)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, size);
	bnd_approver_to_json(&f->key[i].entry, &j, NULL);
	if (!bnd_json_end(&j))
		forge_die("an entry is too long");
}

/* Write one line with the given key, without going on from it. */
static inline size_t
forge_line(struct forge *f, const char *ev, const char *body, uint64_t seq,
    const uint8_t *prev, const uint8_t *seed, const uint8_t *pk,
    const uint8_t *nk, char *line, uint8_t *link)
{
	struct bnd_record r = { .seq = seq, .time = f->now };
	struct bnd_err err;
	size_t len;

	memcpy(r.prev, prev, sizeof(r.prev));
	memcpy(r.nk, nk, sizeof(r.nk));
	snprintf(r.ev, sizeof(r.ev), "%s", ev);
	snprintf(r.by.prog, sizeof(r.by.prog), "forge");
	r.by.pid = 1;
	bnd_random(r.salt, sizeof(r.salt));
	r.body = (struct bnd_str){ body, strlen(body) };
	if (bnd_record_write(&r, seed, pk, line, &len, &err) != 0)
		forge_die(err.text);
	bnd_record_link((struct bnd_str){ line, len - 1 }, &r, link);
	return len;
}

static inline void
forge_bytes(struct forge *f, const char *p, size_t n)
{
	if (f->len + n > f->size) {
		f->size = (f->len + n) * 2;
		f->log = realloc(f->log, f->size);
	}
	memcpy(f->log + f->len, p, n);
	f->len += n;
}

static inline void
forge_body(struct forge *f, const char *ev, const char *body)
{
	char line[BND_RECORD_MAX];
	uint8_t nk[BND_KEY_LEN], next[BND_SEED_LEN], link[BND_HASH_LEN];
	struct bnd_sink deaf = { forge_deaf, NULL };
	struct bnd_record r;
	struct bnd_slot s = { 0 };
	size_t len;

	bnd_sign_keypair(nk, next);
	len = forge_line(
	    f, ev, body, f->seq, f->link, f->seed, f->pk, nk, line, link);
	if (f->seq < FORGE_RECORDS)
		f->at[f->seq] = f->len;
	s.gen = f->slot[0].gen + 1;
	s.next_seq = f->seq + 1;
	s.file = 1;
	s.start = f->len;
	s.end = f->len + len;
	memcpy(s.link, link, sizeof(link));
	memcpy(s.secret, next, sizeof(next));
	memcpy(s.pk, nk, sizeof(nk));
	f->slot[1] = f->slot[0];
	memset(f->slot[1].secret, 0, sizeof(f->slot[1].secret));
	f->slot[0] = s;
	forge_bytes(f, line, len);
	memcpy(f->old_seed, f->seed, sizeof(f->seed));
	memcpy(f->old_pk, f->pk, sizeof(f->pk));
	memcpy(f->old_link, f->link, sizeof(f->link));
	memcpy(f->seed, next, sizeof(next));
	memcpy(f->pk, nk, sizeof(nk));
	memcpy(f->link, link, sizeof(link));
	f->seq++;
	if (f->seq <= FORGE_RECORDS)
		f->at[f->seq] = f->len;
	if (bnd_record_parse((struct bnd_str){ line, len - 1 }, &r, NULL) != 0)
		forge_die("an own record is refused");
	bnd_ledger_feed(&f->ledger, &r, link, &deaf);
	f->now.boot_us += 1000;
	f->now.real_us += 1000;
}

/* Append a record, signed with the live key. */
__attribute__((format(printf, 3, 4))) static inline void
forge_add(struct forge *f, const char *ev, const char *fmt, ...)
{
	char body[BND_RECORD_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body, sizeof(body), fmt, ap);
	va_end(ap);
	forge_body(f, ev, body);
}

static inline void
forge_wait(struct forge *f, uint64_t seconds)
{
	f->now.boot_us += seconds * 1000000;
	f->now.real_us += (int64_t)seconds * 1000000;
}

static inline void
forge_succeeds(const struct bnd_succeeds *s, char *buf, size_t size)
{
	struct bnd_json j;

	snprintf(buf, size, "null");
	if (s == NULL)
		return;
	bnd_json_begin(&j, buf, size);
	bnd_succeeds_to_json(s, &j, NULL);
	if (!bnd_json_end(&j))
		forge_die("too much to succeed");
}

/* Begin a log whose genesis holds the keys made so far. */
static inline void
forge_genesis(struct forge *f)
{
	char body[BND_RECORD_MAX], entry[512], succeeds[1024];
	char id[BND_B64_LEN(BND_ID_LEN) + 1], k0[BND_B64_LEN(BND_KEY_LEN) + 1];
	char host[BND_B64_LEN(BND_HASH_LEN) + 1];
	uint8_t h[BND_HASH_LEN];
	int n;

	bnd_hash("bnd-log-host-v1", NULL, 0, "forge", 5, h);
	bnd_text_to_b64(h, sizeof(h), host);
	bnd_text_to_b64(f->id, sizeof(f->id), id);
	bnd_text_to_b64(f->pk, sizeof(f->pk), k0);
	n = snprintf(body, sizeof(body),
	    "{\"id\":\"%s\",\"host\":\"%s\",\"k0\":\"%s\",\"mode\":\"%s\","
	    "\"attr\":%s,\"seal\":0,\"approvers\":[",
	    id, host, k0, f->succeeds != NULL ? "LOCKDOWN" : "OPEN",
	    f->attr ? "true" : "false");
	for (unsigned i = 0; i < f->keys; i++) {
		forge_entry(f, i, entry, sizeof(entry));
		n += snprintf(body + n, sizeof(body) - (size_t)n, "%s%s",
		    i > 0 ? "," : "", entry);
	}
	forge_succeeds(f->succeeds, succeeds, sizeof(succeeds));
	snprintf(
	    body + n, sizeof(body) - (size_t)n, "],\"succeeds\":%s}", succeeds);
	forge_body(f, "log.genesis", body);
	f->genesis_len = f->len;
	memcpy(f->genesis, f->log, f->len);
	memcpy(f->genesis_link, f->link, sizeof(f->link));
}

static inline void
forge_start(struct forge *f)
{
	memset(f, 0, sizeof(*f));
	if (bnd_sign_init(NULL) != 0)
		forge_die("libsodium does not start");
	bnd_random(f->id, sizeof(f->id));
	bnd_sign_keypair(f->pk, f->seed);
	f->now = (struct bnd_now){ .boot_us = 5000000,
		.real_us = INT64_C(1763839216000000),
		.boot = FORGE_BOOT };
	bnd_ledger_start(&f->ledger);
}

/* A log of one record and so many approvers, a person each. */
static inline void
forge_begin(struct forge *f, unsigned approvers)
{
	static const char *const names[] = { "alice", "bob", "carol", "dave",
		"erin", "frank", "grace", "heidi" };

	forge_start(f);
	for (unsigned i = 0; i < approvers; i++)
		forge_key_make(f, names[i], names[i]);
	forge_genesis(f);
}

static inline void
forge_free(struct forge *f)
{
	free(f->log);
	f->log = NULL;
}

/* ---- modes and ceremonies ---- */

/* The challenge that is right at this moment; the test may spoil it. */
static inline struct bnd_challenge
forge_challenge(const struct forge *f, enum bnd_mode to)
{
	struct bnd_challenge c = {
		.action = BND_ACTION_LOOSEN,
		.from = f->ledger.mode,
		.to = to,
		.gen = f->ledger.gen,
		.base = f->ledger.at,
		.opened_us = f->now.boot_us,
		.reason = "test",
	};
	struct bnd_tier t = bnd_challenge_tier(
	    c.action, c.from, bnd_ledger_persons(&f->ledger));

	memcpy(c.log_id, f->id, sizeof(c.log_id));
	memcpy(c.boot, f->now.boot, sizeof(c.boot));
	c.need = t.need;
	c.cooldown_s = t.cooldown_s;
	bnd_random(c.nonce, sizeof(c.nonce));
	return c;
}

struct forge_text {
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;
	char id[2 * BND_CHALLENGE_ID_LEN + 1];
};

static inline void
forge_open_text(struct forge *f, struct forge_text *t)
{
	char body[BND_RECORD_MAX];
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_json j;

	bnd_challenge_id((struct bnd_str){ t->text, t->len }, id);
	bnd_text_to_hex(id, sizeof(id), t->id);
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_bytes(&j, "text", (struct bnd_str){ t->text, t->len });
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		forge_die("a challenge is too long");
	forge_body(f, "ceremony.open", body);
}

static inline struct forge_text
forge_open(struct forge *f, const struct bnd_challenge *c)
{
	struct forge_text t;
	struct bnd_err err;

	if (bnd_challenge_pack(c, t.text, &t.len, &err) != 0)
		forge_die(err.text);
	forge_open_text(f, &t);
	return t;
}

/* The record of an approval by key i, whatever it is worth. */
static inline void
forge_approve_as(struct forge *f, const struct forge_text *t, unsigned i,
    enum bnd_key_kind kind, const struct bnd_evidence *e)
{
	char id[2 * BND_APPROVER_ID_LEN + 1], body[BND_RECORD_MAX];
	struct bnd_json j;

	bnd_text_to_hex(f->key[i].entry.id, BND_APPROVER_ID_LEN, id);
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "open", t->id);
	bnd_json_str(&j, "key", id);
	bnd_json_str(&j, "kind", bnd_key_kind_name(kind));
	bnd_evidence_to_json(e, kind, &j, "sig");
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		forge_die("an approval is too long");
	forge_body(f, "ceremony.approve", body);
}

/* Key i approves t, over whatever bytes the test hands in. */
static inline void
forge_approve_bytes(struct forge *f, const struct forge_text *t, unsigned i,
    const char *bytes, size_t len)
{
	struct forge_key *k = &f->key[i];
	struct bnd_evidence e;

	if (k->token.counter != 0)
		k->token.counter++;
	forge_sign(k, bytes, len, &e);
	forge_approve_as(f, t, i, k->entry.pub.kind, &e);
}

static inline void
forge_approve(struct forge *f, const struct forge_text *t, unsigned i)
{
	forge_approve_bytes(f, t, i, t->text, t->len);
}

/* auth is the id of a ceremony, or NULL. */
static inline void
forge_intent(
    struct forge *f, enum bnd_mode from, enum bnd_mode to, const char *auth)
{
	forge_add(f, "mode.intent",
	    "{\"txn\":\"%032x\",\"from\":\"%s\",\"to\":\"%s\",\"why\":\"test\","
	    "\"policy\":null,\"auth\":%s%s%s}",
	    (unsigned)f->ledger.gen, bnd_mode_name(from), bnd_mode_name(to),
	    auth != NULL ? "\"" : "", auth != NULL ? auth : "null",
	    auth != NULL ? "\"" : "");
}

static inline void
forge_commit(
    struct forge *f, enum bnd_mode from, enum bnd_mode to, uint64_t gen)
{
	forge_add(f, "mode.commit",
	    "{\"txn\":\"%032x\",\"from\":\"%s\",\"to\":\"%s\",\"gen\":%llu,"
	    "\"policy\":null,\"enforced\":{}}",
	    (unsigned)f->ledger.gen, bnd_mode_name(from), bnd_mode_name(to),
	    (unsigned long long)gen);
}

static inline void
forge_tighten(struct forge *f, enum bnd_mode to)
{
	enum bnd_mode from = f->ledger.mode;

	forge_intent(f, from, to, NULL);
	forge_commit(f, from, to, f->ledger.gen + 1);
}

/* Everything as it should be, up to the end of the cool-down. */
static inline struct forge_text
forge_ceremony(struct forge *f, const struct bnd_challenge *c)
{
	struct forge_text t = forge_open(f, c);

	for (unsigned i = 0; i < c->need; i++)
		forge_approve(f, &t, i);
	forge_wait(f, c->cooldown_s);
	return t;
}

static inline void
forge_loosen(struct forge *f, enum bnd_mode to)
{
	struct bnd_challenge c = forge_challenge(f, to);
	struct forge_text t = forge_ceremony(f, &c);

	forge_intent(f, c.from, to, t.id);
	forge_commit(f, c.from, to, f->ledger.gen + 1);
}

/* ---- files ---- */

static inline void
forge_write(
    const char *dir, const char *path, const void *p, size_t n, mode_t mode)
{
	char name[512];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", dir, path);
	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || fchmod(fd, mode) != 0 || write(fd, p, n) != (ssize_t)n)
		forge_die(name);
	close(fd);
}

static inline void
forge_head(const struct forge *f, uint8_t head[static BND_HEAD_LEN])
{
	memset(head, 0, BND_HEAD_LEN);
	bnd_slot_pack(&f->slot[f->slot[0].gen % 2 ? 1 : 0], head);
	bnd_slot_pack(
	    &f->slot[f->slot[0].gen % 2 ? 0 : 1], head + BND_SLOT_GAP);
}

static inline void
forge_save_head(const struct forge *f, const char *dir)
{
	uint8_t head[BND_HEAD_LEN];

	forge_head(f, head);
	forge_write(dir, FORGE_HEAD, head, sizeof(head), 0600);
}

static inline void
forge_save_pin(const struct forge *f, const char *dir)
{
	static char pin[BND_PIN_MAX];
	struct bnd_err err;
	size_t len;

	if (bnd_pin_write(f->id, f->genesis_link,
		(struct bnd_str){ f->genesis, f->genesis_len - 1 }, pin,
		sizeof(pin), &len, &err) != 0)
		forge_die(err.text);
	forge_write(dir, BND_LOG_PIN, pin, len, 0644);
}

static inline void
forge_mkdir(const char *dir, const char *path, mode_t mode)
{
	char name[512];

	snprintf(name, sizeof(name), "%s/%s", dir, path);
	mkdir(name, mode);
	if (chmod(name, mode) != 0)
		forge_die(name);
}

/* The whole root: log, head, lock, pin, as mode-set --init leaves them. */
static inline void
forge_save(const struct forge *f, const char *dir)
{
	static const char *const dirs[] = { "var", "var/lib", "var/lib/bnd",
		"etc", "etc/bnd", "run", "run/bnd" };
	char id[BND_B64_LEN(BND_ID_LEN) + 2];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		forge_mkdir(dir, dirs[i], 0755);
	forge_mkdir(dir, BND_LOG_DIR, 0700);
	forge_write(dir, FORGE_LOG, f->log, f->len, 0600);
	forge_save_head(f, dir);
	bnd_text_to_b64(f->id, sizeof(f->id), id);
	id[BND_B64_LEN(BND_ID_LEN)] = '\n';
	forge_write(
	    dir, BND_LOG_DIR "/lock", id, BND_B64_LEN(BND_ID_LEN) + 1, 0600);
	forge_save_pin(f, dir);
}

#endif
