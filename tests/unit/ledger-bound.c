/* ledger-bound.c: a loosening for a time, and every way to stretch it */
/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include "breach.h"
#include "claim.h"

#define US UINT64_C(1000000)

static void
intent_until(struct forge *f, enum bnd_mode from, enum bnd_mode to,
    const char *auth, uint64_t until_us)
{
	forge_add(f, "mode.intent",
	    "{\"txn\":\"%032x\",\"from\":\"%s\",\"to\":\"%s\",\"why\":\"test\","
	    "\"policy\":null,\"auth\":\"%s\",\"until\":%llu}",
	    (unsigned)f->ledger.gen, bnd_mode_name(from), bnd_mode_name(to),
	    auth, (unsigned long long)until_us);
}

static struct forge_text
held_for(struct forge *f, enum bnd_mode to, uint64_t for_s)
{
	struct bnd_challenge c = forge_challenge(f, to);

	c.for_s = for_s;
	return forge_ceremony(f, &c);
}

/* From where it is to there, for 600 s; until when. */
static uint64_t
bounded(struct forge *f, enum bnd_mode to)
{
	enum bnd_mode from = f->ledger.mode;
	struct forge_text t = held_for(f, to, 600);
	uint64_t until = f->now.boot_us + 600 * US;

	intent_until(f, from, to, t.id, until);
	forge_commit(f, from, to, f->ledger.gen + 1);
	return until;
}

static void
no_end(struct forge *f)
{
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	t = held_for(f, BND_TRUSTED, 600);
	good(f);
	forge_intent(f, BND_AIRGAP, BND_TRUSTED, t.id);
}

static void
longer(struct forge *f)
{
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	t = held_for(f, BND_TRUSTED, 600);
	good(f);
	intent_until(f, BND_AIRGAP, BND_TRUSTED, t.id,
	    f->now.boot_us + 600 * US + 10 * US);
}

static void
end_of_its_own(struct forge *f)
{
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	t = held_for(f, BND_TRUSTED, 0);
	good(f);
	intent_until(
	    f, BND_AIRGAP, BND_TRUSTED, t.id, f->now.boot_us + 600 * US);
}

static void
shaken_off(struct forge *f)
{
	struct forge_text t;

	forge_tighten(f, BND_AIRGAP);
	(void)bounded(f, BND_TRUSTED);
	t = held_for(f, BND_OPEN, 0);
	good(f);
	forge_intent(f, BND_TRUSTED, BND_OPEN, t.id);
}

static void
put_off(struct forge *f)
{
	struct forge_text t;
	uint64_t until;

	forge_tighten(f, BND_AIRGAP);
	until = bounded(f, BND_TRUSTED);
	t = held_for(f, BND_OPEN, 6000);
	good(f);
	intent_until(f, BND_TRUSTED, BND_OPEN, t.id, until + 1);
}

static void
past_it(struct forge *f)
{
	struct forge_text t;
	uint64_t until;

	forge_tighten(f, BND_AIRGAP);
	until = bounded(f, BND_TRUSTED);
	forge_wait(f, 560);
	t = held_for(f, BND_OPEN, 0); /* 30 s: still in time */
	good(f);
	forge_wait(f, 30);
	intent_until(f, BND_TRUSTED, BND_OPEN, t.id, until);
}

static void
restored_by_boot(struct forge *f)
{
	forge_tighten(f, BND_AIRGAP);
	(void)bounded(f, BND_TRUSTED);
	good(f);
	f->now.boot[0] = 'f';
	forge_add(f, "mode.boot",
	    "{\"mode\":\"TRUSTED\",\"gen\":%llu,\"why\":\"test\"}",
	    (unsigned long long)f->ledger.gen + 1);
}

/* Enrolment and the like are of the mode; only loosening is stopped. */
static const struct breach rows[] = {
	{ "an intent without the end that was asked for", no_end,
	    BND_F_UNAPPROVED },
	{ "a later end than was asked for", longer, BND_F_UNAPPROVED },
	{ "an end nobody asked for", end_of_its_own, BND_F_UNAPPROVED },
	{ "the next loosening without the end of the first", shaken_off,
	    BND_F_UNAPPROVED },
	{ "the next loosening with a later end", put_off, BND_F_UNAPPROVED },
	{ "loosened further after the end", past_it, BND_F_UNAPPROVED },
	{ "restored by a boot", restored_by_boot, BND_F_RULE },
};

static void
test_end(void)
{
	static struct forge f;
	uint64_t until;

	forge_begin(&f, 2);
	forge_tighten(&f, BND_AIRGAP);
	until = bounded(&f, BND_TRUSTED);
	good(&f);
	ok(f.ledger.bound.until_us == until &&
		f.ledger.bound.back == BND_AIRGAP,
	    "the end, and what then");
	forge_tighten(&f, BND_TRUSTED);
	ok(f.ledger.bound.until_us == until, "asserting the mode keeps it");
	forge_wait(&f, 500);
	forge_tighten(&f, BND_AIRGAP);
	ok(f.ledger.bound.until_us == 0, "coming back ends it");
	good(&f);
	forge_free(&f);
}

static void
test_boot(void)
{
	static struct forge f;

	forge_begin(&f, 2);
	forge_tighten(&f, BND_AIRGAP);
	(void)bounded(&f, BND_OPEN);
	f.now.boot[0] = 'f';
	forge_add(&f, "mode.boot",
	    "{\"mode\":\"AIRGAP\",\"gen\":%llu,\"why\":\"test\"}",
	    (unsigned long long)f.ledger.gen + 1);
	judge(&f);
	is_int(heard.exit, 0, "a boot that lands where it came from");
	ok(f.ledger.bound.until_us == 0, "ends it");
	forge_free(&f);
}

/* Nobody came: a note, once, and not in the first two minutes. */
static void
test_overstayed(void)
{
	static const struct {
		uint64_t wait_s;
		unsigned notes;
		const char *what;
	} waits[] = {
		{ 600, 0, "at its end" },
		{ 600 + 119, 0, "not two minutes late" },
		{ 600 + 121, 1, "later" },
	};

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		static struct forge f;

		forge_begin(&f, 2);
		forge_tighten(&f, BND_AIRGAP);
		(void)bounded(&f, BND_TRUSTED);
		forge_wait(&f, waits[i].wait_s);
		forge_add(&f, "mode.check", "{}");
		forge_add(&f, "mode.check", "{}");
		forge_tighten(&f, BND_AIRGAP);
		forge_add(&f, "mode.check", "{}");
		judge(&f);
		is_int(heard.exit, 0, "%s: verified", waits[i].what);
		is_int(heard.count[BND_F_OVERSTAYED], waits[i].notes,
		    "%s: noted or not", waits[i].what);
		forge_free(&f);
	}
}

int
main(void)
{
	scratch_make(&at);
	test_breaches(rows, sizeof(rows) / sizeof(rows[0]), 3);
	test_end();
	test_boot();
	test_overstayed();
	scratch_remove(&at);
	return tap_done();
}
