/* ledger-evidence.c: whose signatures the chain believes, kind by kind */
/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include "breach.h"
#include "claim.h"

/* alice types, bob has minisign, carol a token that counts. */
enum { ALICE, BOB, CAROL };

static void
all_kinds(struct forge *f)
{
	forge_free(f);
	forge_start(f);
	forge_key_kind(f, "alice", "alice", BND_KEY_PASSPHRASE);
	forge_key_kind(f, "bob", "bob", BND_KEY_MINISIGN);
	forge_key_kind(f, "carol", "carol", BND_KEY_SSH);
	forge_genesis(f);
}

/* AIRGAP, and a ceremony open that one person may approve. */
static struct forge_text
asked(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	return forge_open(f, &c);
}

static struct bnd_challenge
revocation(const struct forge *f, unsigned i)
{
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);

	c.action = BND_ACTION_REVOKE;
	c.to = c.from;
	c.need = bnd_ledger_persons(&f->ledger) >= 2 ? 2 : 1;
	c.cooldown_s = c.need == 2 ? 90 : 900;
	bnd_text_to_hex(f->key[i].entry.id, BND_APPROVER_ID_LEN, c.subject);
	return c;
}

static void
send_away(struct forge *f, unsigned i, const struct forge_text *t)
{
	char id[2 * BND_APPROVER_ID_LEN + 1];

	bnd_text_to_hex(f->key[i].entry.id, BND_APPROVER_ID_LEN, id);
	forge_add(f, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}", id,
	    t->id);
}

/* ---- evidence ---- */

static void
legacy_minisign(struct forge *f)
{
	struct forge_text t;
	struct bnd_evidence e = { 0 };

	all_kinds(f);
	t = asked(f);
	good(f);
	bnd_sign(f->key[BOB].seed, t.text, t.len, e.sig);
	forge_approve_as(f, &t, BOB, BND_KEY_MINISIGN, &e);
}

/* The same as a key that signs texts: its entry says otherwise. */
static void
legacy_as_raw(struct forge *f)
{
	struct forge_text t;
	struct bnd_evidence e = { 0 };

	all_kinds(f);
	t = asked(f);
	good(f);
	bnd_sign(f->key[BOB].seed, t.text, t.len, e.sig);
	forge_approve_as(f, &t, BOB, BND_KEY_RAW, &e);
}

/* Rightly signed, and said to be of another kind. */
static void
other_kind(struct forge *f)
{
	struct forge_text t;
	struct bnd_evidence e;

	all_kinds(f);
	t = asked(f);
	good(f);
	forge_sign(&f->key[BOB], t.text, t.len, &e);
	forge_approve_as(f, &t, BOB, BND_KEY_RAW, &e);
}

/* Of one field of what a token signed, or was asked for. */
static struct forge_text
token_ready(struct forge *f)
{
	struct forge_text t;

	all_kinds(f);
	t = asked(f);
	good(f);
	return t;
}

static void
absent(struct forge *f)
{
	struct forge_text t = token_ready(f);

	f->key[CAROL].token.flags = 0;
	forge_approve(f, &t, CAROL);
}

static void
verified_but_absent(struct forge *f)
{
	struct forge_text t = token_ready(f);

	f->key[CAROL].token.flags = 0x04;
	forge_approve(f, &t, CAROL);
}

static void
other_space(struct forge *f)
{
	struct forge_text t = token_ready(f);

	f->key[CAROL].token.space = "file";
	forge_approve(f, &t, CAROL);
}

static void
other_app(struct forge *f)
{
	struct forge_text t = token_ready(f);

	f->key[CAROL].token.app = "ssh:login";
	forge_approve(f, &t, CAROL);
}

static struct bnd_evidence
token_signs(struct forge *f, const struct forge_text *t)
{
	struct bnd_evidence e;

	f->key[CAROL].token.counter++;
	forge_sign(&f->key[CAROL], t->text, t->len, &e);
	return e;
}

static void
flags_edited(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e;

	f->key[CAROL].token.flags = 0;
	e = token_signs(f, &t);
	e.flags = 1;
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

static void
counter_edited(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e = token_signs(f, &t);

	e.counter++;
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

static void
hash_edited(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e = token_signs(f, &t);

	e.sha512 = false;
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

/* The counter of the proof at enrolment counts too. */
static void
counter_of_proof(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e;

	forge_sign(&f->key[CAROL], t.text, t.len, &e);
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

static void
counter_set_to(struct forge *f, uint32_t counter)
{
	struct bnd_evidence e;
	struct forge_text t;

	all_kinds(f);
	f->key[CAROL].token.counter = 40;
	t = asked(f);
	forge_approve(f, &t, CAROL);
	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	t = asked(f);
	good(f);
	f->key[CAROL].token.counter = counter;
	forge_sign(&f->key[CAROL], t.text, t.len, &e);
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

static void
counter_equal(struct forge *f)
{
	counter_set_to(f, 41);
}

static void
counter_lower(struct forge *f)
{
	counter_set_to(f, 40);
}

static void
counter_gone(struct forge *f)
{
	counter_set_to(f, 0);
}

/* The last counter stays with its key when another one leaves. */
static void
counter_moves(struct forge *f)
{
	struct bnd_challenge c;
	struct bnd_evidence e;
	struct forge_text t;

	all_kinds(f);
	forge_tighten(f, BND_AIRGAP);
	c = revocation(f, ALICE);
	t = forge_open(f, &c);
	forge_approve(f, &t, BOB);
	forge_approve(f, &t, CAROL);
	forge_wait(f, 90);
	send_away(f, ALICE, &t);
	t = asked(f);
	good(f);
	is_int(f->ledger.use[1].counter, 8, "the token's counter moved along");
	forge_sign(&f->key[CAROL], t.text, t.len, &e);
	forge_approve_as(f, &t, CAROL, BND_KEY_SSH, &e);
}

static void
token_members_missing(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e = token_signs(f, &t);
	char id[2 * BND_APPROVER_ID_LEN + 1], b64[BND_B64_LEN(BND_SIG_LEN) + 1];

	bnd_text_to_hex(f->key[CAROL].entry.id, BND_APPROVER_ID_LEN, id);
	bnd_text_to_b64(e.sig, sizeof(e.sig), b64);
	forge_add(f, "ceremony.approve",
	    "{\"open\":\"%s\",\"key\":\"%s\",\"kind\":\"ssh\",\"sig\":\"%s\"}",
	    t.id, id, b64);
}

static void
token_members_foreign(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e;
	char id[2 * BND_APPROVER_ID_LEN + 1], b64[BND_B64_LEN(BND_SIG_LEN) + 1];

	forge_sign(&f->key[BOB], t.text, t.len, &e);
	bnd_text_to_hex(f->key[BOB].entry.id, BND_APPROVER_ID_LEN, id);
	bnd_text_to_b64(e.sig, sizeof(e.sig), b64);
	forge_add(f, "ceremony.approve",
	    "{\"open\":\"%s\",\"key\":\"%s\",\"kind\":\"minisign\","
	    "\"sig\":\"%s\",\"ctr\":1}",
	    t.id, id, b64);
}

/* The spare bits of the last character: another spelling of the same bytes. */
static void
other_spelling(struct forge *f)
{
	struct forge_text t = token_ready(f);
	struct bnd_evidence e;
	char id[2 * BND_APPROVER_ID_LEN + 1], b64[BND_B64_LEN(BND_SIG_LEN) + 1];

	forge_sign(&f->key[BOB], t.text, t.len, &e);
	bnd_text_to_hex(f->key[BOB].entry.id, BND_APPROVER_ID_LEN, id);
	bnd_text_to_b64(e.sig, sizeof(e.sig), b64);
	b64[BND_B64_LEN(BND_SIG_LEN) - 1]++;
	forge_add(f, "ceremony.approve",
	    "{\"open\":\"%s\",\"key\":\"%s\",\"kind\":\"minisign\","
	    "\"sig\":\"%s\"}",
	    t.id, id, b64);
}

static void
proof_absent(struct forge *f)
{
	good(f);
	forge_free(f);
	forge_start(f);
	forge_key_kind(f, "carol", "carol", BND_KEY_SSH);
	f->key[0].token.flags = 0;
	f->key[0].entry.pop = (struct bnd_evidence){ 0 };
	forge_prove(f, 0);
	forge_genesis(f);
}

static void
proof_other_space(struct forge *f)
{
	good(f);
	forge_free(f);
	forge_start(f);
	forge_key_kind(f, "carol", "carol", BND_KEY_SSH);
	f->key[0].token.space = "git";
	forge_prove(f, 0);
	forge_genesis(f);
}

/* ---- quorum ---- */

static void
three_of_two(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_free(f);
	forge_begin(f, 2);
	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	c.need = 3;
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	forge_approve(f, &t, 1);
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

static void
none_of_two(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	t = forge_open(f, &c);
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

/* Nor with misses: they are no approvals. */
static void
two_misses(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	t = forge_open(f, &c);
	for (unsigned i = 0; i < 2; i++) {
		char id[2 * BND_APPROVER_ID_LEN + 1];

		bnd_text_to_hex(f->key[i].entry.id, BND_APPROVER_ID_LEN, id);
		forge_add(f, "ceremony.miss",
		    "{\"open\":\"%s\",\"key\":\"%s\"}", t.id, id);
	}
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

static void
one_key_two_names(struct forge *f)
{
	good(f);
	forge_free(f);
	forge_start(f);
	forge_key_make(f, "alice", "alice");
	forge_key_make(f, "bob", "bob");
	memcpy(f->key[1].seed, f->key[0].seed, sizeof(f->key[1].seed));
	memcpy(f->key[1].entry.pub.key, f->key[0].entry.pub.key, BND_KEY_LEN);
	bnd_approver_id(f->key[1].entry.pub.key, f->key[1].entry.id);
	forge_prove(f, 1);
	forge_genesis(f);
}

/* ---- binding ---- */

/* Signed for leaving LOCKDOWN, used for leaving AIRGAP. */
static void
of_lockdown(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	forge_tighten(f, BND_LOCKDOWN);
	c = forge_challenge(f, BND_AIRGAP);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_LOCKDOWN, BND_AIRGAP, t.id);
	forge_commit(f, BND_LOCKDOWN, BND_AIRGAP, f->ledger.gen + 1);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

/* What was signed is opened with another target in it. */
static void
text_edited(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t, edited;
	struct bnd_err err;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	if (bnd_challenge_pack(&c, t.text, &t.len, &err) != 0)
		bail(err.text);
	c.to = BND_OPEN;
	edited = forge_open(f, &c);
	good(f);
	forge_approve_bytes(f, &edited, 0, t.text, t.len);
}

static void
drill_used(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_AIRGAP);
	c.action = BND_ACTION_DRILL;
	c.need = 3;
	c.cooldown_s = 60;
	t = forge_ceremony(f, &c);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
revocation_of_another(struct forge *f)
{
	struct bnd_challenge c = revocation(f, 1);
	struct forge_text t = forge_ceremony(f, &c);

	good(f);
	send_away(f, 2, &t);
}

/* ---- one person sends another away ---- */

#define DAY 86400

/* Key i is revoked by key by alone, after so many seconds. */
static struct forge_text
alone(struct forge *f, unsigned i, unsigned by, uint64_t wait)
{
	struct bnd_challenge c = revocation(f, i);
	struct forge_text t;

	c.need = 1;
	c.cooldown_s = DAY;
	t = forge_open(f, &c);
	forge_approve(f, &t, by);
	forge_wait(f, wait);
	return t;
}

static void
day_too_short(struct forge *f)
{
	struct bnd_challenge c = revocation(f, 1);

	good(f);
	c.need = 1;
	c.cooldown_s = DAY - 1;
	forge_open(f, &c);
}

static void
day_not_over(struct forge *f)
{
	struct forge_text t = alone(f, 1, 0, DAY - 1);

	good(f);
	send_away(f, 1, &t);
}

static void
day_in_two_boots(struct forge *f)
{
	struct forge_text t = alone(f, 1, 0, DAY);

	good(f);
	f->now.boot[0] = 'f';
	send_away(f, 1, &t);
}

static void
day_cancelled(struct forge *f)
{
	struct forge_text t = alone(f, 1, 0, DAY);

	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	good(f);
	send_away(f, 1, &t);
}

static void
day_overtaken(struct forge *f)
{
	struct forge_text t = alone(f, 1, 0, DAY);

	forge_tighten(f, BND_AIRGAP);
	good(f);
	send_away(f, 1, &t);
}

static void
day_too_late(struct forge *f)
{
	struct forge_text t = alone(f, 1, 0, 2 * DAY + 2);

	good(f);
	send_away(f, 1, &t);
}

/* With her other key: whoever has stolen that one must not lock her out. */
static void
day_of_own_person(struct forge *f)
{
	struct forge_text t;

	forge_free(f);
	forge_start(f);
	forge_key_make(f, "alice", "alice");
	forge_key_make(f, "alice-usb", "alice");
	forge_key_make(f, "bob", "bob");
	forge_genesis(f);
	t = alone(f, 1, 0, DAY);
	good(f);
	send_away(f, 1, &t);
}

/* The exception is the revocation's alone. */
static void
day_for_loosening(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_LOCKDOWN);
	good(f);
	c = forge_challenge(f, BND_AIRGAP);
	c.need = 1;
	c.cooldown_s = DAY;
	forge_open(f, &c);
}

static void
day_for_enrolling(struct forge *f)
{
	unsigned i = forge_key_make(f, "dave", "dave");
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);

	good(f);
	c.action = BND_ACTION_ENROLL;
	c.to = c.from;
	c.need = 1;
	c.cooldown_s = DAY;
	bnd_challenge_subject_enroll(&f->key[i].entry, c.subject);
	forge_open(f, &c);
}

/* ---- a key gives itself up ---- */

static void
itself_another(struct forge *f)
{
	struct bnd_challenge c = revocation(f, 2);
	struct forge_text t = forge_open(f, &c);

	forge_approve(f, &t, 1);
	good(f);
	send_away(f, 2, &t);
}

static void
itself_much_later(struct forge *f)
{
	struct bnd_challenge c = revocation(f, 2);
	struct forge_text t = forge_open(f, &c);

	forge_approve(f, &t, 2);
	forge_wait(f, 601);
	good(f);
	send_away(f, 2, &t);
}

static void
itself_other_boot(struct forge *f)
{
	struct bnd_challenge c = revocation(f, 2);
	struct forge_text t = forge_open(f, &c);

	forge_approve(f, &t, 2);
	good(f);
	f->now.boot[0] = 'f';
	send_away(f, 2, &t);
}

static void
itself_last(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_free(f);
	forge_begin(f, 1);
	c = revocation(f, 0);
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	good(f);
	send_away(f, 0, &t);
}

static const struct breach rows[] = {
	{ "L91 minisign over the text itself", legacy_minisign,
	    BND_F_UNAPPROVED },
	{ "L91 minisign said to be raw", legacy_as_raw, BND_F_UNAPPROVED },
	{ "L91 another kind than the key's", other_kind, BND_F_UNAPPROVED },
	{ "L91 a token that nobody touched", absent, BND_F_UNAPPROVED },
	{ "L91 a PIN but no touch", verified_but_absent, BND_F_UNAPPROVED },
	{ "L91 a signature for another namespace", other_space,
	    BND_F_UNAPPROVED },
	{ "L91 a signature for another application", other_app,
	    BND_F_UNAPPROVED },
	{ "L91 presence added afterwards", flags_edited, BND_F_UNAPPROVED },
	{ "L91 a counter raised afterwards", counter_edited, BND_F_UNAPPROVED },
	{ "L91 another hash named", hash_edited, BND_F_UNAPPROVED },
	{ "L91 the counter of the proof", counter_of_proof, BND_F_UNAPPROVED },
	{ "L91 a counter that stands", counter_equal, BND_F_UNAPPROVED },
	{ "L91 a counter that falls", counter_lower, BND_F_UNAPPROVED },
	{ "L91 a counter no longer kept", counter_gone, BND_F_UNAPPROVED },
	{ "L91 a counter after a revocation", counter_moves, BND_F_UNAPPROVED },
	{ "a token's evidence without its members", token_members_missing,
	    BND_F_UNAPPROVED },
	{ "a token's members with another kind", token_members_foreign,
	    BND_F_UNAPPROVED },
	{ "another spelling of base64", other_spelling, BND_F_UNAPPROVED },
	{ "L89 a proof that nobody touched for", proof_absent, BND_F_RULE },
	{ "L89 a proof for another namespace", proof_other_space, BND_F_RULE },
	{ "L81 three of two", three_of_two, BND_F_UNAPPROVED },
	{ "L81 none of two", none_of_two, BND_F_UNAPPROVED },
	{ "L81 two misses", two_misses, BND_F_UNAPPROVED },
	{ "L81 one key under two names", one_key_two_names, BND_F_RULE },
	{ "L80 signed for leaving LOCKDOWN", of_lockdown, BND_F_UNAPPROVED },
	{ "L80 a text edited after signing", text_edited, BND_F_UNAPPROVED },
	{ "L80 a drill used", drill_used, BND_F_UNAPPROVED },
	{ "L90 another key than the ceremony's", revocation_of_another,
	    BND_F_UNAPPROVED },
	{ "L90 one person, less than a day asked", day_too_short,
	    BND_F_RUSHED },
	{ "L90 one person, a second early", day_not_over, BND_F_RUSHED },
	{ "L90 one person, a day of two boots", day_in_two_boots,
	    BND_F_UNAPPROVED },
	{ "L90 one person, cancelled", day_cancelled, BND_F_UNAPPROVED },
	{ "L90 one person, overtaken by a gen", day_overtaken,
	    BND_F_UNAPPROVED },
	{ "L90 one person, a day too late", day_too_late, BND_F_RUSHED },
	{ "L90 one person with his other key", day_of_own_person,
	    BND_F_UNAPPROVED },
	{ "L83 a day does not make up for a person", day_for_loosening,
	    BND_F_UNAPPROVED },
	{ "L83 nor for an enrolment", day_for_enrolling, BND_F_UNAPPROVED },
	{ "L90 a key revoked by another as if itself", itself_another,
	    BND_F_UNAPPROVED },
	{ "L90 itself, after ten minutes", itself_much_later,
	    BND_F_UNAPPROVED },
	{ "L90 itself, in another boot", itself_other_boot, BND_F_UNAPPROVED },
	{ "L90 itself, the last", itself_last, BND_F_RULE },
};

/* ---- what is right ---- */

/* The positive control of every row above: each kind approves alone. */
static void
test_kinds(void)
{
	static const struct {
		unsigned who;
		uint32_t counter;
		bool sha256;
	} cases[] = {
		{ ALICE, 0, false },
		{ BOB, 0, false },
		{ CAROL, 7, false },
		{ CAROL, 7, true },
		{ CAROL, UINT32_MAX - 1, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct forge f;
		struct forge_text t;

		all_kinds(&f);
		f.key[CAROL].token.sha256 = cases[i].sha256;
		if (cases[i].counter != 0)
			f.key[CAROL].token.counter = cases[i].counter;
		t = asked(&f);
		forge_approve(&f, &t, cases[i].who);
		forge_wait(&f, 60);
		forge_intent(&f, BND_AIRGAP, BND_TRUSTED, t.id);
		forge_commit(&f, BND_AIRGAP, BND_TRUSTED, 3);
		judge(&f);
		is_int(heard.exit, 0, "%s alone loosens, by %s",
		    f.key[cases[i].who].entry.name,
		    bnd_key_kind_name(f.key[cases[i].who].entry.pub.kind));
		is_int(f.ledger.deed.by.n, 1, "and is the only one");
		is_str(f.ledger.deed.by.by[0].name,
		    f.key[cases[i].who].entry.name, "who is named");
		forge_free(&f);
	}
}

/* A token that does not count says 0 for ever. */
static void
test_no_counter(void)
{
	static struct forge f;

	forge_start(&f);
	forge_key_kind(&f, "carol", "carol", BND_KEY_SSH);
	f.key[0].token.counter = 0;
	forge_prove(&f, 0);
	forge_genesis(&f);
	for (unsigned i = 0; i < 3; i++) {
		forge_tighten(&f, BND_AIRGAP);
		forge_loosen(&f, BND_TRUSTED);
	}
	judge(&f);
	is_int(heard.exit, 0, "a token without a counter may go on");
	f.key[0].token.counter = 3;
	forge_tighten(&f, BND_AIRGAP);
	forge_loosen(&f, BND_TRUSTED);
	judge(&f);
	is_int(heard.exit, 0, "and begin to count");
	forge_free(&f);
}

/* Eight tokens with the longest names there are fit into one record. */
static void
test_full(void)
{
	static struct forge f;
	char name[BND_NAME_MAX + 1], app[BND_APP_MAX + 1];

	memset(app, 'a', sizeof(app));
	memcpy(app, "ssh:", 4);
	app[BND_APP_MAX] = '\0';
	forge_start(&f);
	for (unsigned i = 0; i < BND_APPROVERS_MAX; i++) {
		struct forge_key *k = &f.key[i];

		memset(name, 'a' + (int)i, sizeof(name));
		name[BND_NAME_MAX] = '\0';
		forge_key_kind(&f, name, name, BND_KEY_SSH);
		memcpy(k->entry.pub.app, app, sizeof(app));
		k->token.app = app;
		k->token.counter = UINT32_MAX - 100;
		forge_prove(&f, i);
	}
	forge_genesis(&f);
	forge_tighten(&f, BND_LOCKDOWN);
	forge_loosen(&f, BND_OPEN);
	judge(&f);
	is_int(heard.exit, 0, "eight tokens fit");
	is_int(f.ledger.approvers, 8, "and are live");
	forge_free(&f);
}

/* Keys of every kind are let in later, and then approve. */
static void
test_enrolled(void)
{
	static const enum bnd_key_kind kinds[] = { BND_KEY_MINISIGN,
		BND_KEY_SSH, BND_KEY_PASSPHRASE };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		static struct forge f;
		struct bnd_challenge c;
		struct forge_text t;
		char entry[BND_ENTRY_MAX];
		unsigned k;

		forge_begin(&f, 2);
		k = forge_key_kind(&f, "dave", "dave", kinds[i]);
		c = forge_challenge(&f, BND_OPEN);
		c.action = BND_ACTION_ENROLL;
		c.need = 2;
		c.cooldown_s = 90;
		bnd_challenge_subject_enroll(&f.key[k].entry, c.subject);
		t = forge_ceremony(&f, &c);
		forge_entry(&f, k, entry, sizeof(entry));
		forge_add(&f, "approver.enroll",
		    "{\"entry\":%s,\"auth\":\"%s\"}", entry, t.id);
		is_str(f.ledger.deed.whom.name, "dave", "dave is let in");
		is_int(f.ledger.deed.by.n, 2, "by two");
		t = asked(&f);
		forge_approve(&f, &t, k);
		forge_wait(&f, 60);
		forge_intent(&f, BND_AIRGAP, BND_TRUSTED, t.id);
		forge_commit(&f, BND_AIRGAP, BND_TRUSTED, 3);
		judge(&f);
		is_int(heard.exit, 0, "and approves with his %s",
		    bnd_key_kind_name(kinds[i]));
		forge_free(&f);
	}
}

static void
test_one_person_revokes(void)
{
	static struct forge f;
	struct forge_text t;

	forge_begin(&f, 2);
	t = alone(&f, 1, 0, DAY);
	send_away(&f, 1, &t);
	judge(&f);
	is_int(heard.exit, 0, "L90 one person revokes another after a day");
	is_int(heard.count[BND_F_SINGLE_APPROVER], 1, "which is noted");
	is_int(f.ledger.approvers, 1, "and is in force");
	is_int(f.ledger.deed.action, BND_ACTION_REVOKE, "the deed is kept");
	is_str(f.ledger.deed.whom.name, "bob", "with who is gone");
	is_str(f.ledger.deed.by.by[0].name, "alice", "and by whom");
	forge_free(&f);

	forge_begin(&f, 3);
	t = alone(&f, 1, 0, 0);
	forge_approve(&f, &t, 2);
	forge_wait(&f, DAY);
	send_away(&f, 1, &t);
	judge(&f);
	is_int(heard.exit, 0, "two that wait for a day all the same");
	is_int(heard.count[BND_F_SINGLE_APPROVER], 0, "are not one");
	forge_free(&f);
}

/* A drill changes nothing but what is known of the keys. */
static void
test_drill(void)
{
	static struct forge f;
	struct bnd_challenge c;
	struct forge_text t;

	all_kinds(&f);
	c = forge_challenge(&f, BND_OPEN);
	c.action = BND_ACTION_DRILL;
	c.to = c.from;
	c.need = 3;
	t = forge_open(&f, &c);
	for (unsigned i = ALICE; i <= CAROL; i++)
		forge_approve(&f, &t, i);
	forge_add(
	    &f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"drilled\"}", t.id);
	judge(&f);
	is_int(heard.exit, 0, "a drill");
	for (unsigned i = ALICE; i <= CAROL; i++)
		is_int((long long)f.ledger.use[i].worked, 2 + i,
		    "%s's key worked", f.key[i].entry.name);
	is_int(f.ledger.use[CAROL].counter, 8, "and the token has counted");
	is_int((long long)f.ledger.deed.seq, 0, "but nothing was done");
	forge_free(&f);
}

/* The last deed is what was done, not what was tried. */
static void
test_deeds(void)
{
	static struct forge f;
	struct bnd_challenge c;
	struct forge_text t;

	forge_begin(&f, 2);
	forge_tighten(&f, BND_AIRGAP);
	c = forge_challenge(&f, BND_TRUSTED);
	t = forge_ceremony(&f, &c);
	forge_intent(&f, BND_AIRGAP, BND_TRUSTED, t.id);
	is_int((long long)f.ledger.deed.seq, 0, "an intent is no deed");
	forge_commit(&f, BND_AIRGAP, BND_TRUSTED, 3);
	is_int((long long)f.ledger.deed.seq, (long long)f.seq - 1,
	    "its commit is");
	is_int(f.ledger.deed.by.given, true, "allowed");
	is_str(f.ledger.deed.by.reason, "test", "with the reason signed");
	forge_commit(&f, BND_TRUSTED, BND_OPEN, 4);
	is_int(f.ledger.deed.to, BND_OPEN, "one without an intent is kept too");
	is_int(f.ledger.deed.by.n, 0, "allowed by nobody");
	is_int(f.ledger.use[0].worked > f.ledger.use[0].enrolled, true,
	    "a key that signed has worked");
	is_int(
	    (long long)f.ledger.use[1].worked, 0, "one that did not has not");
	forge_free(&f);
}

int
main(void)
{
	scratch_make(&at);
	test_breaches(rows, sizeof(rows) / sizeof(rows[0]), 3);
	test_kinds();
	test_no_counter();
	test_full();
	test_enrolled();
	test_one_person_revokes();
	test_drill();
	test_deeds();
	scratch_remove(&at);
	return tap_done();
}
