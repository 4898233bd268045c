/* mode-change.c: a wish of the command line becomes a change of the mode */
/* SPDX-License-Identifier: ISC */
#include "mode-change.h"

#include <stdio.h>
#include <string.h>

#include "ceremony.h"
#include "challenge.h"
#include "cmd.h"
#include "mode-hold.h"
#include "mode-show.h"
#include "return.h"
#include "state.h"
#include "text.h"
#include "transition.h"
#include "typed.h"

int
mode_parse(const char *word, enum bnd_mode *m, struct bnd_err *err)
{
	char shown[40];
	struct bnd_str s = { word, strlen(word) };

	if (bnd_mode_parse(s, m))
		return 0;
	bnd_text_show(s, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT, "unknown mode \"%s\"", shown);
}

static int
check_reason(const char *why, struct bnd_err *err)
{
	size_t len = why != NULL ? strlen(why) : 0;

	if (len > BND_WHY_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a reason has at most %d characters", BND_WHY_MAX);
	for (size_t i = 0; i < len; i++) {
		if (why[i] < 0x20 || why[i] > 0x7e)
			return bnd_fail(err, BND_E_INPUT,
			    "a reason is printable ASCII on one line");
	}
	return 0;
}

int
mode_parse_id(const char *hex, uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err)
{
	struct bnd_str s = { hex, strlen(hex) };

	if (bnd_text_from_hex(s, id, BND_CHALLENGE_ID_LEN))
		return 0;
	return bnd_fail(err, BND_E_INPUT,
	    "the id of a ceremony has %d hex digits", 2 * BND_CHALLENGE_ID_LEN);
}

static int
parse_span(const char *word, uint64_t *span_s, struct bnd_err *err)
{
	struct bnd_str s = { word, strlen(word) };

	if (bnd_text_span(s, BND_CHALLENGE_FOR_MAX, span_s))
		return 0;
	return bnd_fail(err, BND_E_INPUT,
	    "a time is a number with s, m, h or d behind it, a week at most");
}

static int
carry_out(const struct bnd_root *root, const struct bnd_change *want, bool json)
{
	static struct bnd_outcome out;
	struct bnd_err err = { 0 };
	int rc = bnd_transition(root, want, &out, &err);

	/* Only now: nothing that is read may hold up a tightening. */
	if (!want->bare && out.mode > out.from && out.notes < BND_NOTES_MAX &&
	    bnd_typed_is_short(root, out.mode, out.note[out.notes]))
		out.notes++;
	return show_outcome(&out, rc, &err, json);
}

/* The wish for a MODE as a change, and how long it is to last. */
static int
read_wish(const struct mode_wish *wish, struct bnd_change *want,
    uint8_t id[static BND_CHALLENGE_ID_LEN], uint64_t *for_s,
    struct bnd_err *err)
{
	want->why = wish->why;
	*for_s = 0;
	if (mode_parse(wish->mode, &want->to, err) != 0 ||
	    check_reason(wish->why, err) != 0)
		return -1;
	if (wish->ceremony != NULL) {
		want->auth = id;
		if (wish->span != NULL)
			return bnd_fail(err, BND_E_INPUT,
			    "for how long stands in the ceremony already");
		return mode_parse_id(wish->ceremony, id, err);
	}
	return wish->span != NULL ? parse_span(wish->span, for_s, err) : 0;
}

/* A laxer mode than readers act on; false if nobody can tell. */
static bool
loosens(const struct bnd_root *root, enum bnd_mode to)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	return bnd_state_load(root, &s, &err) == 0 &&
	    bnd_mode_loosens(s.effective, to);
}

/* What others left unfinished, or what is over, is settled before it is left. */
static int
settle(const struct bnd_root *root, struct bnd_err *err)
{
	static struct bnd_outcome out;
	struct bnd_change want = { .why = "settled before a ceremony" };
	struct bnd_state s;

	if (bnd_state_load(root, &s, err) != 0)
		return -1;
	if (s.phase == BND_STABLE && s.effective == s.mode)
		return 0;
	want.to = s.effective;
	return bnd_transition(root, &want, &out, err);
}

/* People are asked here and now. */
static int
hold(const struct bnd_root *root, struct bnd_change *want, uint64_t for_s,
    uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	const struct bnd_ask ask = { .action = BND_ACTION_LOOSEN,
		.to = want->to,
		.for_s = for_s,
		.reason = want->why };

	if (settle(root, err) != 0 || mode_hold(root, &ask, id, err) != 0)
		return -1;
	want->auth = id;
	return 0;
}

static int
set(const struct bnd_root *root, const struct mode_wish *wish)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_change want = { 0 };
	struct bnd_err err = { 0 };
	uint64_t for_s;
	bool laxer, alone;
	int status;

	if (read_wish(wish, &want, id, &for_s, &err) != 0)
		return cmd_fail(&err);
	laxer = root->real && loosens(root, want.to);
	if (for_s != 0 && !laxer)
		return cmd_fail(&(struct bnd_err){ .kind = BND_E_INPUT,
		    .text = "--for is for a laxer mode than the present one" });
	alone = laxer && want.auth == NULL && !mode_hold_can();
	if (laxer && want.auth == NULL && !alone &&
	    hold(root, &want, for_s, id, &err) != 0)
		return cmd_fail(&err);
	status = carry_out(root, &want, wish->json);
	if (alone)
		cmd_warn("no terminal to ask at: begin with ceremony request "
			 "%s",
		    bnd_mode_name(want.to));
	return status;
}

static int
at_least(const struct bnd_root *root, const struct mode_wish *wish)
{
	struct bnd_change want = { .why = wish->why };
	struct bnd_state s;
	struct bnd_err err = { 0 };

	if (mode_parse(wish->at_least, &want.to, &err) != 0 ||
	    check_reason(wish->why, &err) != 0)
		return cmd_fail(&err);
	if (bnd_state_load(root, &s, &err) == 0) {
		if (s.phase == BND_STABLE && s.effective == s.mode &&
		    s.mode >= want.to)
			return 0;
		/* Never a loosening, and what others began is finished. */
		want.to = bnd_mode_max(want.to, s.effective);
	}
	return carry_out(root, &want, wish->json);
}

/* Whatever WHAT is made of: it is cut and spelled, never a reason to fail. */
static int
trip(const struct bnd_root *root, const struct mode_wish *wish)
{
	char what[BND_WHY_MAX - 8], why[BND_WHY_MAX];
	struct bnd_change want = {
		.to = BND_LOCKDOWN, .bare = true, .why = why
	};

	bnd_text_show((struct bnd_str){ wish->trip, strlen(wish->trip) }, what,
	    sizeof(what));
	(void)snprintf(why, sizeof(why), "trip: %s", what);
	return carry_out(root, &want, wish->json);
}

int
mode_change(const struct bnd_root *root, const struct mode_wish *wish)
{
	if (wish->trip != NULL)
		return trip(root, wish);
	if (wish->at_least != NULL)
		return at_least(root, wish);
	return set(root, wish);
}

int
mode_return(const struct bnd_root *root)
{
	static struct bnd_outcome out;
	struct bnd_change want = { .why = "the time of a loosening is over" };
	struct bnd_state s;
	struct bnd_err err = { 0 };

	if (bnd_return_seen(root, &err) != 0)
		cmd_warn_err(&err);
	if (bnd_state_load(root, &s, &err) != 0 || s.phase != BND_STABLE ||
	    s.until_us == 0 || s.effective < s.until_mode)
		return 0;
	want.to = s.effective;
	if (bnd_transition(root, &want, &out, &err) != 0)
		return show_outcome(&out, -1, &err, false);
	cmd_warn("%s is in force again: the time of the loosening is over",
	    bnd_mode_name(out.mode));
	return 0;
}
