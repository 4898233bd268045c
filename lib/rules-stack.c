/* rules-stack.c: where the frames of a link pass: there, and on what lies below */
/* SPDX-License-Identifier: ISC */
#include "rules-stack.h"

#include <linux/if_arp.h>
#include <string.h>

#define DEPTH_MAX 4 /* a vlan on a macvlan on a bridge of bonds */

/*
 * Of these the kernel hands a frame to the link below, or takes it from there,
 * with nothing changed but a vlan's tag; so the same rules hold on both.  A
 * frame of any other kind below is not what it was: encrypted, routed anew,
 * with a header of its own.
 */
enum shape {
	TAGGED,	  /* upon one link, with a tag */
	UPON,	  /* upon one link, as it is */
	OF_PORTS, /* upon its ports, as it is */
	OPAQUE,
};
static const struct {
	const char *kind;
	enum shape shape;
	const char *why;
} kinds[] = {
	{ "vlan", TAGGED, NULL },
	{ "macvlan", UPON, NULL },
	{ "bond", OF_PORTS, NULL },
	{ "bridge", OF_PORTS, NULL },
	{ "team", OF_PORTS, NULL },
	{ "macvtap", OPAQUE, "its frames are those of a guest" },
	{ "ipvtap", OPAQUE, "its frames are those of a guest" },
	{ "ipvlan", OPAQUE, "its packets may be routed once more below" },
	{ "vrf", OPAQUE, "packets leave by its members, name those" },
	{ "macsec", OPAQUE, "its frames are encrypted on the link below" },
};

static enum shape
shape_of(const char *kind, const char **why)
{
	*why = "its frames have a header of their own on the link below";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			if (kinds[i].why != NULL)
				*why = kinds[i].why;
			return kinds[i].shape;
		}
	return OPAQUE;
}

static const char *
trait_in_the_way(const struct bnd_rules_link *link)
{
	if ((link->traits & BND_LINK_OBSCURE) != 0)
		return "the kernel does not say how it is made";
	if ((link->traits & BND_LINK_FILTERS) != 0)
		return "it filters vlans: its ports have tags it does not show";
	if ((link->traits & BND_LINK_INFRAME) != 0)
		return "it leaves the tag in the frame (reorder_hdr off)";
	return NULL;
}

static const char *descend(const struct bnd_rules_in *in, struct bnd_place at,
    unsigned depth, struct bnd_places *p);

static const char *
ports(const struct bnd_rules_in *in, struct bnd_place at, unsigned depth,
    struct bnd_places *p)
{
	const char *why = NULL;

	for (size_t i = 0; why == NULL && i < in->links; i++)
		if (in->link[i].master == at.link->index) {
			struct bnd_place port = at;

			port.link = &in->link[i];
			why = descend(in, port, depth + 1, p);
		}
	return why;
}

/* One that lies upon a link of another namespace ends here, as a veth does. */
static const char *
lower(const struct bnd_rules_in *in, struct bnd_place at, unsigned depth,
    struct bnd_places *p)
{
	unsigned index = at.link->lower;

	for (size_t i = 0; index != 0 && i < in->links; i++)
		if (in->link[i].index == index) {
			at.link = &in->link[i];
			return descend(in, at, depth + 1, p);
		}
	return index == 0 ? NULL : "the link below it is not there";
}

static const char *
descend(const struct bnd_rules_in *in, struct bnd_place at, unsigned depth,
    struct bnd_places *p)
{
	const char *why = trait_in_the_way(at.link);
	enum shape shape;

	if (why != NULL)
		return why;
	if (p->n == BND_PLACES_MAX)
		return "too many links lie below it";
	if (depth > DEPTH_MAX)
		return "too many links lie upon each other";
	if (at.tpid != 0 && at.link->type != ARPHRD_ETHER)
		return "below the vlan is no Ethernet";
	p->at[p->n++] = at;
	if (!bnd_kind_is_stacked(at.link->kind))
		return NULL;
	shape = shape_of(at.link->kind, &why);
	if (shape == OPAQUE)
		return why;
	if (shape == OF_PORTS)
		return ports(in, at, depth, p);
	if (shape == TAGGED && at.tpid != 0)
		return "it is a vlan within a vlan";
	if (shape == TAGGED) {
		at.tpid = at.link->tpid;
		at.vlan = at.link->vlan;
	}
	return lower(in, at, depth, p);
}

const char *
bnd_rules_places(const struct bnd_rules_in *in,
    const struct bnd_rules_link *link, struct bnd_places *p)
{
	p->n = 0;
	return descend(in, (struct bnd_place){ .link = link }, 0, p);
}
