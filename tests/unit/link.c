/* link.c: what is real, by what the kernel says of a link and never by its name */
/* SPDX-License-Identifier: ISC */
#include "link.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <string.h>

#include "tap.h"

static struct bnd_link
link_of(const char *name, const char *kind, unsigned type, unsigned flags,
    bool elsewhere)
{
	struct bnd_link l = { .flags = flags, .elsewhere = elsewhere };

	l.id.type = type;
	(void)snprintf(l.id.name, sizeof(l.id.name), "%s", name);
	(void)snprintf(l.id.kind, sizeof(l.id.kind), "%s", kind);
	return l;
}

int
main(void)
{
	static const struct {
		const char *name, *kind;
		unsigned type, flags;
		bool elsewhere, real;
	} table[] = {
		{ "lo", "", ARPHRD_LOOPBACK, IFF_LOOPBACK, false, false },
		{ "lo", "", ARPHRD_ETHER, 0, false, true },
		{ "lo1", "", ARPHRD_ETHER, IFF_LOOPBACK, false, true },
		{ "eth0", "", ARPHRD_ETHER, 0, false, true },
		{ "docker0", "", ARPHRD_ETHER, 0, false, true },
		{ "docker0", "bridge", ARPHRD_ETHER, 0, false, false },
		{ "eth0", "bridge", ARPHRD_ETHER, 0, false, false },
		{ "veth0", "veth", ARPHRD_ETHER, 0, false, false },
		{ "veth0", "veth", ARPHRD_ETHER, 0, true, true },
		{ "vlan7", "vlan", ARPHRD_ETHER, 0, true, true },
		{ "wg0", "wireguard", ARPHRD_NONE, 0, false, false },
		{ "tun0", "tun", ARPHRD_NONE, 0, false, false },
		/* What the kernel puts into new namespaces by itself. */
		{ "gre0", "gre", ARPHRD_IPGRE, 0, false, false },
		{ "gretap0", "gretap", ARPHRD_ETHER, 0, false, false },
		{ "erspan0", "erspan", ARPHRD_ETHER, 0, false, false },
		{ "tunl0", "ipip", ARPHRD_TUNNEL, 0, false, false },
		{ "sit0", "sit", ARPHRD_SIT, 0, false, false },
		{ "ip_vti0", "vti", ARPHRD_TUNNEL, 0, false, false },
		{ "ip6_vti0", "vti6", ARPHRD_TUNNEL6, 0, false, false },
		{ "ip6tnl0", "ip6tnl", ARPHRD_TUNNEL6, 0, false, false },
		{ "ip6gre0", "ip6gre", ARPHRD_IP6GRE, 0, false, false },
		{ "e6", "ip6erspan", ARPHRD_ETHER, 0, false, false },
		{ "e6", "ip6erspan", ARPHRD_ETHER, 0, true, true },
		/* Nothing tells where these send. */
		{ "b0", "bareudp", ARPHRD_NONE, 0, false, true },
		{ "g0", "gtp", ARPHRD_NONE, 0, false, true },
		{ "ppp0", "ppp", ARPHRD_PPP, 0, false, true },
		{ "wwan0", "wwan", ARPHRD_NONE, 0, false, true },
		{ "x0", "made-up", ARPHRD_ETHER, 0, false, true },
		{ "wlan0", "", ARPHRD_ETHER, 0, false, true },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bnd_link l = link_of(table[i].name, table[i].kind,
		    table[i].type, table[i].flags, table[i].elsewhere);

		ok(bnd_link_is_real(&l) == table[i].real, "%s of kind \"%s\"%s",
		    table[i].name, table[i].kind,
		    table[i].elsewhere ? ", joined elsewhere" : "");
		l.real = table[i].real;
		l.flags |= IFF_UP;
		ok(!bnd_link_is_uplink(&l), "no carrier, no uplink");
		l.carrier = true;
		ok(bnd_link_is_uplink(&l) == table[i].real,
		    "up with carrier it is one if it is real");
	}
	return tap_done();
}
