/* netval-link.c: how net.allow(5) names a link, and what its kind tells */
/* SPDX-License-Identifier: ISC */
#include "netval-link.h"

#include <stdio.h>
#include <string.h>

#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *const vpn_kinds[] = { "wireguard", "ovpn", "tun", "ppp",
	"xfrm", "vti", "vti6" };

/* Tunnels of the kernel that have no keys: never a way out of TRUSTED. */
static const char *const tunnel_kinds[] = { "gre", "gretap", "ip6gre",
	"ip6gretap", "erspan", "ip6erspan", "ipip", "sit", "ip6tnl", "vxlan",
	"geneve", "gtp", "bareudp", "amt" };

/* Links whose frames leave by another one. */
static const char *const stacked_kinds[] = { "vlan", "bond", "bridge", "team",
	"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "vrf", "hsr",
	"batadv", "ifb", "dsa", "rmnet" };

/* Directories of /proc/sys/net/ipv4/conf that are no links. */
static const char *const reserved[] = { "lo", "all", "default" };

static bool
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (list[i][0] == word[0] && strcmp(list[i], word) == 0)
			return true;
	return false;
}

bool
bnd_kind_is_vpn(const char *kind)
{
	return listed(vpn_kinds, ASIZE(vpn_kinds), kind);
}

bool
bnd_kind_is_tunnel(const char *kind)
{
	return bnd_kind_is_vpn(kind) ||
	    listed(tunnel_kinds, ASIZE(tunnel_kinds), kind);
}

bool
bnd_kind_is_stacked(const char *kind)
{
	return listed(stacked_kinds, ASIZE(stacked_kinds), kind);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
name_byte(char c, bool first)
{
	if (is_digit(c) || is_letter(c))
		return true;
	return !first && (c == '.' || c == '_' || c == '-');
}

static bool
kind_byte(char c, bool first)
{
	if (c >= 'a' && c <= 'z')
		return true;
	return !first && (is_digit(c) || c == '_' || c == '-');
}

/* One word of a link: its bytes, its length, its first byte. */
static bool
link_word(struct bnd_str s, bool (*good)(char, bool), char dst[BND_IFNAME],
    enum bnd_list_code code, struct bnd_flaw *flaw)
{
	const char *what = code == BND_LIST_KIND ? "kind" : "link name";
	char shown[24];

	if (s.len == 0)
		return bnd_flaw(flaw, code, s.p, "%s is missing", what);
	for (size_t i = 0; i < s.len; i++) {
		if (!good(s.p[i], i == 0)) {
			bnd_text_show((struct bnd_str){ s.p + i, 1 }, shown,
			    sizeof(shown));
			return bnd_flaw(flaw, code, s.p + i,
			    "'%s' cannot stand %s a %s", shown,
			    i == 0 ? "first in" : "in", what);
		}
		if (i == BND_IFNAME - 1)
			return bnd_flaw(flaw, code, s.p + i,
			    "%s is longer than %d bytes", what, BND_IFNAME - 1);
	}
	memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return true;
}

bool
bnd_netval_link(
    struct bnd_str s, struct bnd_linkname *out, struct bnd_flaw *flaw)
{
	struct bnd_str name = bnd_str_until(s, '/');

	*out = (struct bnd_linkname){ 0 };
	if (!link_word(name, name_byte, out->name, BND_LIST_LINK, flaw))
		return false;
	if (listed(reserved, ASIZE(reserved), out->name))
		return bnd_flaw(flaw, BND_LIST_LINK, s.p,
		    "%s is never a link of this list", out->name);
	if (name.len == s.len)
		return true;
	return link_word(bnd_str_from(s, name.len + 1), kind_byte, out->kind,
	    BND_LIST_KIND, flaw);
}

void
bnd_link_text(const struct bnd_linkname *l, char dst[static BND_LINK_TEXT])
{
	(void)snprintf(dst, BND_LINK_TEXT, "%s%s%s", l->name,
	    l->kind[0] != '\0' ? "/" : "", l->kind);
}
