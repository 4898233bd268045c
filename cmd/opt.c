/* opt.c: the option table as parser, help and list */
/* SPDX-License-Identifier: ISC */
#include "opt.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define SHORTS_LEN (3 * OPT_IDS)
#define DUMP_NAME  "dump-options"

/* getopt_long's own view of the table. */
struct view {
	struct option longs[OPT_IDS + 2];
	char shorts[SHORTS_LEN];
};

static void
build(const struct opt_spec *spec, struct view *v)
{
	size_t n = 0, s = 0;

	memset(v, 0, sizeof(*v));
	v->shorts[s++] = '+'; /* operands end the options */
	v->shorts[s++] = ':';
	for (const struct opt *o = spec->opts; o->name != NULL; o++) {
		int has = o->arg != NULL ? required_argument : no_argument;

		v->longs[n++] = (struct option){ o->name, has, NULL, o->id };
		if (o->letter == 0)
			continue;
		v->shorts[s++] = o->letter;
		if (o->arg != NULL)
			v->shorts[s++] = ':';
	}
	v->longs[n] =
	    (struct option){ DUMP_NAME, no_argument, NULL, OPT_ID_DUMP };
}

static const struct opt *
find(const struct opt_spec *spec, int c)
{
	for (const struct opt *o = spec->opts; o->name != NULL; o++)
		if (o->id == c || (o->letter != 0 && o->letter == c))
			return o;
	return NULL;
}

static void
print_help(const struct opt_spec *spec)
{
	printf("usage: %s\n\n%s\n", spec->synopsis, spec->about);
	if (spec->verbs != NULL)
		printf("\n");
	for (const struct opt_verb *b = spec->verbs;
	     b != NULL && b->name != NULL; b++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", b->name, b->args);
		printf("  %-24s %s\n", left, b->help);
	}
	printf("\n");
	for (const struct opt *o = spec->opts; o->name != NULL; o++) {
		char left[40], letter[5] = "    ";

		if (o->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "--%s%s%s", o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		printf("  %s%-20s %s\n", letter, left, o->help);
	}
}

static const char *
priv_name(enum opt_priv priv)
{
	return priv == OPT_ANY ? "any" : "root";
}

/* For completion and the man page check: one entry a line, tabs between. */
static void
dump(const struct opt_spec *spec)
{
	for (const struct opt_verb *b = spec->verbs;
	     b != NULL && b->name != NULL; b++)
		printf(
		    "verb\t%s\t%s\t%s\n", b->name, priv_name(b->priv), b->args);
	for (const struct opt *o = spec->opts; o->name != NULL; o++)
		printf("%s\t%c\t%s\t%s\n", o->name,
		    o->letter != 0 ? o->letter : '-',
		    o->arg != NULL ? o->arg : "-", priv_name(o->priv));
}

/* 1 if the option is one that prints and ends. */
static int
answer(const struct opt_spec *spec, int id)
{
	if (id == OPT_ID_HELP)
		print_help(spec);
	else if (id == OPT_ID_VERSION)
		printf("%s %s\n", spec->prog, BND_VERSION);
	else if (id == OPT_ID_DUMP)
		dump(spec);
	else
		return 0;
	return 1;
}

static bool
may_repeat(const struct opt *o)
{
	size_t n = o->arg != NULL ? strlen(o->arg) : 0;

	return n > 3 && strcmp(o->arg + n - 3, "...") == 0;
}

static int
take(const struct opt *o, struct opt_args *args, struct bnd_err *err)
{
	bool again = may_repeat(o);

	if (args->seen[o->id] && !again)
		return bnd_fail(
		    err, BND_E_INPUT, "option --%s is given twice", o->name);
	if (again && args->many_n == OPT_MANY)
		return bnd_fail(err, BND_E_INPUT,
		    "option --%s is given more than %d times", o->name,
		    OPT_MANY);
	if (again)
		args->many[args->many_n++] = optarg;
	args->seen[o->id] = true;
	args->value[o->id] = optarg;
	args->needs_root |= o->priv == OPT_ROOT;
	return 0;
}

static int
refuse(const char *word, int c, struct bnd_err *err)
{
	const char *what =
	    c == ':' ? "option needs an argument" : "unknown option";

	if (optopt > 0 && optopt < 127 && strncmp(word, "--", 2) != 0)
		return bnd_fail(
		    err, BND_E_INPUT, "%s: -%c (try --help)", what, optopt);
	return bnd_fail(err, BND_E_INPUT, "%s: %.60s (try --help)", what, word);
}

/* An abbreviation would mean something else once there is a longer name. */
static bool
is_whole(const char *word, const struct option *o)
{
	size_t len = strlen(o->name);

	return strncmp(word + 2, o->name, len) == 0 &&
	    (word[2 + len] == '\0' || word[2 + len] == '=');
}

/* Options up to the first operand; 1 if one of them printed and ended. */
static int
parse_options(const struct opt_spec *spec, const struct view *v, int argc,
    char **argv, struct opt_args *args, struct bnd_err *err)
{
	int c, at = optind, index = -1;

	opterr = 0;
	while (
	    (c = getopt_long(argc, argv, v->shorts, v->longs, &index)) != -1) {
		const struct opt *o =
		    c != '?' && c != ':' ? find(spec, c) : NULL;
		int id = o != NULL ? o->id : c;

		if (c == '?' || c == ':')
			return refuse(argv[optind - 1], c, err);
		if (index >= 0 && !is_whole(argv[at], &v->longs[index]))
			return refuse(argv[at], '?', err);
		at = optind;
		index = -1;
		if (answer(spec, id) != 0)
			return 1;
		if (o == NULL)
			return refuse(argv[optind - 1], '?', err);
		if (take(o, args, err) != 0)
			return -1;
	}
	return 0;
}

static int
take_verb(const struct opt_spec *spec, const char *word, struct opt_args *args,
    struct bnd_err *err)
{
	for (const struct opt_verb *b = spec->verbs; b->name != NULL; b++) {
		if (strcmp(b->name, word) != 0)
			continue;
		args->verb = b->id;
		args->needs_root |= b->priv == OPT_ROOT;
		return 0;
	}
	return bnd_fail(
	    err, BND_E_INPUT, "unknown verb: %.60s (try --help)", word);
}

static int
take_operand(const struct opt_spec *spec, const char *word,
    struct opt_args *args, struct bnd_err *err)
{
	if (spec->verbs != NULL && args->verb == 0)
		return take_verb(spec, word, args, err);
	if (args->operands >= spec->operands_max)
		return bnd_fail(
		    err, BND_E_INPUT, "one word too many: %.60s", word);
	args->operand[args->operands++] = word;
	return 0;
}

/* Everything from the first operand on is somebody else's. */
static int
parse_command(const struct opt_spec *spec, const struct view *v, int argc,
    char **argv, struct opt_args *args, struct bnd_err *err)
{
	int rc = parse_options(spec, v, argc, argv, args, err);

	args->command = argv + optind;
	return rc;
}

/* Options may stand before, between and after operands; "--" ends them. */
int
opt_parse(const struct opt_spec *spec, int argc, char **argv,
    struct opt_args *args, struct bnd_err *err)
{
	struct view v;
	bool literal = false;

	memset(args, 0, sizeof(*args));
	build(spec, &v);
	optind = 1;
	if (spec->command)
		return parse_command(spec, &v, argc, argv, args, err);
	while (optind < argc) {
		int rc = literal
		    ? 0
		    : parse_options(spec, &v, argc, argv, args, err);

		if (rc != 0)
			return rc;
		literal |= optind > 1 && strcmp(argv[optind - 1], "--") == 0;
		if (optind < argc &&
		    take_operand(spec, argv[optind++], args, err) != 0)
			return -1;
	}
	if (spec->verbs != NULL && args->verb == 0)
		return bnd_fail(err, BND_E_INPUT,
		    "a verb is missing "
		    "(try --help)");
	return 0;
}
