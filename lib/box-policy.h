/* box-policy.h: what one sandbox may do: the value every profile comes to */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_POLICY_H
#define BND_BOX_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mode.h"

/* `max`: no limit.  Bytes, milliseconds, per cent of a CPU, or a count. */
#define BND_BOX_TOP	 UINT64_MAX
#define BND_BOX_NAMES	 64
#define BND_BOX_BINDS	 64
#define BND_BOX_FDS	 16
#define BND_BOX_PATH	 256
#define BND_BOX_TEXT_MAX 65536 /* of a profile, and of a policy printed */

/* In the order of sbx-profile(5) and of the canonical text. */
enum bnd_box_key {
	BND_BOX_NONE = 0,
	BND_BOX_VERSION,
	BND_BOX_BASE,
	/* MIN: smaller is tighter */
	BND_BOX_MEM,
	BND_BOX_SWAP,
	BND_BOX_PIDS,
	BND_BOX_CPU,
	BND_BOX_TIME,
	BND_BOX_WALL,
	BND_BOX_IDLE,
	BND_BOX_GRACE,
	BND_BOX_SETUP,
	BND_BOX_OUT,
	BND_BOX_TMP, /* bytes; its inodes are tmp_inodes */
	BND_BOX_FSIZE,
	BND_BOX_NOFILE,
	/* MAX: larger is tighter */
	BND_BOX_LANDLOCK,
	BND_BOX_MODE_MIN, /* an enum bnd_mode */
	/* ORDER: an index into the key's words, 0 the tightest */
	BND_BOX_NET,
	BND_BOX_PROC,
	BND_BOX_STDIN,
	BND_BOX_WX,
	BND_BOX_OUT_OVER,
	BND_BOX_ON_TIGHTEN,
	BND_BOX_LOG,
	BND_BOX_PROFILES,
	/* SUBSET: fewer is tighter */
	BND_BOX_SYSCALLS,
	BND_BOX_DEV,
	BND_BOX_FDS_KEY,
	BND_BOX_PASS_ENV,
	BND_BOX_ALLOW, /* net's list of address and port */
	/* SUPERSET: more is tighter */
	BND_BOX_DENY,
	BND_BOX_HIDE,
	BND_BOX_PROTECT,
	/* MAP and FREE */
	BND_BOX_BIND,
	BND_BOX_ENV,
	BND_BOX_CWD,
	BND_BOX_KEYS,
};

/* Of the ORDER keys: the words of sbx-profile(5), tightest first. */
enum bnd_box_net { BND_NET_NONE = 0, BND_NET_LOOP, BND_NET_ALLOW };
enum bnd_box_stdin { BND_STDIN_NULL = 0, BND_STDIN_PIPE, BND_STDIN_ANY };
enum bnd_box_wx { BND_WX_NONE = 0, BND_WX_MEM, BND_WX_ALL };
enum bnd_box_over { BND_OVER_KILL = 0, BND_OVER_TRUNCATE };
enum bnd_box_act { BND_ACT_KILL = 0, BND_ACT_FREEZE };
enum bnd_box_log { BND_BOX_LOG_ALL = 0, BND_BOX_LOG_NONE };

/* Groups of system calls (box-calls.h), a bit each. */
enum bnd_box_group {
	BND_CALLS_BASE = 1 << 0,
	BND_CALLS_FILE = 1 << 1,
	BND_CALLS_PROC = 1 << 2,
	BND_CALLS_THREAD = 1 << 3,
	BND_CALLS_NET = 1 << 4,
	BND_CALLS_UNIX = 1 << 5,
	BND_CALLS_IPC = 1 << 6,
	BND_CALLS_TTY = 1 << 7,
	BND_CALLS_ALL = (1 << 8) - 1,
};

/* Rights of a bind; w implies o where the bind is made. */
enum bnd_box_right {
	BND_BIND_R = 1 << 0,
	BND_BIND_W = 1 << 1,
	BND_BIND_X = 1 << 2,
	BND_BIND_OWN = 1 << 3, /* as owner u */
	BND_BIND_SUBMOUNTS = 1 << 4,
	BND_BIND_OPTIONAL = 1 << 5,
};

struct bnd_box_bind {
	const char *src, *dst;
	unsigned rights; /* enum bnd_box_right */
	bool made; /* built in (dev, etc): no source of the administrator's */
};

/* A sorted set of words. */
struct bnd_box_names {
	size_t n;
	const char *at[BND_BOX_NAMES];
};

/* Where a key's value was said: "judge.sbx:7", "floor AIRGAP", "-k", "built in". */
#define BND_BOX_ORIGIN 64

/*
 * Texts pointed to belong to the struct bnd_box_pool the policy was read with,
 * so a policy is copied by assignment and must not outlive its pool.
 */
struct bnd_box_policy {
	uint64_t num[BND_BOX_KEYS]; /* of MIN, MAX and ORDER keys */
	uint64_t tmp_inodes;
	uint32_t calls; /* enum bnd_box_group */
	size_t fds_n;
	int fds[BND_BOX_FDS]; /* beside 0, 1 and 2 */
	struct bnd_box_names dev, pass_env, allow, deny, hide, protect;
	struct bnd_box_names env; /* NAME=VALUE */
	size_t binds;
	struct bnd_box_bind bind[BND_BOX_BINDS];
	const char *cwd;
	bool said[BND_BOX_KEYS];
	char origin[BND_BOX_KEYS][BND_BOX_ORIGIN];
};

/* Bytes that policies point into; all freed at once. */
struct bnd_box_pool {
	char *at;
	size_t used, size;
	size_t mark; /* where the text that is being read began */
};

#endif
