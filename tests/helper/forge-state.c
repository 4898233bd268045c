/* forge-state.c: what root can write: a state with a right sum and no record */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign.h"
#include "state.h"

int
main(int argc, char **argv)
{
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct bnd_state s;

	if (argc < 2 || bnd_sign_init(&err) != 0 ||
	    bnd_root_open(&root, NULL, &err) != 0 ||
	    bnd_state_load(&root, &s, &err) != 0 ||
	    !bnd_mode_parse(
		(struct bnd_str){ argv[1], strlen(argv[1]) }, &s.mode)) {
		fprintf(stderr, "forge-state: %s\n", err.text);
		return 1;
	}
	s.effective = s.mode;
	if (argc > 2 && strcmp(argv[2], "no-until") == 0) {
		s.until_us = 0;
		s.until_mode = BND_MODE_NONE;
	} else if (argc > 2)
		snprintf(s.frozen, sizeof(s.frozen), "%s", argv[2]);
	if (argc > 3)
		s.offset_us += strtoll(argv[3], NULL, 10);
	if (bnd_state_store(&root, &s, &err) == 0)
		return 0;
	fprintf(stderr, "forge-state: %s\n", err.text);
	return 1;
}
