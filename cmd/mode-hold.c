/* mode-hold.c: a ceremony from its opening to its time, at one terminal */
/* SPDX-License-Identifier: ISC */
/*
 * No lock is held while somebody is asked or waited for.  What is believed is
 * the chain: PAM says when to look at it, and a yes without a quorum there is a
 * failure.  Ctrl-C ends the ceremony; a terminal that is lost during the
 * cool-down does not, for everybody has approved by then.
 */
#include "mode-hold.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ceremony-look.h"
#include "clock.h"
#include "cmd.h"
#include "mode-pam.h"
#include "proc.h"
#include "text.h"

#define US     UINT64_C(1000000)
#define LOOK_S 10 /* whether it is still open */
#define HEX_ID (2 * BND_CHALLENGE_ID_LEN + 1)

/* ---- the terminal ---- */

/* Only of one's own controlling terminal tcgetsid(3) says whose it is. */
static bool
is_own_terminal(int fd)
{
	return isatty(fd) == 1 && tcgetsid(fd) == getsid(0);
}

bool
mode_hold_can(void)
{
	return is_own_terminal(STDIN_FILENO) &&
	    is_own_terminal(STDERR_FILENO) &&
	    tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static volatile sig_atomic_t cancelled; /* somebody wants to end it */
static volatile sig_atomic_t lost;	/* nobody sits there any more */

static void
on_signal(int sig)
{
	if (sig == SIGINT || sig == SIGQUIT)
		cancelled = 1;
	else
		lost = 1;
}

static bool
is_over(void)
{
	return cancelled || lost;
}

static const int watched[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
#define WATCHED (sizeof(watched) / sizeof(watched[0]))

/* What was ignored stays so (nohup). */
static void
watch(struct sigaction old[static WATCHED])
{
	const struct sigaction sa = { .sa_handler = on_signal };

	cancelled = lost = 0;
	for (size_t i = 0; i < WATCHED; i++) {
		sigaction(watched[i], NULL, &old[i]);
		if (old[i].sa_handler != SIG_IGN)
			sigaction(watched[i], &sa, NULL);
	}
}

static void
unwatch(const struct sigaction old[static WATCHED])
{
	for (size_t i = 0; i < WATCHED; i++)
		sigaction(watched[i], &old[i], NULL);
}

/* ---- one ceremony ---- */

struct hold {
	const struct bnd_root *root;
	uint8_t id[BND_CHALLENGE_ID_LEN];
	char hex[HEX_ID];
	struct bnd_challenge c;
	struct bnd_view v; /* what the chain says of it */
	uint64_t ripe_us;
};

static bool
is_unfreeze(const struct hold *h)
{
	return h->c.action == BND_ACTION_UNFREEZE;
}

/* What mode-set is asked for when it is finished elsewhere. */
static const char *
aim(const struct hold *h)
{
	return is_unfreeze(h) ? "--unfreeze" : bnd_mode_name(h->c.to);
}

static void
say_opened(const struct hold *h)
{
	char what[64] = "to unfreeze";

	if (!is_unfreeze(h))
		(void)snprintf(what, sizeof(what), "%s to %s",
		    bnd_mode_name(h->c.from), bnd_mode_name(h->c.to));
	cmd_warn("ceremony %s: %s takes %u approval%s and then %" PRIu64 " s",
	    h->hex, what, h->c.need, h->c.need == 1 ? "" : "s",
	    h->c.cooldown_s);
}

static int
open_it(struct hold *h, const struct bnd_ask *ask, struct bnd_err *err)
{
	char text[BND_CHALLENGE_MAX + 1];
	struct bnd_str t = { text, 0 };

	if (bnd_ceremony_open(h->root, ask, text, &t.len, err) != 0 ||
	    bnd_challenge_unpack(t, &h->c, err) != 0)
		return -1;
	bnd_challenge_id(t, h->id);
	bnd_text_to_hex(h->id, sizeof(h->id), h->hex);
	say_opened(h);
	return 0;
}

/* Whether the chain has it as ours, open and approved. */
static int
look(struct hold *h, struct bnd_err *err)
{
	if (bnd_ceremony_look(h->root, &h->v, err) != 0)
		return -1;
	if (!h->v.is_open || h->v.expired ||
	    memcmp(h->v.id, h->id, sizeof(h->id)) != 0)
		return bnd_fail(err, BND_E_CEREMONY,
		    "the ceremony was ended, or the mode was changed");
	if (h->v.have < h->v.c.need)
		return bnd_fail(err, BND_E_CEREMONY,
		    "PAM said yes, but the log has %u of %u approvals",
		    h->v.have, h->v.c.need);
	return 0;
}

/* The cool-down as the chain counts it; looking verifies the whole log. */
static int
start_waiting(struct hold *h, struct bnd_err *err)
{
	struct bnd_now now;

	if (look(h, err) != 0 || bnd_clock_now(&now, err) != 0)
		return -1;
	h->ripe_us = now.boot_us + h->v.ripe_s * US;
	cmd_warn("approved; Ctrl-C cancels; elsewhere, and later: mode-set "
		 "--ceremony %s %s",
	    h->hex, aim(h));
	return 0;
}

static void
show_left(uint64_t left_s)
{
	fprintf(stderr, "\rcool-down %4" PRIu64 " s ", left_s);
}

/* To the next whole second before the end, or until a signal comes. */
static int
wait_second(const struct hold *h, uint64_t *left_s, struct bnd_err *err)
{
	struct bnd_now now;
	struct timespec nap = { 0 };
	uint64_t left_us;

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	*left_s = 0;
	if (now.boot_us >= h->ripe_us)
		return 0;
	left_us = h->ripe_us - now.boot_us;
	*left_s = (left_us + US - 1) / US;
	show_left(*left_s);
	left_us -= (*left_s - 1) * US;
	nap.tv_sec = (time_t)(left_us / US);
	nap.tv_nsec = (long)(left_us % US) * 1000;
	(void)clock_nanosleep(CLOCK_BOOTTIME, 0, &nap, NULL);
	return 0;
}

static int
wait_for_it(struct hold *h, struct bnd_err *err)
{
	uint64_t left_s = 1;

	while (left_s > 0 && !is_over()) {
		if (wait_second(h, &left_s, err) != 0)
			return -1;
		if (left_s % LOOK_S == 1 && look(h, err) != 0)
			return -1;
	}
	fprintf(stderr, "\r%*s\r", 20, "");
	if (cancelled)
		return bnd_fail(err, BND_E_CEREMONY, "cancelled");
	if (lost)
		return bnd_fail(err, BND_E_PENDING,
		    "left to mode-set --ceremony %s %s", h->hex, aim(h));
	return 0;
}

/* The chain is told; a ceremony that somebody else ended needs no end. */
static void
end_it(struct hold *h, const struct bnd_err *why)
{
	struct bnd_err err = { 0 };
	bool quiet = why->kind == BND_E_PENDING;

	if (quiet || bnd_ceremony_look(h->root, &h->v, &err) != 0 ||
	    !h->v.is_open || memcmp(h->v.id, h->id, sizeof(h->id)) != 0)
		return;
	if (bnd_ceremony_end(
		h->root, h->id, cancelled ? "cancelled" : "failed", &err) != 0)
		cmd_warn_err(&err);
}

static int
hold(struct hold *h, const struct bnd_ask *ask, struct bnd_err *err)
{
	struct bnd_who who;
	int rc;

	bnd_proc_who(&who);
	if (open_it(h, ask, err) != 0)
		return -1;
	rc = mode_pam(who.tty, is_over, err);
	if (rc == 0)
		rc = start_waiting(h, err);
	if (rc == 0)
		rc = wait_for_it(h, err);
	if (rc == 0)
		return 0;
	end_it(h, err);
	if (cancelled)
		return bnd_fail(err, BND_E_CEREMONY,
		    "the ceremony was cancelled; nothing has changed");
	return -1;
}

int
mode_hold(const struct bnd_root *root, const struct bnd_ask *ask,
    uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	static struct hold h;
	struct sigaction old[WATCHED];
	int rc;

	h = (struct hold){ .root = root };
	watch(old);
	rc = hold(&h, ask, err);
	unwatch(old);
	memcpy(id, h.id, sizeof(h.id));
	return rc;
}
