/* rules.c: the chains of each mode, one after the other */
/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <netinet/in.h>
#include <stdio.h>

#include "rules-list.h"
#include "rules-make.h"
#include "rules-pass.h"

/*
 * An accept is never final and opens nothing that somebody else closed; a drop
 * is final.  So a chain ends with the drop that makes it a seal, and what
 * stands before it is what the mode lets by.  -450 is before defragmentation,
 * conntrack, NAT and TPROXY, +300 after them: a list must judge the addresses
 * that really leave, a seal must judge before anybody can rewrite or queue.
 * Frames are judged first where they come in and last where they leave: what
 * somebody's chain of egress makes of a listed packet is not listed.
 */
#define EARLY (-450)
#define LATE  300
/*
 * Others take packets from input and forward and answer them, or hand them on, as
 * output of this host, which RESTRICTED lets by: IPVS, SYNPROXY, the program of a
 * queue. So the list is asked before anybody as well.
 */
#define FIRST INT32_MIN

static void
drop_all(struct bnd_render *r)
{
	bnd_rule_emit(r, BND_V_DROP, 0);
}

static void
lo_else_drop(struct bnd_render *r)
{
	bnd_pass_lo(r);
	drop_all(r);
}

/* ---- the chains ------------------------------------------------------------ */

static void
restricted_in(struct bnd_render *r)
{
	bnd_pass_lo(r);
	bnd_pass_replies(r);
	bnd_pass_neighbours(r, NULL);
	bnd_pass_errors(r, NULL);
	bnd_pass_dhcp(r, NULL, 0);
	bnd_rules_list_lines(r, BND_LINE_IN, BND_PICK_ALL, false);
	drop_all(r);
}

/* What br_netfilter shows of bridged frames has the bridge on both sides. */
static void
bridged_packets(
    struct bnd_render *r, const struct bnd_rules_link *bridge, unsigned line)
{
	bnd_rule_link(r, true, bridge);
	bnd_rule_link(r, false, bridge);
	bnd_rule_emit(r, BND_V_ACCEPT, line);
}

/* From port to port of one bridge: nothing else is forwarded there. */
static void
bridged_frames(
    struct bnd_render *r, const struct bnd_rules_link *bridge, unsigned line)
{
	for (size_t i = 0; i < r->in->links; i++)
		if (r->in->link[i].master == bridge->index) {
			bnd_rule_link(r, true, &r->in->link[i]);
			bnd_rule_emit(r, BND_V_ACCEPT, line);
		}
}

static void
bridge_lines(struct bnd_render *r,
    void each(struct bnd_render *, const struct bnd_rules_link *, unsigned))
{
	for (size_t i = 0; i < bnd_rules_lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb == BND_LINE_BRIDGE && !bnd_rules_waiting(r->in, l))
			each(r, bnd_rules_find(r->in, &l->out), l->number);
	}
}

static void
restricted_bridge(struct bnd_render *r)
{
	bridge_lines(r, bridged_frames);
	drop_all(r);
}

static void
restricted_forward(struct bnd_render *r)
{
	bnd_pass_replies(r);
	bridge_lines(r, bridged_packets);
	bnd_rules_list_lines(r, BND_LINE_FORWARD, BND_PICK_ALL, false);
	drop_all(r);
}

static void
restricted_out(struct bnd_render *r)
{
	bnd_pass_lo(r);
	bnd_rule_is(r, BND_M_CT_STATE, BND_CT_NEW);
	bnd_rule_emit(r, BND_V_COUNT, 0);
	bnd_rule_is(r, BND_M_CT_STATE, BND_CT_NEW);
	bnd_rule_emit(r, BND_V_LOG, 0);
}

static void
trusted_in(struct bnd_render *r)
{
	bnd_pass_lo(r);
	bnd_pass_replies(r);
	bnd_pass_carriers(r);
	bnd_pass_dhcp_lines(r);
	bnd_rules_list(r, BND_LINE_IN, false, BND_V_DROP);
	drop_all(r);
}

static void
vpn_links(struct bnd_render *r)
{
	for (size_t i = 0; i < bnd_rules_lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb != BND_LINE_VPN || bnd_rules_waiting(r->in, l))
			continue;
		bnd_rule_link(r, false, bnd_rules_find(r->in, &l->out));
		bnd_rule_emit(r, BND_V_ACCEPT, l->number);
	}
}

static void
trusted_leave(struct bnd_render *r, enum bnd_fate deny)
{
	bnd_pass_lo(r);
	bnd_pass_replies(r);
	bnd_pass_carriers(r);
	bnd_pass_dhcp_lines(r);
	bnd_rules_list(r, BND_LINE_OUT, false, deny);
	vpn_links(r);
}

/* The answer stays on lo, and connect() fails at once. */
static void
trusted_out(struct bnd_render *r)
{
	trusted_leave(r, BND_V_REJECT);
	bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_TCP);
	bnd_rule_emit(r, BND_V_REJECT_TCP, 0);
	bnd_rule_emit(r, BND_V_REJECT, 0);
}

static void
trusted_late(struct bnd_render *r)
{
	trusted_leave(r, BND_V_DROP);
	drop_all(r);
}

static void
trusted_arp(struct bnd_render *r)
{
	for (size_t i = 0; i < r->in->links; i++)
		if (bnd_rules_is_carrier(r->in, &r->in->link[i])) {
			bnd_rule_link(r, bnd_rule_inbound(r), &r->in->link[i]);
			bnd_rule_emit(r, BND_V_ACCEPT, 0);
		}
	drop_all(r);
}

/* Both directions of what the list lets out, without conntrack. */
static void
trusted_frames(struct bnd_render *r)
{
	bnd_pass_carriers(r);
	bnd_pass_dhcp_lines(r);
	bnd_rules_list(r, BND_LINE_OUT, bnd_rule_inbound(r), BND_V_DROP);
	drop_all(r);
}

typedef void body(struct bnd_render *);

#define SEALED(b) [BND_AIRGAP] = (b), [BND_COLDROOM] = (b)

/* The table of net-seal(8), RULES.  No body: no such chain in that mode. */
static const struct spec {
	enum bnd_family family;
	enum bnd_hook hook;
	int priority;
	const char *name;
	body *body[BND_MODE_LAST + 1];
} table[] = {
	{ BND_INET, BND_PREROUTING, EARLY, "early-in",
	    { SEALED(lo_else_drop), [BND_LOCKDOWN] = drop_all } },
	{ BND_INET, BND_OUTPUT, EARLY, "early-out",
	    { SEALED(lo_else_drop), [BND_LOCKDOWN] = drop_all } },
	{ BND_INET, BND_INPUT, FIRST, "in-first",
	    { [BND_RESTRICTED] = restricted_in, [BND_TRUSTED] = trusted_in } },
	{ BND_INET, BND_FORWARD, FIRST, "forward-first",
	    { [BND_RESTRICTED] = restricted_forward,
		[BND_TRUSTED] = drop_all } },
	{ BND_INET, BND_INPUT, LATE, "in",
	    { [BND_RESTRICTED] = restricted_in, [BND_TRUSTED] = trusted_in } },
	{ BND_INET, BND_FORWARD, LATE, "forward",
	    { [BND_RESTRICTED] = restricted_forward,
		[BND_TRUSTED] = drop_all } },
	{ BND_INET, BND_OUTPUT, LATE, "out",
	    { [BND_RESTRICTED] = restricted_out,
		[BND_TRUSTED] = trusted_out } },
	{ BND_INET, BND_POSTROUTING, LATE, "late",
	    { [BND_TRUSTED] = trusted_late,
		SEALED(lo_else_drop),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_ARP, BND_INPUT, EARLY, "in",
	    { [BND_TRUSTED] = trusted_arp,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_ARP, BND_OUTPUT, EARLY, "out",
	    { [BND_TRUSTED] = trusted_arp,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_FORWARD, EARLY, "forward",
	    { [BND_RESTRICTED] = restricted_bridge,
		[BND_TRUSTED] = drop_all,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_PREROUTING, EARLY, "pre",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_INPUT, EARLY, "in",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_OUTPUT, EARLY, "out",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_POSTROUTING, EARLY, "post",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_NETDEV, BND_INGRESS, BND_RULES_FRAMES, "in",
	    { [BND_TRUSTED] = trusted_frames,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_NETDEV, BND_EGRESS, BND_RULES_LEAVE, "out",
	    { [BND_TRUSTED] = trusted_frames,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
};

static void
chain(struct bnd_render *r, body *fill)
{
	int answer;

	if (r->status != 0)
		return;
	answer = r->sink->chain(r->sink->ctx, &r->chain, r->err);
	if (answer < 0)
		r->status = -1;
	else if (answer == 0)
		fill(r);
}

static void
block(struct bnd_render *r, const struct spec *s,
    const struct bnd_rules_link *const *link, size_t n, unsigned number)
{
	r->chain.link = link;
	r->chain.links = n;
	(void)snprintf(
	    r->chain.name, sizeof(r->chain.name), "%s-%u", s->name, number);
	chain(r, s->body[r->in->mode]);
	r->chain.link = NULL;
	r->chain.links = 0;
}

/* One chain for all: whom the chains by name leave out, its first rules let by. */
static void
every_link(struct bnd_render *r, const struct spec *s)
{
	int answer;

	r->chain.every = true;
	(void)snprintf(r->chain.name, sizeof(r->chain.name), "%s-all", s->name);
	answer = r->sink->chain(r->sink->ctx, &r->chain, r->err);
	if (answer < 0)
		r->status = -1;
	if (answer != 0)
		return;
	for (size_t i = 0; i < r->in->links; i++)
		if (!bnd_rules_is_judged(r->in, &r->in->link[i])) {
			bnd_rule_link(r, bnd_rule_inbound(r), &r->in->link[i]);
			bnd_rule_emit(r, BND_V_ACCEPT, 0);
		}
	s->body[r->in->mode](r);
}

static void
blocks(struct bnd_render *r, const struct spec *s)
{
	const struct bnd_rules_link *link[BND_RULES_BLOCK];
	unsigned number = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->in->links; i++) {
		if (!bnd_rules_is_judged(r->in, &r->in->link[i]))
			continue;
		link[n++] = &r->in->link[i];
		if (n == BND_RULES_BLOCK) {
			block(r, s, link, n, number++);
			n = 0;
		}
	}
	if (n > 0)
		block(r, s, link, n, number);
}

int
bnd_rules_render(const struct bnd_rules_in *in,
    const struct bnd_rules_sink *sink, struct bnd_err *err)
{
	struct bnd_render r = { .in = in, .sink = sink, .err = err };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct spec *s = &table[i];

		if (s->body[in->mode] == NULL)
			continue;
		r.chain = (struct bnd_chain){ .family = s->family,
			.hook = s->hook,
			.priority = s->priority };
		(void)snprintf(
		    r.chain.name, sizeof(r.chain.name), "%s", s->name);
		if (s->family == BND_NETDEV && in->every)
			every_link(&r, s);
		else if (s->family == BND_NETDEV)
			blocks(&r, s);
		else
			chain(&r, s->body[in->mode]);
	}
	return r.status;
}
