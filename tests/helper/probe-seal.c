/* probe-seal.c: the live probe of lib/probe.c behind rules of the caller's choice */
/* SPDX-License-Identifier: ISC */
/*
 *	probe-seal [-w] SHELL-COMMAND
 *
 * The command hooks the new link, whose name it finds in $LINK; -w: new links
 * are hooked at once.  Prints the verdict, then what passed.  Run it in a
 * throw-away host only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "err.h"
#include "link.h"
#include "nl.h"
#include "probe.h"
#include "sign.h"

static struct bnd_nl nl = BND_NL_CLOSED;

/* The newest link is the probe's. */
static int
hook(void *ctx, struct bnd_err *err)
{
	SCOPED_LINKS struct bnd_links l = { 0 };

	if (bnd_links_read(&nl, &l, err) == -1)
		return -1;
	setenv("LINK", l.id[l.n - 1].name, 1);
	/* The test's own script, as its argument: nothing to quote, no user's word. */
	if (system(ctx) == 0)
		return 0;
	return bnd_fail(err, BND_E_SYS, "the command failed");
}

int
main(int argc, char **argv)
{
	static const char *const words[] = { "not", "tight", "leaks", "unshown",
		"absent" };
	struct bnd_probe p = { .judged = BND_PROBE_ALL, .hook = hook };
	bool wild = argc == 3 && strcmp(argv[1], "-w") == 0;
	struct bnd_err err = { 0 };
	char text[256];

	if (argc < 2 || bnd_sign_init(&err) == -1 ||
	    bnd_nl_open(&nl, NETLINK_ROUTE, &err) == -1)
		return 2;
	p.hooked = wild;
	p.ctx = argv[argc - 1];
	bnd_probe_run(&p, &nl);
	bnd_probe_list(p.passed, text, sizeof(text));
	printf("%s %s\n", words[p.result], text);
	fprintf(
	    stderr, "%u ms%s %s\n", p.ms, p.v6 ? "" : " no IPv6", p.why.text);
	return 0;
}
