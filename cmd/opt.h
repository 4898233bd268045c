/* opt.h: one option table per tool feeds parser, help, completion, man check */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Who may use an option or verb: what is not listed is refused. */
enum opt_priv {
	OPT_ROOT = 0,
	OPT_ANY,
};

struct opt {
	const char *name; /* long name */
	char letter;	  /* or 0 */
	const char *arg;  /* name of its argument, NULL if it takes none; one
			  * that ends with "..." may be given again */
	const char *help; /* a line, lower case */
	enum opt_priv priv;
	int id; /* > 0, unique in the table */
};

/* Verbs of a tool with several jobs; NULL for a tool with one. */
struct opt_verb {
	const char *name;
	const char *args; /* synopsis of what follows */
	const char *help;
	enum opt_priv priv;
	int id;
};

struct opt_spec {
	const char *prog;
	const char *synopsis; /* one line a form, as in the man page */
	const char *about;
	const struct opt *opts;	      /* ends with name NULL */
	const struct opt_verb *verbs; /* or NULL */
	unsigned operands_max;	      /* after the verb */
	bool command; /* the first operand begins a command line: no options
			 of ours follow it, and it has no end */
};

#define OPT_OPERANDS 8
#define OPT_IDS	     48
#define OPT_MANY     64

struct opt_args {
	int verb; /* id, 0 if the tool has none */
	bool seen[OPT_IDS];
	const char *value[OPT_IDS]; /* of an option with an argument */
	const char *many[OPT_MANY]; /* of the option that may be repeated */
	unsigned many_n;
	const char *operand[OPT_OPERANDS];
	unsigned operands;
	char **command;	 /* of argv, with its NULL; empty without a command */
	bool needs_root; /* an option or the verb does */
};

/*
 * Parse.  -1: usage error in err (exit 2): unknown, twice, missing argument,
 * too many operands.  --help and --version, and the hidden --dump-options that
 * feeds completion and the man page check, print and give 1: exit 0 then.
 */
int opt_parse(const struct opt_spec *spec, int argc, char **argv,
    struct opt_args *args, struct bnd_err *err) BND_CHECK;

/* The options every tool has, to stand at the head of its table. */
#define OPT_ID_HELP    1
#define OPT_ID_VERSION 2
#define OPT_ID_ROOT    3
#define OPT_ID_QUIET   4
#define OPT_ID_VERBOSE 5
#define OPT_ID_JSON    6
#define OPT_ID_DUMP    7
#define OPT_ID_OWN     8 /* a tool's own start here */
#define OPT_COMMON                                                     \
	{ "help", 'h', NULL, "show this help", OPT_ANY, OPT_ID_HELP }, \
	{                                                              \
		"version", 'V', NULL, "show the version", OPT_ANY,     \
		    OPT_ID_VERSION                                     \
	}

#endif
