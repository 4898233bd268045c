/* usb-accepted.c: an edited policy takes away, until it may be taken in */
/* SPDX-License-Identifier: ISC */
#include "usb-accepted.h"

#include <string.h>
#include <unistd.h>

#include "state.h"
#include "tap.h"
#include "usbconf.h"

#define TXN   "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"
#define RULES "etc/bnd/usb.d/x.rules"
#define BASE  "etc/bnd/usb.baseline"
#define CONF  "etc/bnd/bnd.conf"

static struct scratch sc;
static struct bnd_usb_policy p;
static struct bnd_err err;

/* What mode-set would have published. */
static void
state(enum bnd_phase phase, enum bnd_mode mode, enum bnd_mode to)
{
	struct bnd_state s = { .gen = 41,
		.mode = mode,
		.effective = bnd_mode_max(mode, to),
		.phase = phase,
		.at_us = 123456789,
		.offset_us = 1763839216000000,
		.log = { .seq = 1233 } };
	struct bnd_now now;

	if (bnd_clock_now(&now, &err) != 0)
		bail("no clock");
	memcpy(s.boot, now.boot, sizeof(s.boot));
	memset(s.log_id, 7, sizeof(s.log_id));
	memset(s.log.link, 9, sizeof(s.log.link));
	if (phase != BND_STABLE) {
		memcpy(s.txn, TXN, sizeof(s.txn));
		s.txn_pid = (int)getpid();
		s.txn_to = to;
	}
	err = (struct bnd_err){ 0 };
	if (bnd_root_mkdir(&sc.root, "run/bnd", 0755, &err) != 0 ||
	    bnd_state_store(&sc.root, &s, &err) != 0)
		bail(err.text);
}

static bool
take(const char *txn, bool repair)
{
	bnd_usb_policy_free(&p);
	err = (struct bnd_err){ 0 };
	return bnd_usb_policy_take(&sc.root, txn, repair, &p, &err) == 0;
}

/* What is there now, as a change of the mode would. */
static void
accept_it(void)
{
	bnd_usb_policy_free(&p);
	err = (struct bnd_err){ 0 };
	if (bnd_usb_policy_load(&sc.root, &p, &err) != 0 ||
	    bnd_usb_policy_accept(&sc.root, &p, &err) != 0)
		bail(err.text);
}

/* Accepted is what is there now; then somebody edits it, one way or another. */
static void
edit(void)
{
	static unsigned n;
	char text[64];

	put(&sc, CONF, "lockdown_hid none\n");
	put(&sc, BASE, BASE_HEAD BASE_A "end\n");
	snprintf(text, sizeof(text), "block # %u\n", n++);
	put(&sc, RULES, text);
	accept_it();
	put(&sc, RULES, "allow\n");
	put(&sc, BASE, BASE_HEAD BASE_A BASE_B "end\n");
	put(&sc, CONF, "lockdown_hid keep\n");
}

/* The console set is still that of the policy before. */
static bool
is_held(void)
{
	return !p.usable && p.changed && !p.accepted && p.rules[0].n == 0 &&
	    p.base.n == 1 && p.keep == BND_USB_KEEP_NONE &&
	    err.kind == BND_E_DENIED &&
	    strstr(err.text, "policy changed") != NULL;
}

static bool
is_taken(void)
{
	return p.usable && p.accepted && !p.changed && p.rules[0].n == 1 &&
	    p.base.n == 2 && p.keep == BND_USB_KEEP && take(NULL, false) &&
	    !p.accepted;
}

static bool
nothing_accepted(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" BND_USB_ACCEPTED_PATH, sc.dir);
	return access(path, F_OK) != 0;
}

static void
test_first(void)
{
	put(&sc, RULES, "allow\n");
	ok(take(NULL, false) && !p.accepted && nothing_accepted(),
	    "before any change of the mode the files count");
	ok(take(TXN, false) && nothing_accepted(), "without a state, too");
	state(BND_STABLE, BND_AIRGAP, BND_AIRGAP);
	ok(take(TXN, false) && nothing_accepted(), "no transaction, no word");
	state(BND_ENTERING, BND_AIRGAP, BND_AIRGAP);
	ok(take(OTHER, false) && nothing_accepted(), "nor another's");
	ok(take(TXN, true) && nothing_accepted(), "nor a repair's");
	put(&sc, RULES, "alow\n");
	ok(!take(TXN, false) && nothing_accepted(),
	    "nor one that is no policy");
	put(&sc, RULES, "allow\n");
	ok(take(TXN, false) && p.accepted && !nothing_accepted(),
	    "the first of a boot is taken in, whatever the mode");
	ok(take(TXN, false) && !p.accepted, "once");
}

/* UP-09: who may take in an edited policy. */
static void
test_who(void)
{
	static const struct {
		const char *what, *txn;
		enum bnd_phase phase;
		enum bnd_mode mode, to;
		enum { HELD = 0, REPAIR, TAKEN } how;
	} t[] = {
		{ "a hook", NULL, BND_STABLE, BND_AIRGAP, BND_AIRGAP, HELD },
		{ "a hook in OPEN", NULL, BND_STABLE, BND_OPEN, BND_OPEN,
		    HELD },
		{ "somebody's apply", TXN, BND_STABLE, BND_OPEN, BND_OPEN,
		    HELD },
		{ "a re-assert in TRUSTED", TXN, BND_ENTERING, BND_TRUSTED,
		    BND_TRUSTED, HELD },
		{ "a re-assert in AIRGAP", TXN, BND_ENTERING, BND_AIRGAP,
		    BND_AIRGAP, HELD },
		{ "a re-assert in LOCKDOWN", TXN, BND_ENTERING, BND_LOCKDOWN,
		    BND_LOCKDOWN, HELD },
		{ "a tightening of TRUSTED", TXN, BND_ENTERING, BND_TRUSTED,
		    BND_COLDROOM, HELD },
		{ "a repair in OPEN", TXN, BND_ENTERING, BND_OPEN, BND_OPEN,
		    REPAIR },
		{ "a trip of OPEN", TXN, BND_ENTERING, BND_OPEN, BND_LOCKDOWN,
		    REPAIR },
		{ "a repair while leaving", TXN, BND_LEAVING, BND_AIRGAP,
		    BND_OPEN, REPAIR },
		{ "somebody else while leaving", OTHER, BND_LEAVING, BND_AIRGAP,
		    BND_OPEN, HELD },
		{ "a hook while leaving", NULL, BND_LEAVING, BND_AIRGAP,
		    BND_OPEN, HELD },
		{ "a re-assert in OPEN", TXN, BND_ENTERING, BND_OPEN, BND_OPEN,
		    TAKEN },
		{ "a re-assert in RESTRICTED", TXN, BND_ENTERING,
		    BND_RESTRICTED, BND_RESTRICTED, TAKEN },
		{ "a tightening of RESTRICTED", TXN, BND_ENTERING,
		    BND_RESTRICTED, BND_AIRGAP, TAKEN },
		{ "a ceremony in LOCKDOWN", TXN, BND_LEAVING, BND_LOCKDOWN,
		    BND_COLDROOM, TAKEN },
		{ "a ceremony in TRUSTED", TXN, BND_LEAVING, BND_TRUSTED,
		    BND_OPEN, TAKEN },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		edit();
		state(t[i].phase, t[i].mode, t[i].to);
		(void)take(t[i].txn, t[i].how == REPAIR);
		ok(t[i].how == TAKEN ? is_taken() : is_held(), "UP-09: %s: %s",
		    t[i].what, t[i].how == TAKEN ? "taken in" : "still denied");
	}
}

static void
test_back(void)
{
	edit();
	state(BND_STABLE, BND_AIRGAP, BND_AIRGAP);
	ok(!take(NULL, false) && is_held(), "control: edited");
	put(&sc, RULES, "alow\n");
	ok(!take(NULL, false) && !p.usable && !p.changed && p.base.n == 1 &&
		p.keep == BND_USB_KEEP_NONE && err.kind == BND_E_INPUT,
	    "UP-09: an error does not let the edited baseline in");
	put(&sc, BASE, "");
	ok(!take(NULL, false) && p.base.n == 1 && !p.base_bad,
	    "UP-08: a baseline that is cut later takes no keyboard away");
	edit();
	accept_it();
	put(&sc, CONF, "lockdown_hid none\n");
	ok(!take(NULL, false) && p.keep == BND_USB_KEEP,
	    "a setting alone is an edited policy, too");
	put(&sc, CONF, "lockdown_hid keep\n");
	ok(take(NULL, false) && p.usable && p.base.n == 2,
	    "what was accepted is in force as soon as it is back");
}

/* The copy itself: cut, or any byte changed. */
static void
test_damaged(void)
{
	char path[256], copy[1024];
	unsigned used = 0, known = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/" BND_USB_ACCEPTED_PATH, sc.dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, copy, sizeof(copy));
	close(fd);
	if (len <= 0 || len == (ssize_t)sizeof(copy))
		bail("no copy");
	for (ssize_t i = 0; i < len; i++) {
		put_bytes(&sc, BND_USB_ACCEPTED_PATH, 0600, copy, (size_t)i);
		used += take(NULL, false);
		known += !p.base_bad;
		copy[i] ^= 1;
		put_bytes(&sc, BND_USB_ACCEPTED_PATH, 0600, copy, (size_t)len);
		used += take(NULL, false);
		known += !p.base_bad;
		copy[i] ^= 1;
	}
	is_int(used, 0, "a damaged copy: no policy");
	is_int(known, 0, "and nobody is known");
	ok(bnd_kind_exit(err.kind) == 9, "which is exit 9");
	put_bytes(&sc, BND_USB_ACCEPTED_PATH, 0640, copy, (size_t)len);
	ok(!take(NULL, false) && bnd_kind_exit(err.kind) == 8,
	    "readable by a group: exit 8");
	put_bytes(&sc, BND_USB_ACCEPTED_PATH, 0600, copy, (size_t)len);
	ok(take(NULL, false), "control: as it was");
	state(BND_LEAVING, BND_AIRGAP, BND_OPEN);
	put(&sc, BND_USB_ACCEPTED_PATH, "x\n");
	ok(take(TXN, false) && p.accepted, "a ceremony makes another");
}

int
main(void)
{
	alarm(120);
	if (bnd_sign_init(&err) != 0)
		bail("no libsodium");
	conf_make(&sc);
	test_first();
	test_who();
	test_back();
	test_damaged();
	bnd_usb_policy_free(&p);
	scratch_remove(&sc);
	return tap_done();
}
