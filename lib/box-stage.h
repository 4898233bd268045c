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
	BND_STAGE_SOURCE,
	BND_STAGE_LEASE,
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
	BND_STAGE_RELAY, /* of net allow, in the supervisor's child */
	BND_STAGE_ATTEST,
	BND_STAGE_EXEC,
	BND_STAGES,
};
const char *bnd_box_stage_word(enum bnd_box_stage s);

/*
 * One datagram of the status socket (SEQPACKET, SO_PASSCRED: who sent it the
 * kernel says), or of go (from the payload, when execve failed).  No pointers,
 * no text: the receiver makes the sentence.
 */
#define BND_NOTE_MAGIC UINT32_C(0x626e6473)
enum bnd_box_note_kind {
	BND_NOTE_NONE = 0,
	BND_NOTE_FAILED, /* stage, step, errno, arg: which object */
	BND_NOTE_READY,	 /* the payload; value: errno of Landlock's probe */
	BND_NOTE_SEALED, /* the init: so am I */
	BND_NOTE_ENDED,	 /* the payload's siginfo: arg code, value status */
	BND_NOTES,
};
struct bnd_box_note {
	uint32_t magic;
	uint32_t kind, stage, step;
	int32_t errnum;
	uint32_t arg, spare; /* 0 */
	int64_t value;
};
/* Pure: magic, size, ranges; false is "malformed", which ends the run. */
bool bnd_box_note_read(const void *buf, size_t len, struct bnd_box_note *n);

/* What holds in a child after some of its steps. */
enum bnd_box_state {
	BND_HAS_CAPS = 1 << 0,	   /* all of them, in its user namespace */
	BND_HAS_ID = 1 << 1,	   /* an id that is mapped, no groups */
	BND_HAS_SHUT = 1 << 2,	   /* no descriptor but those of the job */
	BND_HAS_LEAVES = 1 << 3,   /* in its cgroups, v1 ones too */
	BND_HAS_SPACES = 1 << 4,   /* cgroup namespace, time for children */
	BND_HAS_PROCFS = 1 << 5,   /* a detached one */
	BND_HAS_CLOCKS = 1 << 6,   /* the payload's begin near 0 */
	BND_HAS_ROOT = 1 << 7,	   /* the sandbox's, the host's out of reach */
	BND_HAS_LIMITS = 1 << 8,   /* rlimits */
	BND_HAS_BOUND = 1 << 9,	   /* empty bounding set, locked securebits */
	BND_HAS_NO_NEW = 1 << 10,  /* no_new_privs */
	BND_HAS_SESSION = 1 << 11, /* and no terminal */
	BND_HAS_LAND = 1 << 12,	   /* Landlock's domain */
	BND_HAS_PLAIN = 1 << 13,   /* an id and no capability */
	BND_HAS_FDS = 1 << 14,	   /* the payload's, and no others */
	BND_HAS_CWD = 1 << 15,
	BND_HAS_PAYLOAD = 1 << 16, /* it was cloned */
	BND_HAS_FILTER = 1 << 17,
	BND_HAS_LEFT = 1 << 20,	   /* the host's root is gone */
	BND_HAS_OWN_ID = 1 << 19,  /* the payload's, and its groups */
	BND_HAS_KEYRING = 1 << 21, /* of its session, with nothing in it */
	BND_HAS_MAPS = 1 << 18,	   /* of ids, and the supervisor's leave */
};

/*
 * A child is a table of these, ended by one without run.  needs: must hold
 * before it; bars: must not; then takes goes and gives comes.  -1 of run:
 * note has errnum and arg.  step counts within a stage from 0: a fault's name.
 */
struct bnd_box_child;
struct bnd_box_step {
	enum bnd_box_stage stage;
	unsigned step;
	const char *does; /* "cannot ..." */
	int (*run)(struct bnd_box_child *c, struct bnd_box_note *note);
	unsigned needs, bars, takes, gives;
};
/* Pure: row whose needs or bars do not fit, or that repeats a name; -1: none. */
int bnd_box_steps_wrong(const struct bnd_box_step *table, unsigned *state);

#endif
