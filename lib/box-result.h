/* box-result.h: how a run ended: sbx-result(5) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_RESULT_H
#define BND_BOX_RESULT_H

#include "box-attest.h"
#include "box-carry.h"
#include "box-cgcount.h"
#include "box-policy.h"
#include "box-stage.h"
#include "box-user.h"
#include "json.h"
#include "sign.h"

/* Closed; each with its evidence (sbx-result(5)). */
enum bnd_box_reason {
	BND_WHY_NONE = 0,
	BND_WHY_EXITED,
	BND_WHY_SIGNALED,
	BND_WHY_SECCOMP,
	BND_WHY_WALL,
	BND_WHY_CPU,
	BND_WHY_IDLE,
	BND_WHY_MEMORY,
	BND_WHY_OUTPUT,
	BND_WHY_MODE,
	BND_WHY_CANCELLED,
	BND_WHY_EXEC,
	BND_WHY_REFUSED,
	BND_WHY_SETUP,
	BND_WHY_SETUP_TIME,
	BND_WHY_STUCK,
	BND_WHY_INTERNAL,
	BND_WHYS,
};
const char *bnd_box_reason_word(enum bnd_box_reason r);

struct bnd_box_result {
	char id[33];
	enum bnd_mode mode, mode_then; /* at the start; the one that ended it */
	char profile[BND_BOX_PATH];
	uint8_t policy[BND_HASH_LEN];
	char argv0[BND_BOX_PATH];
	const struct bnd_box_user *user; /* with whose rights, or NULL */
	enum bnd_box_reason reason;
	int exit_code, signal;
	enum bnd_box_stage stage;
	int errnum;
	bool interpreter; /* errnum is about what the command asks for */
	char detail[240];
	uint64_t setup_ms, wall_ms;
	struct bnd_cg_used used;
	/*
	 * Of both streams: read from the payload; of these not delivered; and
	 * the errno of the write that failed (EPIPE is the reader's choice).
	 */
	uint64_t out_bytes, out_lost;
	int out_errnum;
	bool truncated; /* cut at the limit of the policy */
	bool killed;	/* by the supervisor; else it ended by itself */
	bool started;	/* the payload was released */
	bool ended;	/* the init told how: exit_code or signal is known */
	struct bnd_box_seen seen;
	const struct bnd_dials *dials; /* of the relay; NULL: there was none */
	struct bnd_carry_sum net;
	bool narrowed[BND_BOX_KEYS];
	char missing[512]; /* optional binds that were not there */
	char cleanup[120]; /* empty: nothing is left */
};

/* The exit status of sbx-run; 0 and others of the command's own as they are. */
int bnd_box_exit(const struct bnd_box_result *r);
/* One object on one line; the buffer is the caller's. */
bool bnd_box_result_json(
    const struct bnd_box_result *r, char *buf, size_t size, size_t *len);
/* isolate's key:value file. */
bool bnd_box_result_meta(
    const struct bnd_box_result *r, char *buf, size_t size, size_t *len);

#endif
