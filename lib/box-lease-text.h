/* box-lease-text.h: what a run leaves in its lease, for whoever comes after it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LEASE_TEXT_H
#define BND_BOX_LEASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "box-policy.h"
#include "err.h"
#include "mode.h"
#include "text.h"

#define BND_LEASE_BOOT	32 /* hex digits */
#define BND_LEASE_PATHS 8
/* The most a text comes to: the policy, and every other line at its longest. */
#define BND_LEASE_MAX \
	(BND_BOX_TEXT_MAX + (BND_LEASE_PATHS + 1) * (BND_BOX_PATH + 16) + 512)

/* What the file says; text first line "bnd-lease 1", last line "end". */
struct bnd_lease_text {
	char boot[BND_LEASE_BOOT + 1];
	char id[33]; /* of the run, hex */
	pid_t sup, init;
	uint64_t sup_start,
	    init_start; /* clock ticks since boot, /proc/N/stat 22 */
	enum bnd_mode mode;
	bool logged; /* sbx.start is on record */
	char cgroup[BND_LEASE_PATHS]
		   [BND_BOX_PATH]; /* leaves, as made; v2 first */
	size_t cgroups;
	char argv0[BND_BOX_PATH];
	char policy[BND_BOX_TEXT_MAX]; /* canonical; empty before it is known */
};

/* Pure; buf takes BND_LEASE_MAX bytes. */
int bnd_lease_pack(const struct bnd_lease_text *t, char *buf, size_t size,
    size_t *len, struct bnd_err *err) BND_CHECK;
/* BND_E_CORRUPT for whatever bnd_lease_pack() does not write. */
int bnd_lease_unpack(struct bnd_str text, struct bnd_lease_text *t,
    struct bnd_err *err) BND_CHECK;

/* Of garbage: the leaves that its lines still name (they are not believed). */
size_t bnd_lease_salvage(
    struct bnd_str text, char path[static BND_LEASE_PATHS][BND_BOX_PATH]);

#endif
