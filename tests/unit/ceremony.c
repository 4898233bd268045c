/* ceremony.c: one at a time, on the chain alone, by those who may */
/* SPDX-License-Identifier: ISC */
#include "ceremony.h"

#include <fcntl.h>

#include "ceremony-look.h"
#include "ceremony-use.h"
#include "logkit.h"
#include "policy.h"
#include "scratch.h"
#include "verify.h"

static struct scratch s;
static uint8_t seed[BND_SEED_LEN]; /* alice's */
static struct bnd_err err;

static struct bnd_view *
look(void)
{
	static struct bnd_view v;

	if (bnd_ceremony_look(&s.root, &v, &err) != 0)
		bail(err.text);
	return &v;
}

static int
verdict(void)
{
	static struct bnd_verdict v;

	return bnd_verify_live(&s.root, &v, &err) == 0 ? v.exit : 2;
}

static int
open_one(enum bnd_action action, const char *subject,
    const struct bnd_approver *entry)
{
	struct bnd_ask ask = {
		.action = action, .subject = subject, .entry = entry
	};
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;

	err = (struct bnd_err){ 0 };
	return bnd_ceremony_open(&s.root, &ask, text, &len, &err);
}

static int
approve(const char *name, const uint8_t *by)
{
	struct bnd_view *v = look();
	struct bnd_evidence e = { .flags = 0 };

	bnd_sign(by, v->text, v->len, e.sig);
	err = (struct bnd_err){ 0 };
	return bnd_ceremony_approve(&s.root, v->id, name, &e, &err);
}

static void
begin(void)
{
	struct bnd_genesis g = { .id = { 1 } };
	struct bnd_mark mark;
	char json[1024];

	scratch_make_fast(&s);
	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	g.approvers = (struct bnd_str){ json,
		kit_approvers(g.id, json, sizeof(json), seed) };
	if (bnd_log_init(&s.root, &g, &mark, &err) != 0 ||
	    bnd_root_mkdir(&s.root, "run/bnd", 0755, &err) != 0)
		bail(err.text);
}

static void
no_policy(void)
{
	char nothing[] = "";

	is_int(open_one(BND_ACTION_DRILL, NULL, NULL), -1,
	    "without a bnd.conf nothing is asked");
	blob_write(&s.root, BND_POLICY_PATH, (struct blob){ nothing, 0 });
	if (fchmodat(s.root.fd, BND_POLICY_PATH, 0644, 0) != 0)
		bail("cannot change a mode");
}

static void
a_drill(void)
{
	struct bnd_view *v;
	uint8_t id[BND_CHALLENGE_ID_LEN], other[BND_SEED_LEN] = { 7 };

	ok(!look()->is_open, "nothing stands open");
	is_int(look()->n, 1, "one may approve");
	is_int(open_one(BND_ACTION_DRILL, NULL, NULL), 0, "a drill is asked");
	v = look();
	memcpy(id, v->id, sizeof(id));
	ok(v->is_open && !v->expired, "and stands open");
	ok(v->have == 0 && v->c.need == 1 && v->left_s <= 600 &&
		v->left_s >= 590,
	    "with what is missing");
	is_int(open_one(BND_ACTION_DRILL, NULL, NULL), -1, "not another one");
	is_int(err.kind, BND_E_CEREMONY, "beside it");
	is_int(approve("alice", other), -1, "another key's signature");
	is_int(err.kind, BND_E_CEREMONY, "is refused");
	is_int(approve("bob", seed), -1, "and a name nobody has");
	is_int(look()->have, 0, "neither counts");
	is_int(verdict(), 0, "both stand on a log that verifies");
	is_int(approve("alice", seed), 0, "hers counts");
	is_int(approve("alice", seed), 0, "and once more is no mistake");
	v = look();
	ok(v->have == 1 && v->approved[0] && v->ripe_s == 0, "but one");
	id[0] ^= 1;
	is_int(bnd_ceremony_end(&s.root, id, "drilled", &err), -1,
	    "another id ends nothing");
	id[0] ^= 1;
	is_int(
	    bnd_ceremony_revoke(&s.root, id, &err), -1, "and revokes nobody");
	is_int(bnd_ceremony_enroll(&s.root, id, &err), -1, "enrolls nobody");
	is_int(bnd_ceremony_end(&s.root, id, "drilled", &err), 0, "it is over");
	ok(!look()->is_open, "and stands open no more");
	is_int(verdict(), 0, "the log verifies");
}

static void
impossible(void)
{
	struct bnd_approver a = look()->approver[0];
	char key[2 * BND_APPROVER_ID_LEN + 1];

	bnd_text_to_hex(a.id, sizeof(a.id), key);
	is_int(open_one(BND_ACTION_REVOKE, key, NULL), -1, "the last key");
	is_int(err.kind, BND_E_DENIED, "is not revoked");
	is_int(open_one(BND_ACTION_REVOKE, "0123456789abcdef", NULL), -1,
	    "nor one that nobody has");
	is_int(open_one(BND_ACTION_ENROLL, NULL, &a), -1,
	    "who is in is not enrolled");
	is_int(open_one(BND_ACTION_ENROLL, NULL, NULL), -1, "nor nobody");
	is_int(open_one(BND_ACTION_UNFREEZE, NULL, NULL), -1,
	    "what is not frozen is not unfrozen");
	is_int(open_one(BND_ACTION_LOOSEN, NULL, NULL), -1,
	    "OPEN is not loosened");
	ok(!look()->is_open, "nothing of that was asked");
}

/* An enrolment up to its approval; the cool-down is for other tests. */
static void
an_enrolment(void)
{
	struct bnd_approver a = {
		.name = "bob", .person = "bob", .pub.kind = BND_KEY_RAW
	};
	uint8_t bobs[BND_SEED_LEN];
	char text[BND_ENROLL_MAX + 1];
	struct bnd_view *v = look();
	size_t len;

	bnd_sign_keypair(a.pub.key, bobs);
	bnd_approver_id(a.pub.key, a.id);
	if (bnd_approver_text(&a, v->log_id, text, &len, &err) != 0)
		bail(err.text);
	is_int(open_one(BND_ACTION_ENROLL, NULL, &a), -1, "without a proof");
	bnd_sign(bobs, text, len, a.pop.sig);
	is_int(open_one(BND_ACTION_ENROLL, NULL, &a), 0, "with one");
	v = look();
	ok(v->has_entry && strcmp(v->entry.name, "bob") == 0 &&
		bnd_same(v->entry.pub.key, a.pub.key, BND_KEY_LEN),
	    "the entry stands on the chain");
	is_int(v->c.cooldown_s, 900, "one person: the long cool-down");
	is_int(bnd_ceremony_enroll(&s.root, v->id, &err), -1, "unapproved");
	is_int(err.kind, BND_E_PENDING, "is pending");
	is_int(approve("bob", bobs), -1, "he does not approve himself");
	is_int(approve("alice", seed), 0, "she does");
	v = look();
	ok(v->have == 1 && v->ripe_s > 890 && v->ripe_s <= 900,
	    "the cool-down runs");
	is_int(bnd_ceremony_enroll(&s.root, v->id, &err), -1, "too early");
	is_int(err.kind, BND_E_PENDING, "is pending, too");
	is_int(bnd_ceremony_end(&s.root, v->id, "drilled", &err), -1,
	    "it does not end as a drill");
	is_int(bnd_ceremony_end(&s.root, v->id, "cancelled", &err), 0,
	    "but is cancelled");
	is_int(verdict(), 0, "the log verifies");
}

/* What is right until some time is not written after it. */
static void
not_after(void)
{
	struct bnd_event e = { .prog = "test",
		.ev = "usb.test",
		.body = { "{}", 2 },
		.need = BND_LOG_DURABLE,
		.deadline_ms = 2000,
		.until_us = 1 };
	struct blob before = blob_read(&s.root, LOG_FILE), after;
	struct bnd_mark mark;

	is_int(bnd_log_append(&s.root, &e, &mark, &err), -1, "too late by now");
	is_int(err.kind, BND_E_CEREMONY, "is said");
	after = blob_read(&s.root, LOG_FILE);
	ok(blob_same(before, after), "and not a byte is written");
	e.until_us = UINT64_MAX;
	is_int(bnd_log_append(&s.root, &e, &mark, &err), 0, "control: in time");
	blob_free(&before);
	blob_free(&after);
}

/* Whoever does not want to know why gets a verdict all the same. */
static void
no_reason(void)
{
	static struct bnd_verdict v;
	const struct bnd_verify job = { .root = &s.root };

	is_int(bnd_verify(&job, &v, NULL), 0, "no reason is wanted");
	if (unlinkat(s.root.fd, BND_LOG_DIR "/lock", 0) != 0)
		bail("cannot remove the lock");
	is_int(bnd_verify(&job, &v, NULL), 0, "nor where something is wrong");
	ok(v.exit != 0, "which is seen");
}

int
main(void)
{
	begin();
	no_policy();
	a_drill();
	impossible();
	an_enrolment();
	not_after();
	no_reason();
	scratch_remove(&s);
	return tap_done();
}
