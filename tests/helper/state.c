/* state.c: publish a state by hand, as mode-set would, for tests of readers */
/* SPDX-License-Identifier: ISC */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign.h"

static const char usage[] = "usage: state MODE\n"
			    "       state entering|leaving FROM TO TXN PID\n"
			    "       state request MODE\n"
			    "       state -R DIR ...\n";

static enum bnd_mode
mode(const char *word)
{
	enum bnd_mode m;

	if (bnd_mode_parse((struct bnd_str){ word, strlen(word) }, &m))
		return m;
	fputs(usage, stderr);
	exit(2);
}

static void
change(char **arg, struct bnd_state *s)
{
	enum bnd_mode from = mode(arg[1]), to = mode(arg[2]);

	s->mode = from;
	s->effective = bnd_mode_max(from, to);
	s->phase = strcmp(arg[0], "leaving") == 0 ? BND_LEAVING : BND_ENTERING;
	(void)snprintf(s->txn, sizeof s->txn, "%s", arg[3]);
	s->txn_pid = (int)strtol(arg[4], NULL, 10);
	s->txn_to = to;
}

static int
publish(int argc, char **argv, const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_state s = { .gen = 1, .phase = BND_STABLE };
	struct bnd_now now;

	if (argc == 3 && strcmp(argv[1], "request") == 0)
		return bnd_request_make(root, mode(argv[2]), err);
	if (bnd_clock_now(&now, err) == -1)
		return -1;
	if (argc == 6)
		change(argv + 1, &s);
	else
		s.mode = s.effective = mode(argv[1]);
	memcpy(s.boot, now.boot, sizeof s.boot);
	s.at_us = now.boot_us;
	s.offset_us = now.real_us - (int64_t)now.boot_us;
	s.log.spooled = true;
	return bnd_state_store(root, &s, err);
}

int
main(int argc, char **argv)
{
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	const char *dir = NULL;

	if (argc > 3 && strcmp(argv[1], "-R") == 0) {
		dir = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 2 && argc != 3 && argc != 6) {
		fputs(usage, stderr);
		return 2;
	}
	if (bnd_sign_init(&err) == 0 && bnd_root_open(&root, dir, &err) == 0 &&
	    bnd_root_mkdir(&root, "run/bnd", 0755, &err) == 0 &&
	    publish(argc, argv, &root, &err) == 0)
		return 0;
	fprintf(stderr, "state: %s\n", err.text);
	return 1;
}
