/* relay-run.h: run the helper and carry what it and the people say */
/* SPDX-License-Identifier: ISC */
#ifndef PAM_RELAY_RUN_H
#define PAM_RELAY_RUN_H

#include <security/pam_modules.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "relay.h"

/* A helper at work. */
struct relay {
	const struct pam_conv *conv;
	bool silent; /* PAM_SILENT: no text, but questions are asked */
	int sock, pidfd;
	uint64_t end_ms;
	struct sigaction chld; /* the host's, while holds_chld */
	bool holds_chld;
};
#define RELAY_NONE                      \
	{                               \
		.sock = -1, .pidfd = -1 \
	}

/* Run the checked descriptor fd, deadline_s from now at most. */
int relay_start(struct relay *r, int fd, const char *const *argv,
    unsigned deadline_s, struct bnd_err *err) BND_CHECK;

/* Until the verdict and the exit that goes with it; the helper is gone then. */
enum bnd_ruling relay_converse(struct relay *r);

void relay_end(struct relay *r);

#endif
