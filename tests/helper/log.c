/* log.c: begin a log, or append to it, from a shell test */
/* SPDX-License-Identifier: ISC */
#include "logkit.h"

/* "log [-R DIR] init", "log [-R DIR] append EV BODY [spool]" */
int
main(int argc, char **argv)
{
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct bnd_mark mark = { 0 };
	const char *dir = NULL;
	int rc = -1;

	if (argc > 3 && strcmp(argv[1], "-R") == 0) {
		dir = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (bnd_root_open(&root, dir, &err) == 0) {
		if (argc == 2 && strcmp(argv[1], "init") == 0)
			rc = kit_init(&root, &err);
		else if (argc >= 4)
			rc = kit_append(&root, argv[2], argv[3],
			    argc > 4 ? BND_LOG_SPOOL_OK : BND_LOG_DURABLE,
			    &mark, &err);
	}
	bnd_root_close(&root);
	if (rc != 0 || mark.spooled)
		fprintf(stderr, "log: %s\n", err.text);
	if (mark.spooled)
		return bnd_kind_exit(BND_E_UNLOGGED);
	return rc == 0 ? 0 : bnd_kind_exit(err.kind);
}
