/* finding.h: what can be wrong with a log: closed list of codes and verdicts */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FINDING_H
#define BND_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/* chain-verify(1) describes each; finding.c gives its exit status. */
enum bnd_code {
	BND_F_NONE = 0,
	/* 1: TAMPERED */
	BND_F_GRAMMAR,
	BND_F_SEQ,
	BND_F_LINK,
	BND_F_SIGNATURE,
	BND_F_BODY,
	BND_F_GENESIS,
	BND_F_CLOSED,
	BND_F_FILE,
	BND_F_RULE,
	BND_F_UNAPPROVED,
	BND_F_RUSHED,
	BND_F_FROZEN,
	BND_F_MODE,
	BND_F_GEN,
	BND_F_REDACTED,
	BND_F_LATE,
	BND_F_BOOTTIME,
	/* 3: TRUNCATED */
	BND_F_HEAD_AHEAD,
	BND_F_NO_LOG,
	BND_F_NO_HEAD,
	BND_F_ANCHOR_AHEAD,
	/* 4: FORKED */
	BND_F_FORK,
	BND_F_REINIT,
	BND_F_ANCHOR_FORK,
	/* 5: PARTIAL */
	BND_F_NO_PIN,
	BND_F_NO_TAIL,
	BND_F_UNCOVERED,
	BND_F_SUCCESSION,
	/* 6: TORN */
	BND_F_FRAGMENT,
	/* 8: UNSAFE */
	BND_F_OWNER,
	BND_F_PERMS,
	BND_F_TYPE,
	BND_F_LINKS,
	BND_F_ATTR,
	BND_F_ABSENT,
	BND_F_SLOT,
	/* notes: 0, and 1 with --strict but for RESUMED */
	BND_F_RESUMED,
	BND_F_WALLCLOCK,
	BND_F_POLICY,
	BND_F_SINGLE_APPROVER,
	BND_F_OVERSTAYED,
	BND_F_LAST,
};

#define BND_DETAIL_MAX 200

struct bnd_finding {
	enum bnd_code code;
	bool placed; /* file and offset say where the record stands */
	uint32_t file;
	uint64_t offset;
	bool has_seq;
	uint64_t seq;
	char detail[BND_DETAIL_MAX]; /* printable ASCII, one sentence */
};

/* Where findings go, one by one, in the order they are found. */
struct bnd_sink {
	void (*take)(void *arg, const struct bnd_finding *f);
	void *arg;
};

const char *bnd_code_name(enum bnd_code code);
/* Exit status of a finding: 0 for a note, unless strict makes it 1. */
int bnd_code_exit(enum bnd_code code, bool strict);
bool bnd_code_is_note(enum bnd_code code);

/* The graver of two: 4, 1, 3, 8, 2, 6, 5, 7, 0. */
int bnd_exit_worst(int a, int b);
const char *bnd_exit_name(int status); /* "TAMPERED" */

#endif
