/* gate.h: who may log in or become another, by mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_GATE_H
#define BND_GATE_H

#include <stdbool.h>

#include "mode.h"
#include "text.h"

/* What a PAM service is for. */
enum bnd_gate_kind {
	BND_GATE_LOGIN = 0, /* whatever is not known to be one of the others */
	BND_GATE_PRIVILEGE, /* su, sudo, polkit-1: somebody becomes another */
	BND_GATE_BATCH,	    /* cron, at, a user's services: nobody comes in */
};

/* Zero is "no". */
enum bnd_gate_says {
	BND_GATE_DENY = 0,
	BND_GATE_APPROVERS, /* those at this host: root and bnd-rescue */
	BND_GATE_RECORD,    /* everybody, and it goes into the log */
	BND_GATE_ALLOW,
};

enum bnd_gate_kind bnd_gate_kind(const char *service);

/*
 * True for su and its like: their PAM_USER is whom somebody becomes, and says
 * nothing about who asks.
 */
bool bnd_gate_names_target(const char *service);

/* The rows "login" and "su/sudo" of bnd(7); no mode is the strictest one. */
enum bnd_gate_says bnd_gate(
    enum bnd_gate_kind kind, enum bnd_mode m, bool console);

#endif
