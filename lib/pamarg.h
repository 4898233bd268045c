/* pamarg.h: the words behind pam_bnd.so in a PAM service file */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PAMARG_H
#define BND_PAMARG_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "mode.h"
#include "text.h"

#define BND_PAM_DEADLINE_MAX_S 900
#define BND_TIGHTEN_MAX	       8
#define BND_WHO_MAX	       64

enum bnd_pam_action {
	BND_PAM_NONE = 0,
	BND_PAM_CEREMONY,
	BND_PAM_LOGIN,
};

/* tighten=MODE, tighten=MODE:USER, tighten=MODE:@GROUP */
struct bnd_tighten {
	enum bnd_mode mode;
	bool group;
	char who[BND_WHO_MAX + 1]; /* empty: everybody */
};

struct bnd_pamarg {
	enum bnd_pam_action action;
	const char *root;    /* root=DIR, an absolute name, or NULL */
	unsigned deadline_s; /* deadline=N, or what the action has */
	unsigned n;
	struct bnd_tighten tighten[BND_TIGHTEN_MAX];
};

/*
 * The action comes first; everything but tighten stands once; what is not
 * known is an error, never ignored.  root points into argv.
 */
int bnd_pamarg_parse(const char *const *argv, size_t argc, struct bnd_pamarg *a,
    struct bnd_err *err) BND_CHECK;

const char *bnd_pam_action_name(enum bnd_pam_action action);

#endif
