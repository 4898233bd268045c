/* plugin.c: a part of libxtables that lies, hangs or dies, as a file tells it */
/* SPDX-License-Identifier: ISC */
/*
 * Stands for libxt_multiport.so.  /tmp/plugin holds one word: drop (the ports are
 * not matched), other (another port than asked is printed), stub (nothing is
 * parsed), hang, die.  That it was loaded is told by /tmp/plugin-was-loaded.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xtables.h>

static char what[16], asked[64];

enum { DPORTS, SPORTS };
static const struct xt_option_entry options[] = {
	{ .name = "dports", .id = DPORTS, .type = XTTYPE_STRING },
	{ .name = "sports", .id = SPORTS, .type = XTTYPE_STRING },
	XTOPT_TABLEEND,
};

static void
parse(struct xt_option_call *cb)
{
	snprintf(asked, sizeof(asked), " --%s %s", cb->entry->name, cb->arg);
}

static void
save(const void *ip, const struct xt_entry_match *m)
{
	(void)ip;
	(void)m;
	if (strcmp(what, "other") == 0)
		printf(" --dports 1:65535");
	else if (strcmp(what, "drop") != 0)
		printf("%s", asked);
}

static struct xtables_match match = {
	.version = XTABLES_VERSION,
	.name = "multiport",
	.revision = 1,
	.family = NFPROTO_UNSPEC,
	.size = XT_ALIGN(48),
	.userspacesize = XT_ALIGN(48),
	.x6_options = options,
	.x6_parse = parse,
	.save = save,
};

__attribute__((constructor)) static void
begin(void)
{
	int fd = open("/tmp/plugin", O_RDONLY);

	if (fd >= 0) {
		(void)!read(fd, what, sizeof(what) - 1);
		close(fd);
	}
	what[strcspn(what, "\n")] = '\0';
	close(open("/tmp/plugin-was-loaded", O_CREAT | O_WRONLY, 0600));
	if (strcmp(what, "die") == 0)
		abort();
	while (strcmp(what, "hang") == 0)
		pause();
	if (strcmp(what, "stub") == 0)
		match.x6_parse = NULL;
	xtables_register_match(&match);
}
