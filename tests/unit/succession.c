/* succession.c: who may come after a log, and whom the old pin believes */
/* SPDX-License-Identifier: ISC */
#include "heir.h"

#include <fcntl.h>

#include "claim.h"
#include "forge.h"
#include "tap.h"
#include "verify.h"

/*
 * Each row is root with a live key of the new log and the old files in his
 * hand: all he writes is properly signed.  What he lacks are the approvers.
 */
static struct scratch then, now; /* roots of the old log and of the new */
static char then_log[96], then_pin[96];

static struct {
	unsigned count[BND_F_LAST];
	char detail[BND_DETAIL_MAX];
} heard;

static void
hear(void *arg, const struct bnd_finding *f)
{
	(void)arg;
	if (!bnd_code_is_note(f->code) && heard.detail[0] == '\0')
		snprintf(heard.detail, sizeof(heard.detail), "%s", f->detail);
	heard.count[f->code]++;
}

/* For another verifier, too. */
static void
put(const struct forge *f)
{
	static unsigned n;
	const char *dir = getenv("BND_ROGUE_DIR");
	char name[256];

	forge_save(f, now.dir);
	if (dir == NULL)
		return;
	snprintf(name, sizeof(name), "%s/%03u", dir, n++);
	if (mkdir(name, 0755) != 0)
		bail(name);
	forge_save(f, name);
}

static int
verify(const char *pin, const char *previous, bool nascent)
{
	struct bnd_verify in = { .root = &now.root,
		.pin = pin,
		.previous = previous,
		.nascent = nascent,
		.sink = { hear, NULL } };
	struct bnd_verdict v;
	struct bnd_err err;

	memset(&heard, 0, sizeof(heard));
	if (bnd_verify(&in, &v, &err) != 0) {
		printf("# %s\n", err.text);
		return 2;
	}
	return v.exit;
}

static void
heir_of(const struct bnd_pin *pin, struct bnd_heir *h)
{
	int dir = open(then_log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct bnd_err err;

	if (bnd_heir_read(pin, dir, h, &err) != 0)
		bail(err.text);
	if (dir >= 0)
		close(dir);
}

/* ---- the old log and its successor ---- */

static void
old_log(struct forge *old)
{
	forge_begin(old, 3);
	old->keys = 3;
	forge_tighten(old, BND_AIRGAP);
	forge_add(old, "usb.event", "{\"port\":\"1-1\"}");
	forge_save(old, then.dir);
}

/* What is true: root may then say something else. */
static void
ask(struct bnd_succeeds *s)
{
	struct bnd_heir h;

	heir_of(NULL, &h);
	*s = h.s;
	s->mode = bnd_heir_mode(&h);
	snprintf(s->reason, sizeof(s->reason), "HEAD_AHEAD: a test");
}

static void
begin(struct forge *f, const struct forge *old, const struct bnd_succeeds *s)
{
	forge_start(f);
	f->succeeds = s;
	f->keys = old->keys;
	memcpy(f->key, old->key, sizeof(f->key));
	f->now = old->now;
	forge_wait(f, 60);
	forge_genesis(f);
}

static struct bnd_challenge
challenge(const struct forge *f)
{
	struct bnd_challenge c = forge_challenge(f, BND_LOCKDOWN);

	c.action = BND_ACTION_SUCCEED;
	bnd_succeeds_subject(f->succeeds, c.subject);
	return c;
}

static void
approve(struct forge *f)
{
	struct bnd_challenge c = challenge(f);
	struct forge_text t = forge_ceremony(f, &c);

	forge_add(f, "log.succeed", "{\"auth\":\"%s\"}", t.id);
}

/* ---- a rightful one ---- */

static void
rightful(void)
{
	static struct forge old, f;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	is_int(s.mode, BND_AIRGAP, "whole, it proves the mode it ends in");
	begin(&f, &old, &s);
	put(&f);
	is_int(verify(NULL, NULL, true), 0, "nascent, it is what it says");
	is_int(verify(NULL, NULL, false), 1, "but no log of a host");
	is_int(heard.count[BND_F_UNAPPROVED], 1, "because nobody approved it");
	approve(&f);
	put(&f);
	is_int(verify(NULL, NULL, false), 0, "approved, with its own pin: 0");
	is_int(verify(NULL, then_log, false), 0, "and before the old log: 0");
	is_int(verify(then_pin, NULL, false), 4, "the old pin: 4");
	is_int(heard.count[BND_F_REINIT], 1, "another log");
	is_int(verify(then_pin, then_log, false), 5, "with the old log: 5");
	is_int(heard.count[BND_F_SUCCESSION], 1, "its rightful successor");
	forge_loosen(&f, BND_AIRGAP);
	put(&f);
	is_int(verify(NULL, then_log, false), 0,
	    "and LOCKDOWN is left for the mode it came from");
	forge_free(&old);
	forge_free(&f);
}

/* ---- what the new log alone shows ---- */

static void
premature(const char *what, const char *ev, const char *body)
{
	static struct forge old, f;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	begin(&f, &old, &s);
	forge_body(&f, ev, body);
	approve(&f);
	put(&f);
	is_int(verify(NULL, NULL, false), 1, "%s before the quorum", what);
	ok(heard.count[BND_F_UNAPPROVED] > 0, "is told: %s", heard.detail);
	forge_free(&old);
	forge_free(&f);
}

static void
other_ceremony(void)
{
	static struct forge old, f;
	struct bnd_challenge c;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	begin(&f, &old, &s);
	c = forge_challenge(&f, BND_AIRGAP);
	forge_open(&f, &c);
	put(&f);
	is_int(verify(NULL, NULL, true), 1, "a ceremony that loosens");
	is_int(heard.count[BND_F_UNAPPROVED], 1, "has no place there");
	forge_free(&f);
	begin(&f, &old, &s);
	c = challenge(&f);
	s.mark.seq++;
	bnd_succeeds_subject(&s, c.subject);
	forge_open(&f, &c);
	put(&f);
	is_int(verify(NULL, NULL, true), 1, "nor one for another succession");
	forge_free(&f);
	c = forge_challenge(&old, BND_LOCKDOWN);
	c.action = BND_ACTION_SUCCEED;
	c.from = c.to = old.ledger.mode;
	bnd_succeeds_subject(&s, c.subject);
	forge_open(&old, &c);
	put(&old);
	is_int(verify(NULL, NULL, false), 1, "nor a succession in any log");
	forge_free(&old);
}

/* How root might come by a log.succeed of his own. */
enum trick { NO_AUTH, TOO_FEW, TOO_SOON, OTHER_TEXT, TWICE, ORDINARY };

static void
play(struct forge *f, enum trick trick)
{
	struct bnd_challenge c = challenge(f);
	struct forge_text t = { .id = "0123456789abcdef" };

	if (trick == NO_AUTH) {
		forge_add(f, "log.succeed", "{\"auth\":null}");
		return;
	}
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	if (trick == OTHER_TEXT)
		forge_approve_bytes(f, &t, 1, t.text, t.len - 1);
	else if (trick != TOO_FEW)
		forge_approve(f, &t, 1);
	forge_wait(f, trick == TOO_SOON ? c.cooldown_s - 1 : c.cooldown_s);
	forge_add(f, "log.succeed", "{\"auth\":\"%s\"}", t.id);
	if (trick == TWICE)
		forge_add(f, "log.succeed", "{\"auth\":\"%s\"}", t.id);
}

static void
tricks(void)
{
	static const struct {
		enum trick trick;
		enum bnd_code code;
		const char *what;
	} rows[] = {
		{ NO_AUTH, BND_F_UNAPPROVED, "without a ceremony" },
		{ TOO_FEW, BND_F_UNAPPROVED, "with one of two persons" },
		{ OTHER_TEXT, BND_F_UNAPPROVED, "signed for another text" },
		{ TOO_SOON, BND_F_RUSHED, "before the cool-down" },
		{ TWICE, BND_F_RULE, "a second time" },
	};
	static struct forge old, f;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&f, &old, &s);
		play(&f, rows[i].trick);
		put(&f);
		is_int(verify(NULL, NULL, false), 1, "%s", rows[i].what);
		ok(heard.count[rows[i].code] > 0, "is %s: %s",
		    bnd_code_name(rows[i].code), heard.detail);
		forge_free(&f);
	}
	forge_add(&old, "log.succeed", "{\"auth\":null}");
	put(&old);
	is_int(verify(NULL, NULL, false), 1, "in a log that succeeds none");
	is_int(heard.count[BND_F_RULE], 1, "is a breach");
	forge_free(&old);
}

static void
what_is_carried(void)
{
	static struct forge old, f;
	struct bnd_challenge c;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	begin(&f, &old, &s);
	approve(&f);
	forge_loosen(&f, BND_TRUSTED);
	put(&f);
	is_int(verify(NULL, NULL, false), 1, "further than it came from");
	forge_free(&f);
	s.frozen = true;
	begin(&f, &old, &s);
	approve(&f);
	forge_loosen(&f, BND_AIRGAP);
	put(&f);
	is_int(verify(NULL, NULL, false), 1, "out of a freeze");
	ok(heard.count[BND_F_FROZEN] > 0, "that was carried over");
	forge_free(&f);
	begin(&f, &old, &s);
	approve(&f);
	c = forge_challenge(&f, BND_LOCKDOWN);
	c.action = BND_ACTION_UNFREEZE;
	forge_add(&f, "mode.unfreeze", "{\"auth\":\"%s\",\"was\":0,\"now\":0}",
	    forge_ceremony(&f, &c).id);
	forge_loosen(&f, BND_AIRGAP);
	put(&f);
	is_int(verify(NULL, then_log, false), 0, "until it was ended");
	forge_free(&f);
	forge_free(&old);
}

static void
bad_genesis(void)
{
	static struct forge old, f;
	struct bnd_succeeds s;

	old_log(&old);
	ask(&s);
	bnd_random(s.origin[0], BND_ID_LEN);
	begin(&f, &old, &s);
	approve(&f);
	put(&f);
	is_int(verify(NULL, NULL, false), 1, "a proof for none of the origins");
	ok(heard.count[BND_F_GENESIS] > 0, "is none: %s", heard.detail);
	forge_free(&f);
	forge_free(&old);
}

/* ---- what the old log shows ---- */

enum lie {
	STRANGER,
	ONE_LESS,
	RENAMED,
	OTHER_PERSON,
	LAXER,
	OTHER_LOG,
	OTHER_LINK,
	EARLIER,
	UNFROZEN,
	LIES
};

static void
tell(struct forge *f, struct forge *old, enum lie lie)
{
	static struct bnd_succeeds s;

	ask(&s);
	if (lie == STRANGER)
		(void)forge_key_make(old, "mallory", "mallory");
	if (lie == ONE_LESS)
		old->keys--;
	if (lie == RENAMED || lie == OTHER_PERSON) {
		old->keys = 0;
		(void)forge_key_make(old, lie == RENAMED ? "alicia" : "alice",
		    lie == RENAMED ? "alice" : "mallory");
		old->keys = 3;
	}
	if (lie == LAXER)
		s.mode = BND_OPEN;
	if (lie == OTHER_LOG)
		bnd_random(s.id, sizeof(s.id));
	if (lie == OTHER_LINK)
		bnd_random(s.mark.link, sizeof(s.mark.link));
	if (lie == UNFROZEN)
		s.frozen = false;
	begin(f, old, &s);
	approve(f);
	put(f);
}

static void
lies(void)
{
	static const char *const what[LIES] = {
		[STRANGER] = "an approver more",
		[ONE_LESS] = "an approver less",
		[RENAMED] = "an approver of another name and key",
		[OTHER_PERSON] = "another person of that name",
		[LAXER] = "a laxer mode",
		[OTHER_LOG] = "another log",
		[OTHER_LINK] = "another record",
		[EARLIER] = "an earlier record",
		[UNFROZEN] = "a freeze forgotten",
	};
	static struct forge old, f;

	for (int lie = 0; lie < LIES; lie++) {
		old_log(&old);
		if (lie == UNFROZEN)
			forge_add(&old, "mode.freeze", "{\"reason\":\"test\"}");
		forge_save(&old, then.dir);
		tell(&f, &old, (enum lie)lie);
		if (lie == EARLIER) {
			forge_add(&old, "usb.event", "{}");
			forge_save(&old, then.dir);
		}
		is_int(verify(NULL, NULL, false), 0,
		    "control: by itself the new log is good: %s", what[lie]);
		is_int(verify(NULL, then_log, false), 1,
		    "before the old one it is not");
		ok(heard.count[BND_F_UNAPPROVED] > 0, "%s", heard.detail);
		is_int(verify(then_pin, then_log, false), 4,
		    "nor is it for who holds the old pin");
		forge_free(&f);
		forge_free(&old);
	}
}

/* A revoked approver lives again where root cut the log; a copy shows it. */
static void
revoked(void)
{
	static struct forge old, f;
	struct bnd_succeeds s;
	struct bnd_challenge c;
	char key[2 * BND_APPROVER_ID_LEN + 1];
	size_t cut;

	old_log(&old);
	cut = old.len;
	c = forge_challenge(&old, old.ledger.mode);
	c.action = BND_ACTION_REVOKE;
	bnd_text_to_hex(old.key[2].entry.id, BND_APPROVER_ID_LEN, key);
	snprintf(c.subject, sizeof(c.subject), "%s", key);
	c.need = 2;
	c.cooldown_s = 90;
	forge_add(&old, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}",
	    key, forge_ceremony(&old, &c).id);
	forge_save(&old, then.dir);
	forge_write(then.dir, FORGE_LOG, old.log, cut, 0600);
	ask(&s);
	is_int(s.mode, BND_COLDROOM, "of a cut log nobody knows the mode");
	begin(&f, &old, &s);
	approve(&f);
	put(&f);
	is_int(verify(NULL, then_log, false), 0, "as cut, it fits");
	s.mode = BND_AIRGAP;
	forge_free(&f);
	begin(&f, &old, &s);
	approve(&f);
	put(&f);
	is_int(verify(NULL, then_log, false), 1,
	    "but the mode of the cut does not, beside a head that knows more");
	forge_write(then.dir, FORGE_LOG, old.log, old.len, 0600);
	is_int(verify(NULL, then_log, false), 1, "a longer copy shows the cut");
	ok(heard.count[BND_F_UNAPPROVED] > 0, "%s", heard.detail);
	forge_free(&f);
	forge_free(&old);
}

/* ---- the provable beginning ---- */

static void
provable(void)
{
	static struct forge old;
	static char pin_text[BND_PIN_MAX];
	struct bnd_pin pin;
	struct bnd_err err;
	struct bnd_heir h;
	size_t len;
	unsigned wrong = 0, lost = 0;

	old_log(&old);
	if (bnd_pin_write(old.id, old.genesis_link,
		(struct bnd_str){ old.genesis, old.genesis_len - 1 }, pin_text,
		sizeof(pin_text), &len, &err) != 0 ||
	    bnd_pin_parse((struct bnd_str){ pin_text, len }, &pin, &err) != 0)
		bail(err.text);
	heir_of(&pin, &h);
	ok(h.s.mark.seq == old.seq - 1 && h.end == BND_END_PROVEN &&
		!h.from_pin && h.approvers == 3,
	    "control: all of it");
	for (size_t i = 0; i < old.len; i++) {
		uint64_t seq = 0;

		old.log[i] ^= 1;
		forge_write(then.dir, FORGE_LOG, old.log, old.len, 0600);
		old.log[i] ^= 1;
		while (old.at[seq + 1] <= i)
			seq++;
		heir_of(&pin, &h);
		wrong += seq == 0 ? !h.from_pin || h.s.mark.seq != 0
				  : h.s.mark.seq != seq - 1;
		lost += h.end != BND_END_LOST;
	}
	is_int(wrong, 0, "a byte changed: up to the record before it");
	is_int(lost, 0, "and what was behind it is lost");
	for (size_t i = 0; i < old.len; i += 7) {
		forge_write(then.dir, FORGE_LOG, old.log, i, 0600);
		heir_of(&pin, &h);
		lost += h.end != BND_END_LOST;
	}
	is_int(lost, 0, "cut anywhere, the head still says so");
	unlink(then_log);
	forge_write(then.dir, FORGE_LOG, "", 0, 0600);
	heir_of(&pin, &h);
	ok(h.from_pin && h.approvers == 3 && bnd_heir_mode(&h) == BND_COLDROOM,
	    "emptied: the approvers of the pin, and no mode");
	ok(bnd_heir_read(NULL, -1, &h, &err) != 0,
	    "neither log nor pin: nothing, and nobody: %s", err.text);
	forge_free(&old);
}

/* Root's own records, properly signed, against the rules. */
static void
unlawful(void)
{
	static struct forge old;
	struct bnd_heir h;
	uint64_t lawful;

	old_log(&old);
	lawful = old.seq - 1;
	forge_commit(&old, BND_AIRGAP, BND_OPEN, old.ledger.gen + 1);
	forge_add(&old, "usb.event", "{}");
	forge_save(&old, then.dir);
	heir_of(NULL, &h);
	ok(h.s.mark.seq == lawful && h.s.mode == BND_AIRGAP &&
		h.end == BND_END_LOST,
	    "up to the record before the one nobody approved");
	forge_free(&old);
}

/* Eight tokens with the longest names there are, and what is said besides. */
static void
full(void)
{
	static struct forge old;
	static char list[BND_RECORD_MAX];
	struct bnd_succeeds s;
	struct bnd_genesis g = { .succeeds = &s };
	char name[BND_NAME_MAX + 1], app[BND_APP_MAX + 1];
	struct bnd_mark mark;
	struct scratch new;
	struct bnd_err err;
	struct bnd_json j;

	memset(app, 'a', sizeof(app));
	memcpy(app, "ssh:", 4);
	app[BND_APP_MAX] = '\0';
	forge_start(&old);
	for (unsigned i = 0; i < BND_APPROVERS_MAX; i++) {
		struct forge_key *k = &old.key[i];

		memset(name, 'a' + (int)i, sizeof(name));
		name[BND_NAME_MAX] = '\0';
		forge_key_kind(&old, name, name, BND_KEY_SSH);
		memcpy(k->entry.pub.app, app, sizeof(app));
		k->token.app = app;
		k->token.counter = UINT32_MAX - 100;
		forge_prove(&old, i);
	}
	forge_genesis(&old);
	forge_save(&old, then.dir);
	ask(&s);
	snprintf(s.reason, sizeof(s.reason), "ANCHOR_AHEAD");
	s.mark.seq = BND_SEQ_MAX;
	bnd_json_begin(&j, list, sizeof(list));
	bnd_json_open(&j, NULL, '[');
	for (unsigned i = 0; i < old.keys; i++)
		bnd_approver_to_json(&old.key[i].entry, &j, NULL);
	bnd_json_close(&j, ']');
	ok(bnd_json_end(&j), "eight tokens");
	g.approvers = (struct bnd_str){ list, j.len };
	bnd_random(g.id, sizeof(g.id));
	scratch_make_fast(&new);
	ok(bnd_log_init(&new.root, &g, &mark, &err) == 0,
	    "fit into a successor's record 0");
	scratch_remove(&new);
	forge_free(&old);
}

/* The proofs of the first log are good for the third. */
static void
again(void)
{
	static struct forge first, second, third;
	struct bnd_succeeds s, s2;

	old_log(&first);
	ask(&s);
	begin(&second, &first, &s);
	approve(&second);
	forge_save(&second, then.dir);
	ask(&s2);
	is_int(s2.origins, 1, "one origin");
	ok(memcmp(s2.origin[0], first.id, BND_ID_LEN) == 0, "the first log");
	begin(&third, &second, &s2);
	approve(&third);
	put(&third);
	is_int(verify(NULL, then_log, false), 0, "a successor's successor");
	is_int(verify(then_pin, then_log, false), 5, "by the pin before it");
	forge_free(&first);
	forge_free(&second);
	forge_free(&third);
}

int
main(void)
{
	scratch_make_fast(&then);
	scratch_make_fast(&now);
	snprintf(then_log, sizeof(then_log), "%s/" BND_LOG_DIR, then.dir);
	snprintf(then_pin, sizeof(then_pin), "%s/" BND_LOG_PIN, then.dir);
	rightful();
	premature("an event", "usb.event", "{}");
	premature("a check", "mode.check", "{}");
	premature("an intent", "mode.intent",
	    "{\"txn\":\"1\",\"from\":\"LOCKDOWN\",\"to\":\"LOCKDOWN\","
	    "\"why\":\"\",\"policy\":null,\"auth\":null}");
	premature("the end", "log.suppressed", "{\"of\":\"x\",\"n\":1}");
	other_ceremony();
	tricks();
	what_is_carried();
	bad_genesis();
	lies();
	revoked();
	provable();
	unlawful();
	full();
	again();
	scratch_remove(&then);
	scratch_remove(&now);
	return tap_done();
}
