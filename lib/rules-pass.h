/* rules-pass.h: what the modes let by without a line of the list */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_PASS_H
#define BND_RULES_PASS_H

#include "rules-make.h"

void bnd_pass_lo(struct bnd_render *r);

/*
 * A packet in the original direction is no reply, however old its flow: it
 * must match the list every time, so a line taken away works at once.
 * RELATED is for errors only; a helper's data connection is a flow of its own.
 */
void bnd_pass_replies(struct bnd_render *r);

/* Neighbours and multicast listeners: nothing off the link can send these. */
void bnd_pass_neighbours(struct bnd_render *r, const struct bnd_place *at);

void bnd_pass_errors(struct bnd_render *r, const struct bnd_place *at);

/* One direction of DHCP in a place, or in any. */
void bnd_pass_dhcp(
    struct bnd_render *r, const struct bnd_place *at, unsigned line);

/* Each carrier; where frames are judged, what these links say to their peers. */
void bnd_pass_carriers(struct bnd_render *r);

/* By the dhcp lines. */
void bnd_pass_dhcp_lines(struct bnd_render *r);

#endif
