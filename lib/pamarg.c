/* pamarg.c: the words behind pam_bnd.so in a PAM service file */
/* SPDX-License-Identifier: ISC */
#include "pamarg.h"

#include <string.h>

/* People answer for ten minutes at most; a login is nobody's to hold up. */
static const struct {
	const char *word;
	unsigned deadline_s;
} actions[] = {
	[BND_PAM_CEREMONY] = { "ceremony", BND_PAM_DEADLINE_MAX_S },
	[BND_PAM_LOGIN] = { "login", 30 },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

const char *
bnd_pam_action_name(enum bnd_pam_action action)
{
	return actions[action].word;
}

static int
take_action(const char *word, struct bnd_pamarg *a, struct bnd_err *err)
{
	for (size_t i = BND_PAM_CEREMONY; i < ACTIONS; i++) {
		if (strcmp(word, actions[i].word) == 0) {
			a->action = (enum bnd_pam_action)i;
			a->deadline_s = actions[i].deadline_s;
			return 0;
		}
	}
	return bnd_fail(err, BND_E_INPUT,
	    "the first argument is ceremony or login, not \"%.40s\"", word);
}

static bool
take_tighten(struct bnd_str s, struct bnd_pamarg *a)
{
	struct bnd_str mode = bnd_str_until(s, ':');
	struct bnd_str who = bnd_str_from(s, mode.len);
	struct bnd_tighten *t = &a->tighten[a->n];

	if (a->action != BND_PAM_LOGIN || a->n == BND_TIGHTEN_MAX ||
	    !bnd_mode_parse(mode, &t->mode))
		return false;
	if (bnd_text_take(&who, ":")) {
		t->group = bnd_text_take(&who, "@");
		if (who.len == 0)
			return false;
	}
	a->n++;
	return bnd_str_copy(who, t->who, sizeof(t->who));
}

static bool
take_one(const char *arg, bool *timed, struct bnd_pamarg *a)
{
	struct bnd_str s = { arg, strlen(arg) };
	uint64_t v;

	if (bnd_text_take(&s, "tighten="))
		return take_tighten(s, a);
	if (bnd_text_take(&s, "root=")) {
		if (a->root != NULL || s.len == 0 || s.p[0] != '/')
			return false;
		a->root = s.p;
		return true;
	}
	if (!bnd_text_take(&s, "deadline=") || *timed ||
	    !bnd_text_u64(s, BND_PAM_DEADLINE_MAX_S, &v) || v == 0)
		return false;
	*timed = true;
	a->deadline_s = (unsigned)v;
	return true;
}

int
bnd_pamarg_parse(const char *const *argv, size_t argc, struct bnd_pamarg *a,
    struct bnd_err *err)
{
	bool timed = false;

	memset(a, 0, sizeof(*a));
	if (take_action(argc > 0 ? argv[0] : "", a, err) != 0)
		return -1;
	for (size_t i = 1; i < argc; i++) {
		if (!take_one(argv[i], &timed, a))
			return bnd_fail(err, BND_E_INPUT,
			    "argument \"%.60s\" is not known here", argv[i]);
	}
	return 0;
}
