/* box-stage.h: the steps of a start, in order, and how each one reports */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_STAGE_H
#define BND_BOX_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The word of sbx-result(5) is bnd_box_stage_word(). */
enum bnd_box_stage {
	BND_STAGE_NONE = 0,
	/* supervisor */
	BND_STAGE_ARGS,
	BND_STAGE_PRIVILEGE,
	BND_STAGE_MODE,
	BND_STAGE_PROFILE,
	BND_STAGE_LOG,
	BND_STAGE_LEASE,
	BND_STAGE_SOURCE,
	BND_STAGE_CGROUP,
	BND_STAGE_FILTER,
	BND_STAGE_CLONE,
	BND_STAGE_MAP,
	/* init */
	BND_STAGE_JOIN,
	BND_STAGE_TIME,
	BND_STAGE_ROOT,
	BND_STAGE_NET,
	BND_STAGE_HOST,
	BND_STAGE_PAYLOAD, /* the clone of P */
	/* payload */
	BND_STAGE_LANDLOCK,
	BND_STAGE_CREDS,
	BND_STAGE_FDS,
	BND_STAGE_CHDIR,
	BND_STAGE_SECCOMP,
	/* init, then supervisor */
	BND_STAGE_SEAL,
	BND_STAGE_ATTEST,
	BND_STAGE_EXEC,
	BND_STAGES,
};
const char *bnd_box_stage_word(enum bnd_box_stage s);

/*
 * One datagram of the status socket (SEQPACKET, SO_PASSCRED: who sent it the
 * kernel says).  No pointers, no text: the receiver makes the sentence.
 */
#define BND_NOTE_MAGIC UINT32_C(0x626e6473)
enum bnd_box_note_kind {
	BND_NOTE_NONE = 0,
	BND_NOTE_FAILED, /* stage, errno, arg: which call or object */
	BND_NOTE_READY,	 /* the payload: all but exec is done */
	BND_NOTE_SEALED, /* the init: so am I */
	BND_NOTE_PROBE, /* value: the errno of the mount probe after Landlock */
	BND_NOTE_ENDED, /* the init: the payload's siginfo, arg code, value status */
};
struct bnd_box_note {
	uint32_t magic;
	uint32_t kind, stage;
	int32_t errnum;
	uint32_t arg;
	int64_t value;
};
/* Pure: magic, size, ranges; false is "malformed", which ends the run. */
bool bnd_box_note_read(const void *buf, size_t len, struct bnd_box_note *n);

#endif
