/* callnr.c: the numbers of box-calls.c's names, as libseccomp knows them */
/* SPDX-License-Identifier: ISC */
/*
 * Run by the build, on the architecture it builds for.  What it prints is
 * compiled into libbnd.a, so no program of ours needs libseccomp when it runs.
 * A name that libseccomp does not know is an error: a slip of the pen would be
 * a call that is never allowed, or, under deny, one that is.
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box-calls.h"

/* Newer than the oldest libseccomp there may be (2.5.4). */
static const char *const newer[] = { "cachestat", "fchmodat2", "file_getattr",
	"file_setattr", "futex_requeue", "futex_wait", "futex_wake",
	"getxattrat", "listmount", "listxattrat", "lsm_get_self_attr",
	"lsm_list_modules", "lsm_set_self_attr", "map_shadow_stack", "mseal",
	"open_tree_attr", "removexattrat", "setxattrat", "statmount",
	"uretprobe" };

static int
is_newer(const char *name)
{
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		if (!strcmp(newer[i], name))
			return 1;
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const struct bnd_call_nr *x = a, *y = b;

	return x->nr != y->nr ? (x->nr < y->nr ? -1 : 1)
			      : (x->row < y->row ? -1 : 1);
}

int
main(void)
{
	static struct bnd_call_nr nrs[BND_CALL_NRS_MAX];
	size_t n = 0;

	for (size_t row = 0; bnd_calls[row].name != NULL; row++) {
		int nr = seccomp_syscall_resolve_name(bnd_calls[row].name);

		if (nr == __NR_SCMP_ERROR && !is_newer(bnd_calls[row].name)) {
			fprintf(stderr, "callnr: libseccomp knows no %s\n",
			    bnd_calls[row].name);
			return 1;
		}
		/* Below 0: of other architectures. */
		if (nr < 0)
			continue;
		if (n == BND_CALL_NRS_MAX || nr >= 1024) {
			fprintf(stderr, "callnr: too many calls\n");
			return 1;
		}
		nrs[n++] = (struct bnd_call_nr){ (uint16_t)nr, (uint16_t)row };
	}
	qsort(nrs, n, sizeof(nrs[0]), by_number);
	printf("/* made by gen/callnr.c */\n#include \"box-calls.h\"\n\n"
	       "const struct bnd_call_nr bnd_call_nrs[] = {\n");
	for (size_t i = 0; i < n; i++)
		printf("\t{ %u, %u }, /* %s */\n", nrs[i].nr, nrs[i].row,
		    bnd_calls[nrs[i].row].name);
	printf("};\nconst size_t bnd_call_nrs_n = %zu;\n", n);
	return fflush(stdout) != 0;
}
