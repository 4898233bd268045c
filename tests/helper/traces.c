/* traces.c: what a library call leaves changed in the process that made it */
/* SPDX-License-Identifier: ISC */
/*
 *	traces MODE	change the mode, print what differs afterwards
 *
 * A library that its host program (a PAM stack, a shell of its own) cannot
 * trust to leave umask, directory, signals, limits or descriptors alone is no
 * library.
 */
#include <dirent.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "sign.h"
#include "transition.h"

struct traces {
	mode_t mask;
	char cwd[256], locale[64];
	unsigned fds, env;
	sigset_t blocked;
	struct sigaction act[NSIG];
	struct rlimit limit[RLIM_NLIMITS];
};

static unsigned
count_fds(void)
{
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static void
look(struct traces *t)
{
	memset(t, 0, sizeof(*t));
	t->mask = umask(022);
	umask(t->mask);
	if (getcwd(t->cwd, sizeof(t->cwd)) == NULL)
		t->cwd[0] = '?';
	snprintf(t->locale, sizeof(t->locale), "%s", setlocale(LC_ALL, NULL));
	t->fds = count_fds();
	for (char **e = environ; *e != NULL; e++)
		t->env++;
	sigprocmask(SIG_BLOCK, NULL, &t->blocked);
	for (int s = 1; s < NSIG; s++)
		sigaction(s, NULL, &t->act[s]);
	for (int l = 0; l < RLIM_NLIMITS; l++)
		getrlimit((__rlimit_resource_t)l, &t->limit[l]);
}

static void
compare(const struct traces *a, const struct traces *b)
{
	if (a->mask != b->mask)
		printf("umask %03o became %03o\n", a->mask, b->mask);
	if (strcmp(a->cwd, b->cwd) != 0)
		printf("directory %s became %s\n", a->cwd, b->cwd);
	if (strcmp(a->locale, b->locale) != 0)
		printf("locale %s became %s\n", a->locale, b->locale);
	if (a->fds != b->fds)
		printf("%u descriptors became %u\n", a->fds, b->fds);
	if (a->env != b->env)
		printf("the environment changed\n");
	for (int s = 1; s < NSIG; s++) {
		if (sigismember(&a->blocked, s) != sigismember(&b->blocked, s))
			printf("signal %d is blocked otherwise\n", s);
		if (a->act[s].sa_handler != b->act[s].sa_handler)
			printf("signal %d is handled otherwise\n", s);
	}
	for (int l = 0; l < RLIM_NLIMITS; l++) {
		if (a->limit[l].rlim_cur != b->limit[l].rlim_cur ||
		    a->limit[l].rlim_max != b->limit[l].rlim_max)
			printf("limit %d changed\n", l);
	}
}

int
main(int argc, char **argv)
{
	static struct bnd_outcome out;
	static struct bnd_check c;
	static struct traces before, after;
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct bnd_change want = { .why = "traces" };
	int rc;

	if (argc != 2 || bnd_sign_init(&err) != 0 ||
	    bnd_root_open(&root, NULL, &err) != 0 ||
	    !bnd_mode_parse(
		(struct bnd_str){ argv[1], strlen(argv[1]) }, &want.to))
		return 2;
	umask(0);
	look(&before);
	rc = bnd_transition(&root, &want, &out, &err);
	bnd_check(&root, BND_CHECK_KERNEL | BND_CHECK_LOG, &c);
	look(&after);
	compare(&before, &after);
	return rc == 0 ? 0 : bnd_kind_exit(err.kind);
}
