/* usb-lex.h: where the parser of rules stands, what it takes, what it says */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LEX_H
#define BND_USB_LEX_H

#include <stdbool.h>

#include "err.h"
#include "text.h"
#include "usb-term.h"

struct bnd_lex {
	const char *name;
	unsigned line;
	const char *start; /* of the line */
	struct bnd_str rest;
	struct bnd_usb_arena *arena;
	struct bnd_usb_rule *rule; /* that is being made */
	bool in_query;
};

unsigned bnd_lex_column(const struct bnd_lex *at);
bool bnd_lex_ends(const struct bnd_lex *at);
bool bnd_lex_sees(const struct bnd_lex *at, char c);
/* What is taken lies behind; false, and nothing is, if it does not stand here. */
bool bnd_lex_takes(struct bnd_lex *at, char c);
bool bnd_lex_blanks(struct bnd_lex *at);
/* Letters and what else is in more; perhaps none. */
struct bnd_str bnd_lex_word(struct bnd_lex *at, const char *more);

/* "name:line:col: what: "..."", and what stands here up to the next blank. */
int bnd_lex_complain(
    const struct bnd_lex *at, const char *what, struct bnd_err *err);
int bnd_lex_too_long(const struct bnd_lex *at, struct bnd_err *err);

/* Values; none of them is followed by anything but what may follow one. */
int bnd_lex_id(
    struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err) BND_CHECK;
int bnd_lex_iface(
    struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err) BND_CHECK;
/* Without its quotes and escapes, in the arena. */
int bnd_lex_string(
    struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err) BND_CHECK;

#endif
