/* pamarg.c: module arguments: known, in place and once, or refused */
/* SPDX-License-Identifier: ISC */
#include "pamarg.h"

#include <string.h>

#include "tap.h"

#define WORDS 12

static int
parse(const char *text, struct bnd_pamarg *a)
{
	static char copy[512];
	const char *argv[WORDS];
	struct bnd_err err = { 0 };
	size_t argc = 0;
	int rc;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p != '\0' && argc < WORDS;) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
	rc = bnd_pamarg_parse(argv, argc, a, &err);
	if (rc != 0 && (err.kind != BND_E_INPUT || err.text[0] == '\0'))
		bail("no reason is given");
	return rc;
}

static void
test_good(void)
{
	struct bnd_pamarg a;

	is_int(parse("ceremony", &a), 0, "ceremony");
	is_int(a.action, BND_PAM_CEREMONY, "is the action");
	is_int(a.deadline_s, 900, "people have a quarter of an hour");
	ok(a.root == NULL && a.n == 0, "nothing else is set");
	is_int(parse("login deadline=7 root=/x", &a), 0, "login");
	ok(a.action == BND_PAM_LOGIN && a.deadline_s == 7 &&
		strcmp(a.root, "/x") == 0,
	    "its arguments");
	is_int(parse("login tighten=airgap tighten=COLDROOM:bob "
		     "tighten=TRUSTED:@wheel",
		   &a),
	    0, "tighten");
	is_int(a.n, 3, "may be given again");
	ok(a.tighten[0].mode == BND_AIRGAP && a.tighten[0].who[0] == '\0',
	    "for all");
	ok(a.tighten[1].mode == BND_COLDROOM && !a.tighten[1].group &&
		strcmp(a.tighten[1].who, "bob") == 0,
	    "for a user");
	ok(a.tighten[2].group && strcmp(a.tighten[2].who, "wheel") == 0,
	    "for a group");
}

static void
test_bad(void)
{
	static const char *const bad[] = { "", "CEREMONY", "debug ceremony",
		"ceremony ceremony", "ceremony login", "ceremony nullok",
		"ceremony nouserok", "ceremony debug", "ceremony deadline=0",
		"ceremony deadline=901", "ceremony deadline=-1",
		"ceremony deadline=07",
		"ceremony deadline=", "ceremony deadline=1 deadline=1",
		"ceremony root=", "ceremony root=x", "ceremony root=/a root=/b",
		"ceremony tighten=OPEN", "login tighten=", "login tighten=:bob",
		"login tighten=AIRGAP:", "login tighten=AIRGAP:@",
		"login tighten=NONE", "login tighten", "login Root=/x",
		"login tighten=OPEN tighten=OPEN tighten=OPEN tighten=OPEN "
		"tighten=OPEN tighten=OPEN tighten=OPEN tighten=OPEN "
		"tighten=OPEN",
		"login tighten=OPEN:"
		"01234567890123456789012345678901234567890123456789012345678901"
		"234" };
	struct bnd_pamarg a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(parse(bad[i], &a), -1, "\"%.40s\"", bad[i]);
}

int
main(void)
{
	test_good();
	test_bad();
	return tap_done();
}
