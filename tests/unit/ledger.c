/* ledger.c: every rule of the chain, broken once by a properly signed record */
/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include "breach.h"
#include "claim.h"

/* ---- L78 to L93: each takes a good log and breaks one rule ---- */

static void
l78_commit_alone(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_commit(f, BND_AIRGAP, BND_OPEN, f->ledger.gen + 1);
}

static void
l78_no_auth(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, NULL);
	forge_commit(f, BND_AIRGAP, BND_TRUSTED, f->ledger.gen + 1);
}

static void
l78_other_txn(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	good(f);
	forge_add(f, "mode.commit",
	    "{\"txn\":\"ff\",\"from\":\"AIRGAP\",\"to\":\"TRUSTED\",\"gen\":3,"
	    "\"policy\":null,\"enforced\":{}}");
}

static void
l78_commit_further(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	good(f);
	forge_commit(f, BND_AIRGAP, BND_OPEN, f->ledger.gen + 1);
}

static void
l79_used(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	forge_commit(f, BND_AIRGAP, BND_TRUSTED, f->ledger.gen + 1);
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l79_twice(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l79_cancelled(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

/* Root with the live key copies open and approve once more. */
static void
l79_cancelled_again(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	good(f);
	forge_open_text(f, &t);
	forge_approve(f, &t, 0);
	forge_wait(f, 60);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	forge_commit(f, BND_AIRGAP, BND_TRUSTED, f->ledger.gen + 1);
}

/* So many boots are made up that the ceremony's own seems to be a new one. */
static struct forge_text
made_up_boots(struct forge *f)
{
	const struct bnd_now was = f->now;
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	for (unsigned i = 0; i < BND_LEDGER_BOOTS; i++) {
		f->now.boot[0] = 'f';
		f->now.boot[1] = "0123456789abcdef"[i / 16];
		f->now.boot[2] = "0123456789abcdef"[i % 16];
		f->now.boot_us = i + 1;
		forge_add(f, "usb.event", "{}");
	}
	f->now = was;
	forge_wait(f, 1);
	return t;
}

static void
l79_made_up_boots(struct forge *f)
{
	struct forge_text t = made_up_boots(f);

	forge_add(f, "usb.event", "{}");
	good(f);
	forge_open_text(f, &t);
	forge_approve(f, &t, 0);
	forge_wait(f, 60);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	forge_commit(f, BND_AIRGAP, BND_TRUSTED, f->ledger.gen + 1);
}

/* Nor the older of two texts, both signed in time. */
static void
l79_older_text(struct forge *f)
{
	struct bnd_challenge older, c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	older = forge_challenge(f, BND_TRUSTED);
	forge_wait(f, 1);
	c = forge_challenge(f, BND_RESTRICTED);
	t = forge_open(f, &c);
	forge_add(
	    f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}", t.id);
	good(f);
	forge_open(f, &older);
}

static void
l79_other_action(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	c.action = BND_ACTION_UNFREEZE;
	c.to = c.from;
	c.need = 2;
	c.cooldown_s = 90;
	t = forge_ceremony(f, &c);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l79_other_modes(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_OPEN, t.id);
}

static void
l79_other_boot(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	f->now.boot[0] = 'f';
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l79_overtaken(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_tighten(f, BND_AIRGAP); /* a repair is a new gen */
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l80_earlier_text(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text one, two;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	one = forge_open(f, &c);
	forge_add(f, "ceremony.end", "{\"open\":\"%s\",\"why\":\"cancelled\"}",
	    one.id);
	c = forge_challenge(f, BND_TRUSTED);
	two = forge_open(f, &c);
	good(f);
	forge_approve_bytes(f, &two, 0, one.text, one.len);
}

static void
l80_one_byte(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t, other;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_open(f, &c);
	good(f);
	other = t;
	other.text[other.len - 2] ^= 1;
	forge_approve_bytes(f, &t, 0, other.text, other.len);
}

static void
l80_other_log(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	c.log_id[0] ^= 1;
	forge_open(f, &c);
}

static void
l81_too_few(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

static void
l81_key_twice(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	t = forge_open(f, &c);
	forge_approve(f, &t, 1);
	forge_approve(f, &t, 1);
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

static void
l81_one_person(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_free(f);
	forge_start(f);
	forge_key_make(f, "alice", "alice");
	forge_key_make(f, "alice-usb", "alice");
	forge_key_make(f, "bob", "bob");
	forge_genesis(f);
	forge_tighten(f, BND_COLDROOM);
	c = forge_challenge(f, BND_AIRGAP);
	is_int(c.need, 2, "two persons of three keys: two are the rule");
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	forge_approve(f, &t, 1);
	forge_wait(f, 90);
	good(f);
	forge_intent(f, BND_COLDROOM, BND_AIRGAP, t.id);
}

static void
l82_stranger(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;
	unsigned i = forge_key_make(f, "mallory", "mallory");

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_open(f, &c);
	good(f);
	forge_approve(f, &t, i);
}

/* Revoke key i by the two others; the ceremony is as it should be. */
static void
quorum_revokes(struct forge *f, unsigned i, unsigned by_a, unsigned by_b)
{
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);
	char id[2 * BND_APPROVER_ID_LEN + 1];
	struct forge_text t;

	bnd_text_to_hex(f->key[i].entry.id, BND_APPROVER_ID_LEN, id);
	c.action = BND_ACTION_REVOKE;
	c.to = c.from;
	c.need = 2;
	c.cooldown_s = 90;
	snprintf(c.subject, sizeof(c.subject), "%s", id);
	t = forge_open(f, &c);
	forge_approve(f, &t, by_a);
	forge_approve(f, &t, by_b);
	forge_wait(f, 90);
	forge_add(
	    f, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}", id, t.id);
}

static void
l82_revoked(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	quorum_revokes(f, 2, 0, 1);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_open(f, &c);
	good(f);
	forge_approve(f, &t, 2);
}

/* Enrolling closes what was open, so a later key can approve nothing older. */
static void
l82_later_key(struct forge *f)
{
	unsigned i = forge_key_make(f, "dave", "dave");
	char entry[512], subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_AIRGAP);
	c.action = BND_ACTION_ENROLL;
	c.need = 2;
	c.cooldown_s = 90;
	bnd_challenge_subject_enroll(&f->key[i].entry, subject);
	memcpy(c.subject, subject, sizeof(subject));
	t = forge_ceremony(f, &c);
	forge_entry(f, i, entry, sizeof(entry));
	forge_add(f, "approver.enroll", "{\"entry\":%s,\"auth\":\"%s\"}", entry,
	    t.id);
	good(f);
	is_int(f->ledger.approvers, 4, "a key is enrolled by two others");
	forge_approve(f, &t, i);
}

static void
l83_need(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_COLDROOM);
	good(f);
	c = forge_challenge(f, BND_AIRGAP);
	c.need = 1;
	forge_open(f, &c);
}

static void
l83_cooldown(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_COLDROOM);
	good(f);
	c = forge_challenge(f, BND_AIRGAP);
	c.cooldown_s = 89;
	forge_open(f, &c);
}

static void
l84_early(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	f->now.boot_us -= 1000001; /* what the records took, and a second */
	f->now.boot_us -= f->now.boot_us % 2;
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l84_late(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	forge_wait(f, 601);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l84_late_approval(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_open(f, &c);
	good(f);
	forge_wait(f, 601);
	forge_approve(f, &t, 0);
}

static void
l85_frozen_between(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	forge_add(f, "mode.freeze", "{\"reason\":\"test\"}");
	good(f);
	forge_commit(f, BND_AIRGAP, BND_TRUSTED, f->ledger.gen + 1);
}

static void
l85_frozen(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	forge_add(f, "mode.freeze", "{\"reason\":\"test\"}");
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
l85_unfreeze_alone(struct forge *f)
{
	forge_add(f, "mode.freeze", "{\"reason\":\"test\"}");
	good(f);
	forge_add(f, "mode.unfreeze", "{\"auth\":null}");
}

/* mode.unfreeze with a ceremony as it should be; clock is the rest of it. */
static void
unfreeze(struct forge *f, const char *clock)
{
	struct bnd_challenge c = forge_challenge(f, f->ledger.mode);
	struct forge_text t;

	c.action = BND_ACTION_UNFREEZE;
	c.need = 2;
	c.cooldown_s = 90;
	t = forge_ceremony(f, &c);
	forge_add(f, "mode.unfreeze", "{\"auth\":\"%s\"%s}", t.id, clock);
}

/* The first reason stays, and XB-04: what people unfreeze is unfrozen. */
static void
l85_unfreeze_clock(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	forge_add(f, "mode.freeze", "{\"reason\":\"first\"}");
	forge_add(f, "mode.freeze", "{\"reason\":\"second\"}");
	is_str(f->ledger.freeze_why, "first", "the first reason stays");
	unfreeze(f, ",\"was\":-5,\"now\":1763839216000000");
	ok(!f->ledger.frozen && f->ledger.clock_us == 1763839216000000,
	    "unfrozen, and the clock is as it was then");
	forge_loosen(f, BND_TRUSTED);
	forge_add(f, "clock.jump", "{\"was\":5,\"now\":-7}");
	is_int(f->ledger.clock_us, -7, "a step is accounted for");
	forge_add(f, "mode.freeze", "{\"reason\":\"third\"}");
	good(f);
	unfreeze(f, "");
}

/* A loosening that people wait for when somebody freezes. */
static void
l85_frozen_while(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_add(f, "mode.freeze", "{\"reason\":\"test\"}");
	unfreeze(f, ",\"was\":1,\"now\":2");
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

/* Frozen once more, behind what people signed to end it. */
static void
l85_frozen_again(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_add(f, "mode.freeze", "{\"reason\":\"first\"}");
	c = forge_challenge(f, f->ledger.mode);
	c.action = BND_ACTION_UNFREEZE;
	c.need = 2;
	c.cooldown_s = 90;
	t = forge_ceremony(f, &c);
	forge_add(f, "mode.freeze", "{\"reason\":\"second\"}");
	good(f);
	forge_add(
	    f, "mode.unfreeze", "{\"auth\":\"%s\",\"was\":1,\"now\":2}", t.id);
}

static void
jump_without(struct forge *f)
{
	good(f);
	forge_add(f, "clock.jump", "{\"was\":1,\"now\":\"2\"}");
}

static void
l86_too_far(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_TRUSTED);
	forge_tighten(f, BND_LOCKDOWN);
	forge_loosen(f, BND_TRUSTED);
	forge_tighten(f, BND_LOCKDOWN);
	c = forge_challenge(f, BND_RESTRICTED);
	t = forge_ceremony(f, &c);
	good(f);
	forge_intent(f, BND_LOCKDOWN, BND_RESTRICTED, t.id);
}

static void
l87_from(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_intent(f, BND_OPEN, BND_LOCKDOWN, NULL);
}

static void
l87_from_commit(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_commit(f, BND_OPEN, BND_RESTRICTED, f->ledger.gen + 1);
}

static void
l87_skipped(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	forge_commit(f, BND_OPEN, BND_AIRGAP, f->ledger.gen + 2);
}

static void
l87_repeated(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	forge_commit(f, BND_OPEN, BND_AIRGAP, f->ledger.gen);
}

static void
l88_boot(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	forge_add(f, "mode.boot",
	    "{\"mode\":\"TRUSTED\",\"gen\":3,\"why\":\"chain\"}");
}

static void
l88_boot_pending(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	forge_add(f, "mode.boot",
	    "{\"mode\":\"RESTRICTED\",\"gen\":2,\"why\":\"chain\"}");
}

static void
l88_fail(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	good(f);
	forge_add(f, "mode.fail",
	    "{\"txn\":\"%032x\",\"from\":\"AIRGAP\",\"to\":\"TRUSTED\","
	    "\"land\":\"TRUSTED\",\"gen\":3,\"failed\":[]}",
	    2);
}

static void
l88_recover(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	forge_add(f, "mode.recover",
	    "{\"txn\":\"%032x\",\"from\":\"OPEN\",\"to\":\"AIRGAP\","
	    "\"land\":\"OPEN\",\"gen\":2,\"failed\":[]}",
	    1);
}

static void
l88_late(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
	good(f);
	forge_add(f, "mode.commit",
	    "{\"late\":{\"t\":\"x\",\"bt\":1,\"h\":\"x\"},\"was\":{"
	    "\"txn\":\"%032x\",\"from\":\"AIRGAP\",\"to\":\"TRUSTED\","
	    "\"gen\":3,\"policy\":null,\"enforced\":{}}}",
	    2);
}

static void
l88_late_intent(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	t = forge_ceremony(f, &c);
	good(f);
	forge_add(f, "mode.intent",
	    "{\"late\":{\"t\":\"x\",\"bt\":1,\"h\":\"x\"},\"was\":{"
	    "\"txn\":\"aa\",\"from\":\"AIRGAP\",\"to\":\"TRUSTED\","
	    "\"why\":\"x\",\"policy\":null,\"auth\":\"%s\"}}",
	    t.id);
}

static void
l88_late_evidence(struct forge *f)
{
	good(f);
	forge_add(f, "ceremony.open",
	    "{\"late\":{\"t\":\"x\",\"bt\":1,\"h\":\"x\"},"
	    "\"was\":{\"text\":\"x\"}}");
}

/* approver.enroll of key i, with a ceremony as it should be. */
static void
enroll(struct forge *f, unsigned i)
{
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);
	char entry[512];
	struct forge_text t;

	c.action = BND_ACTION_ENROLL;
	c.to = c.from;
	c.need = bnd_ledger_persons(&f->ledger) >= 2 ? 2 : 1;
	c.cooldown_s = c.need == 2 ? 90 : 900;
	bnd_challenge_subject_enroll(&f->key[i].entry, c.subject);
	t = forge_ceremony(f, &c);
	forge_entry(f, i, entry, sizeof(entry));
	forge_add(f, "approver.enroll", "{\"entry\":%s,\"auth\":\"%s\"}", entry,
	    t.id);
}

static void
l89_alone(struct forge *f)
{
	unsigned i = forge_key_make(f, "dave", "dave");
	char entry[512];

	forge_entry(f, i, entry, sizeof(entry));
	good(f);
	forge_add(f, "approver.enroll", "{\"entry\":%s,\"auth\":null}", entry);
}

static void
l89_pop(struct forge *f)
{
	unsigned i = forge_key_make(f, "dave", "dave");

	good(f);
	f->key[i].entry.pop.sig[3] ^= 1;
	enroll(f, i);
}

/* The approvers let in dave; what is recorded says that he is somebody else. */
static void
l89_other_person(struct forge *f)
{
	unsigned i = forge_key_make(f, "dave", "dave");
	unsigned j;
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);
	char entry[512];
	struct forge_text t;

	c.action = BND_ACTION_ENROLL;
	c.need = 2;
	c.cooldown_s = 90;
	bnd_challenge_subject_enroll(&f->key[i].entry, c.subject);
	c.to = c.from;
	t = forge_ceremony(f, &c);
	j = forge_key_make(f, "dave", "zoe");
	memcpy(f->key[j].seed, f->key[i].seed, sizeof(f->key[j].seed));
	good(f);
	forge_entry(f, j, entry, sizeof(entry));
	forge_add(f, "approver.enroll", "{\"entry\":%s,\"auth\":\"%s\"}", entry,
	    t.id);
}

static void
l89_known(struct forge *f)
{
	quorum_revokes(f, 2, 0, 1);
	good(f);
	enroll(f, 2);
}

static void
l89_ninth(struct forge *f)
{
	static const char *const more[] = { "dave", "erin", "frank", "grace",
		"heidi" };

	for (unsigned i = 0; i < 5; i++)
		enroll(f, forge_key_make(f, more[i], more[i]));
	good(f);
	is_int(f->ledger.approvers, 8, "eight keys are enrolled");
	enroll(f, forge_key_make(f, "ivan", "ivan"));
}

static void
l90_last(struct forge *f)
{
	char id[2 * BND_APPROVER_ID_LEN + 1];
	struct bnd_challenge c;
	struct forge_text t;

	quorum_revokes(f, 2, 0, 1);
	quorum_revokes(f, 1, 0, 1);
	good(f);
	is_int(f->ledger.approvers, 1, "one key is left");
	bnd_text_to_hex(f->key[0].entry.id, BND_APPROVER_ID_LEN, id);
	c = forge_challenge(f, BND_OPEN);
	c.action = BND_ACTION_REVOKE;
	c.to = c.from;
	c.need = 1;
	c.cooldown_s = 900;
	snprintf(c.subject, sizeof(c.subject), "%s", id);
	t = forge_ceremony(f, &c);
	good(f);
	forge_add(
	    f, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}", id, t.id);
}

static void
l90_alone(struct forge *f)
{
	struct bnd_challenge c = forge_challenge(f, BND_OPEN);
	char id[2 * BND_APPROVER_ID_LEN + 1];
	struct forge_text t;

	bnd_text_to_hex(f->key[2].entry.id, BND_APPROVER_ID_LEN, id);
	c.action = BND_ACTION_REVOKE;
	c.to = c.from;
	c.need = 2;
	c.cooldown_s = 90;
	snprintf(c.subject, sizeof(c.subject), "%s", id);
	t = forge_open(f, &c);
	forge_approve(f, &t, 0);
	forge_wait(f, 90);
	good(f);
	forge_add(
	    f, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}", id, t.id);
}

/* A kind whose rule is not known verifies nothing: refuse, never believe. */
static void
l91_unknown_rule(struct forge *f)
{
	good(f);
	forge_free(f);
	forge_start(f);
	forge_key_make(f, "alice", "alice");
	f->key[0].entry.pub.kind = BND_KEY_MINISIGN;
	forge_genesis(f);
}

static void
l34_closed(struct forge *f)
{
	forge_add(f, "log.close", "{}");
	good(f);
	forge_add(f, "usb.event", "{}");
}

static void
l34_closed_twice(struct forge *f)
{
	forge_add(f, "log.close", "{}");
	good(f);
	forge_add(f, "log.close", "{}");
}

static void
l74_falls(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	good(f);
	f->now.boot_us -= 1000000;
	f->now.real_us -= 1000000;
	forge_add(f, "usb.event", "{}");
}

static void
l74_boot_returns(struct forge *f)
{
	f->now.boot[0] = 'f';
	f->now.boot_us = 1;
	forge_add(f, "usb.event", "{}");
	good(f);
	f->now.boot[0] = '0';
	f->now.boot_us = UINT64_C(900000000000);
	forge_add(f, "usb.event", "{}");
}

static void
two_open(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	forge_open(f, &c);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	forge_open(f, &c);
}

static void
open_other_gen(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	c.gen--;
	forge_open(f, &c);
}

static void
open_other_base(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	c.base.link[5] ^= 1;
	forge_open(f, &c);
}

static void
open_other_boot(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	c.boot[0] = 'e';
	forge_open(f, &c);
}

static void
open_in_future(struct forge *f)
{
	struct bnd_challenge c;

	forge_tighten(f, BND_AIRGAP);
	good(f);
	c = forge_challenge(f, BND_TRUSTED);
	c.opened_us += 10000000;
	forge_open(f, &c);
}

static void
open_no_text(struct forge *f)
{
	good(f);
	forge_add(f, "ceremony.open", "{\"text\":\"bnd-ceremony/1\"}");
}

static void
not_offline(struct forge *f)
{
	struct bnd_challenge c;
	struct forge_text t;
	char text[BND_ENROLL_MAX + 1];
	size_t len;

	forge_free(f);
	forge_start(f);
	forge_key_make(f, "alice", "alice");
	f->key[0].entry.pub.kind = BND_KEY_PASSPHRASE;
	if (bnd_approver_text(&f->key[0].entry, f->id, text, &len, NULL) != 0)
		bail("no text");
	bnd_sign(f->key[0].seed, text, len, f->key[0].entry.pop.sig);
	forge_genesis(f);
	forge_tighten(f, BND_AIRGAP);
	c = forge_challenge(f, BND_TRUSTED);
	c.offline = true;
	t = forge_open(f, &c);
	good(f);
	forge_approve(f, &t, 0);
}

static void
commit_other_boot(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	f->now.boot[0] = 'f';
	forge_commit(f, BND_OPEN, BND_AIRGAP, 2);
}

static void
intent_pending(struct forge *f)
{
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
	good(f);
	forge_intent(f, BND_OPEN, BND_AIRGAP, NULL);
}

static void
unknown_event(struct forge *f)
{
	forge_add(f, "usb.whatever", "{}");
	good(f);
	forge_add(f, "mode.whatever", "{}");
}

static void
torn_of_nothing(struct forge *f)
{
	good(f);
	forge_add(f, "log.torn",
	    "{\"len\":0,\"h\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}");
}

static void
second_genesis(struct forge *f)
{
	good(f);
	forge_add(f, "log.genesis", "{}");
}

static const struct breach rows[] = {
	{ "L78 a loosening commit alone", l78_commit_alone, BND_F_UNAPPROVED },
	{ "L78 a loosening without auth", l78_no_auth, BND_F_UNAPPROVED },
	{ "L78 a commit of another txn", l78_other_txn, BND_F_UNAPPROVED },
	{ "L78 a commit further than its intent", l78_commit_further,
	    BND_F_UNAPPROVED },
	{ "L79 a ceremony used before", l79_used, BND_F_UNAPPROVED },
	{ "L79 a ceremony used twice", l79_twice, BND_F_UNAPPROVED },
	{ "L79 a ceremony cancelled", l79_cancelled, BND_F_UNAPPROVED },
	{ "L79 a ceremony cancelled and copied", l79_cancelled_again,
	    BND_F_UNAPPROVED },
	{ "L79 a ceremony copied behind made-up boots", l79_made_up_boots,
	    BND_F_UNAPPROVED },
	{ "L79 a challenge older than one before", l79_older_text,
	    BND_F_UNAPPROVED },
	{ "L79 a ceremony for another action", l79_other_action,
	    BND_F_UNAPPROVED },
	{ "L79 a ceremony for other modes", l79_other_modes, BND_F_UNAPPROVED },
	{ "L79 a ceremony of another boot", l79_other_boot, BND_F_UNAPPROVED },
	{ "L79 a ceremony overtaken by a gen", l79_overtaken,
	    BND_F_UNAPPROVED },
	{ "L80 an approval of an earlier text", l80_earlier_text,
	    BND_F_UNAPPROVED },
	{ "L80 an approval of another byte", l80_one_byte, BND_F_UNAPPROVED },
	{ "L80 a challenge of another log", l80_other_log, BND_F_UNAPPROVED },
	{ "L81 one approval where two are asked", l81_too_few,
	    BND_F_UNAPPROVED },
	{ "L81 one key twice", l81_key_twice, BND_F_UNAPPROVED },
	{ "L81 two keys of one person", l81_one_person, BND_F_UNAPPROVED },
	{ "L82 a key never enrolled", l82_stranger, BND_F_UNAPPROVED },
	{ "L82 a key revoked before", l82_revoked, BND_F_UNAPPROVED },
	{ "L82 a key enrolled after the opening", l82_later_key, BND_F_RULE },
	{ "L83 need below the floor", l83_need, BND_F_UNAPPROVED },
	{ "L83 cool-down below the floor", l83_cooldown, BND_F_RUSHED },
	{ "L84 before the cool-down is over", l84_early, BND_F_RUSHED },
	{ "L84 after the window", l84_late, BND_F_RUSHED },
	{ "L84 an approval after ten minutes", l84_late_approval,
	    BND_F_RUSHED },
	{ "L85 a loosening while frozen", l85_frozen, BND_F_FROZEN },
	{ "L85 frozen between intent and commit", l85_frozen_between,
	    BND_F_FROZEN },
	{ "L85 unfrozen without a ceremony", l85_unfreeze_alone,
	    BND_F_UNAPPROVED },
	{ "L85 unfrozen without a word on the clock", l85_unfreeze_clock,
	    BND_F_RULE },
	{ "L85 an unfreezing that was signed before a freeze", l85_frozen_again,
	    BND_F_UNAPPROVED },
	{ "L85 a loosening that was signed before a freeze", l85_frozen_while,
	    BND_F_UNAPPROVED },
	{ "a step of the clock without offsets", jump_without, BND_F_RULE },
	{ "L86 LOCKDOWN left too far", l86_too_far, BND_F_UNAPPROVED },
	{ "L87 an intent from elsewhere", l87_from, BND_F_MODE },
	{ "L87 a commit from elsewhere", l87_from_commit, BND_F_MODE },
	{ "L87 a gen skipped", l87_skipped, BND_F_GEN },
	{ "L87 a gen repeated", l87_repeated, BND_F_GEN },
	{ "L88 mode.boot that lowers", l88_boot, BND_F_RULE },
	{ "L88 mode.boot below a pending intent", l88_boot_pending,
	    BND_F_RULE },
	{ "L88 mode.fail that lowers", l88_fail, BND_F_RULE },
	{ "L88 mode.recover that lowers", l88_recover, BND_F_RULE },
	{ "L88 a late commit that lowers", l88_late, BND_F_LATE },
	{ "L88 a late intent that loosens", l88_late_intent, BND_F_LATE },
	{ "L88 late evidence", l88_late_evidence, BND_F_LATE },
	{ "L89 enrolled without a ceremony", l89_alone, BND_F_UNAPPROVED },
	{ "L89 enrolled with a wrong pop", l89_pop, BND_F_RULE },
	{ "L89 enrolled under another name", l89_other_person,
	    BND_F_UNAPPROVED },
	{ "L89 a key known before", l89_known, BND_F_RULE },
	{ "L89 a ninth key", l89_ninth, BND_F_RULE },
	{ "L90 the last live key revoked", l90_last, BND_F_RULE },
	{ "L90 another's key revoked by one", l90_alone, BND_F_UNAPPROVED },
	{ "L91 a kind without a rule", l91_unknown_rule, BND_F_RULE },
	{ "L34 a record after log.close", l34_closed, BND_F_CLOSED },
	{ "L34 log.close twice", l34_closed_twice, BND_F_CLOSED },
	{ "L74 boot time falls", l74_falls, BND_F_BOOTTIME },
	{ "L74 a boot comes back", l74_boot_returns, BND_F_BOOTTIME },
	{ "two ceremonies open", two_open, BND_F_RULE },
	{ "a challenge of another gen", open_other_gen, BND_F_UNAPPROVED },
	{ "a challenge of another base", open_other_base, BND_F_UNAPPROVED },
	{ "a challenge of another boot", open_other_boot, BND_F_UNAPPROVED },
	{ "a challenge from the future", open_in_future, BND_F_UNAPPROVED },
	{ "a challenge that is none", open_no_text, BND_F_UNAPPROVED },
	{ "a typed key where offline is asked", not_offline, BND_F_UNAPPROVED },
	{ "a commit of another boot", commit_other_boot, BND_F_RULE },
	{ "an intent while one is pending", intent_pending, BND_F_RULE },
	{ "an event nobody knows", unknown_event, BND_F_RULE },
	{ "log.torn of nothing", torn_of_nothing, BND_F_RULE },
	{ "a second genesis", second_genesis, BND_F_GENESIS },
};

/* ---- what is right ---- */

/* All 15 loosening pairs, each with its ceremony. */
static void
test_pairs(void)
{
	for (int from = BND_RESTRICTED; from <= (int)BND_LOCKDOWN; from++)
		for (int to = BND_OPEN; to < from; to++) {
			static struct forge f;

			forge_begin(&f, 2);
			forge_tighten(&f, (enum bnd_mode)to);
			forge_tighten(&f, (enum bnd_mode)from);
			forge_loosen(&f, (enum bnd_mode)to);
			judge(&f);
			is_int(heard.exit, 0, "%s to %s with a ceremony",
			    bnd_mode_name((enum bnd_mode)from),
			    bnd_mode_name((enum bnd_mode)to));
			forge_free(&f);
		}
}

static void
test_notes(void)
{
	static struct forge f;

	forge_begin(&f, 1);
	forge_tighten(&f, BND_LOCKDOWN);
	forge_loosen(&f, BND_OPEN);
	judge(&f);
	is_int(heard.exit, 0, "L93 one person alone may leave LOCKDOWN");
	is_int(heard.count[BND_F_SINGLE_APPROVER], 1, "which is noted");
	is_int(heard.strict, 1, "and not accepted by --strict");
	forge_free(&f);

	forge_begin(&f, 1);
	forge_add(&f, "usb.event", "{}");
	f.now.real_us -= INT64_C(3600000000);
	forge_add(&f, "usb.event", "{}");
	judge(&f);
	is_int(heard.exit, 0, "L73 a step of the wall clock");
	is_int(heard.count[BND_F_WALLCLOCK], 1, "is noted");
	is_int(heard.strict, 1, "and not accepted by --strict");
	forge_free(&f);
}

static void
test_recovery(void)
{
	static struct forge f;

	forge_begin(&f, 2);
	forge_intent(&f, BND_OPEN, BND_AIRGAP, NULL);
	f.now.boot[0] = 'c';
	forge_add(&f, "mode.recover",
	    "{\"txn\":\"%032x\",\"from\":\"OPEN\",\"to\":\"AIRGAP\","
	    "\"land\":\"AIRGAP\",\"gen\":2,\"failed\":[]}",
	    1);
	forge_add(&f, "mode.boot",
	    "{\"mode\":\"AIRGAP\",\"gen\":3,\"why\":\"chain\"}");
	judge(&f);
	is_int(heard.exit, 0, "a crash, recovered and booted");
	forge_add(&f, "mode.intent",
	    "{\"late\":{\"t\":\"x\",\"bt\":1,\"h\":\"x\"},\"was\":{"
	    "\"txn\":\"aa\",\"from\":\"AIRGAP\",\"to\":\"LOCKDOWN\","
	    "\"why\":\"x\",\"policy\":null,\"auth\":null}}");
	forge_add(&f, "mode.commit",
	    "{\"late\":{\"t\":\"x\",\"bt\":2,\"h\":\"x\"},\"was\":{"
	    "\"txn\":\"aa\",\"from\":\"AIRGAP\",\"to\":\"LOCKDOWN\","
	    "\"gen\":4,\"policy\":null,\"enforced\":{}}}");
	judge(&f);
	is_int(heard.exit, 0, "a tightening that was spooled");
	is_int(f.ledger.mode, BND_LOCKDOWN, "is the mode");
	is_int(f.ledger.lockdown_from, BND_AIRGAP, "entered from AIRGAP");
	forge_free(&f);
}

/* A key gives itself up, with nobody else and no cool-down. */
static void
test_self_revocation(void)
{
	struct bnd_challenge c;
	struct forge_text t;
	static struct forge f;
	char id[2 * BND_APPROVER_ID_LEN + 1];

	forge_begin(&f, 3);
	bnd_text_to_hex(f.key[2].entry.id, BND_APPROVER_ID_LEN, id);
	c = forge_challenge(&f, BND_OPEN);
	c.action = BND_ACTION_REVOKE;
	c.need = 2;
	c.cooldown_s = 90;
	snprintf(c.subject, sizeof(c.subject), "%s", id);
	t = forge_open(&f, &c);
	forge_approve(&f, &t, 2);
	forge_add(&f, "approver.revoke", "{\"key\":\"%s\",\"auth\":\"%s\"}", id,
	    t.id);
	judge(&f);
	is_int(heard.exit, 0, "a key revokes itself alone");
	is_int(f.ledger.approvers, 2, "and is gone");
	forge_free(&f);
}

/* ---- one implementation, two callers ---- */

static int
asked(const struct forge *f, const struct forge_text *t, enum bnd_mode to,
    struct bnd_err *err)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];

	if (!bnd_text_from_hex(
		(struct bnd_str){ t->id, strlen(t->id) }, id, sizeof(id)))
		bail("bad id");
	return bnd_ledger_may_loosen(
	    &f->ledger, &f->now, id, f->ledger.mode, to, err);
}

static void
test_may_loosen(void)
{
	struct bnd_challenge c;
	struct forge_text t;
	struct bnd_err err;
	static struct forge f;

	forge_begin(&f, 2);
	forge_tighten(&f, BND_COLDROOM);
	c = forge_challenge(&f, BND_AIRGAP);
	t = forge_open(&f, &c);
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0 && err.kind == BND_E_PENDING,
	    "nobody approved: pending (%s)", err.text);
	forge_approve(&f, &t, 0);
	forge_approve(&f, &t, 1);
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0 && err.kind == BND_E_PENDING,
	    "cool-down: pending (%s)", err.text);
	forge_wait(&f, 90);
	ok(asked(&f, &t, BND_AIRGAP, &err) == 0, "then it may");
	ok(asked(&f, &t, BND_OPEN, &err) != 0 && err.kind == BND_E_CEREMONY,
	    "but to nowhere else (%s)", err.text);
	f.ledger.frozen = true;
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0 && err.kind == BND_E_FROZEN,
	    "nor while frozen (%s)", err.text);
	f.ledger.frozen = false;
	f.ledger.closed = true;
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0, "nor once the log is closed");
	f.ledger.closed = false;
	f.now.boot[0] = 'e';
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0 && err.kind == BND_E_CEREMONY,
	    "nor in another boot (%s)", err.text);
	f.now.boot[0] = '0';
	forge_wait(&f, 601);
	ok(asked(&f, &t, BND_AIRGAP, &err) != 0 && err.kind == BND_E_CEREMONY,
	    "nor after the window (%s)", err.text);
	forge_free(&f);
}

/* At every second around the cool-down and the window: the same answer. */
static void
test_same_answer(void)
{
	static const uint64_t waits[] = { 0, 1, 29, 30, 31, 300, 600, 629, 630,
		631, 10000 };

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct bnd_challenge c;
		struct forge_text t;
		static struct forge f;
		bool may;

		forge_begin(&f, 2);
		forge_tighten(&f, BND_TRUSTED);
		c = forge_challenge(&f, BND_OPEN);
		t = forge_open(&f, &c);
		forge_approve(&f, &t, 0);
		f.now.boot_us -= 1000; /* the moment of the approval itself */
		f.now.real_us -= 1000;
		forge_wait(&f, waits[i]);
		may = asked(&f, &t, BND_OPEN, NULL) == 0;
		is_int(may, waits[i] >= 30 && waits[i] <= 630,
		    "after %llu s mode-set is told %s",
		    (unsigned long long)waits[i], may ? "yes" : "no");
		forge_intent(&f, BND_TRUSTED, BND_OPEN, t.id);
		judge(&f);
		is_int(heard.exit, may ? 0 : 1, "and the verifier agrees");
		forge_free(&f);
	}
}

int
main(void)
{
	scratch_make(&at);
	test_breaches(rows, sizeof(rows) / sizeof(rows[0]), 3);
	test_pairs();
	test_notes();
	test_recovery();
	test_self_revocation();
	test_may_loosen();
	test_same_answer();
	scratch_remove(&at);
	return tap_done();
}
