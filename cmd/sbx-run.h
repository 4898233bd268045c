/* sbx-run.h: what sbx-run does, a verb a file */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SBX_RUN_H
#define CMD_SBX_RUN_H

#include "err.h"
#include "opt.h"
#include "root.h"

enum {
	SBX_ID_CHECK = OPT_ID_OWN,
	SBX_ID_CHECK_HOST,
	SBX_ID_COMPARE,
	SBX_ID_DIE_WITH,
	SBX_ID_ENFORCE,
	SBX_ID_EXPLAIN,
	SBX_ID_FOR,
	SBX_ID_GC,
	SBX_ID_LIST,
	SBX_ID_MEM,
	SBX_ID_META,
	SBX_ID_MODE,
	SBX_ID_PIDS,
	SBX_ID_PROFILE,
	SBX_ID_RESULT,
	SBX_ID_SELFTEST,
	SBX_ID_SET,
	SBX_ID_TIME,
	SBX_ID_WALL,
	SBX_ID_WORK,
};

#define SBX_TROUBLE 125 /* of sbx-run's own: no command ran */

/* The exit status; 125 is trouble of a run, 0, 1, 2 answers of the others. */
typedef int sbx_verb(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err);

sbx_verb sbx_go;	 /* COMMAND [ARG...] */
sbx_verb sbx_explain;	 /* --explain */
sbx_verb sbx_compare;	 /* --compare A B */
sbx_verb sbx_check_host; /* --check-host */
sbx_verb sbx_selftest;	 /* --selftest */
sbx_verb sbx_enforce;	 /* --enforce */
sbx_verb sbx_check;	 /* --check */
sbx_verb sbx_list;	 /* --list */
sbx_verb sbx_gc;	 /* --gc */

#endif
