/* netns.c: what is judged of namespaces without one: mounts, kinds of links, modes */
/* SPDX-License-Identifier: ISC */
#include <linux/if.h>
#include <linux/if_arp.h>

#include "link.h"
#include "netns-find.h"
#include "netns-keep.h"
#include "netns-mount.h"
#include "seal-job.h"
#include "tap.h"

static void
mounts(void)
{
	static char longer[2 * BND_NETNS_PATH];
	static const struct {
		const char *line;
		enum bnd_ns_kind kind;
		uint64_t inode;
		const char *path;
	} table[] = {
		{ "43 42 0:4 net:[4026532177] /run/netns/R rw shared:2 - nsfs nsfs rw\n",
		    BND_NS_NET, 4026532177, "/run/netns/R" },
		{ "43 42 0:4 mnt:[7] /run/snapd/ns/x.mnt rw - nsfs nsfs rw",
		    BND_NS_MNT, 7, "/run/snapd/ns/x.mnt" },
		{ "1 2 0:4 net:[5] /a\\040b\\011c\\134d rw - nsfs nsfs rw",
		    BND_NS_NET, 5, "/a b\tc\\d" },
		{ "1 2 0:4 net:[5] /a\\04 rw - nsfs nsfs rw", BND_NS_NET, 5,
		    "/a\\04" },
		{ "1 2 0:4 uts:[5] /u rw - nsfs nsfs rw", BND_NS_NONE, 0, "" },
		{ "1 2 0:4 /net:[5] /u rw - tmpfs t rw", BND_NS_NONE, 0, "" },
		{ "1 2 0:4 net:[] /u rw - nsfs nsfs rw", BND_NS_NONE, 0, "" },
		{ "1 2 0:4 net:[-5] /u rw - nsfs nsfs rw", BND_NS_NONE, 0, "" },
		{ "1 2 0:4 net:[99999999999999999999] /u rw", BND_NS_NONE, 0,
		    "" },
		{ "1 2 0:4 net:[5]x /u rw", BND_NS_NONE, 0, "" },
		{ "1 2 0:4 net:[5]", BND_NS_NET, 5, "" },
		{ "1 2 0:4", BND_NS_NONE, 0, "" },
		{ "", BND_NS_NONE, 0, "" },
		{ "\n", BND_NS_NONE, 0, "" },
	};
	char path[BND_NETNS_PATH];
	uint64_t inode;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		inode = 0;
		is_int(bnd_ns_mount(table[i].line, &inode, path), table[i].kind,
		    "kind of line %zu", i);
		is_str(path, table[i].path, "and where");
		if (table[i].kind != BND_NS_NONE)
			ok(inode == table[i].inode, "and which");
	}
	memset(longer, 'x', sizeof(longer) - 1);
	memcpy(longer, "1 2 0:4 net:[5] /", 17);
	is_int(bnd_ns_mount(longer, &inode, path), BND_NS_NET,
	    "a path that is too long");
	is_str(path, "", "is none");
}

static void
links(void)
{
	static const struct {
		const char *kind;
		bool elsewhere, judged, real;
	} table[] = {
		{ "", false, false, true },
		{ "", true, true, true },
		{ "veth", false, false, false },
		{ "veth", true, true, false },
		{ "veth", true, false, true },
		{ "vxlan", true, true, false },
		{ "wireguard", false, false, false },
		{ "macvlan", true, true, true },
		{ "ipvlan", true, true, true },
		{ "vlan", true, true, true },
		{ "macvlan", false, false, false },
		{ "made-up", true, true, true },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bnd_link l = { .elsewhere = table[i].elsewhere };

		l.id.type = ARPHRD_ETHER;
		(void)snprintf(
		    l.id.kind, sizeof(l.id.kind), "%s", table[i].kind);
		ok(bnd_link_is_real_abroad(&l, table[i].judged) ==
			table[i].real,
		    "\"%s\"%s%s", table[i].kind,
		    table[i].elsewhere ? ", joined elsewhere" : "",
		    table[i].judged ? ", where it is judged" : "");
	}
}

static void
modes(void)
{
	for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++)
		is_int(bnd_mode_abroad(m),
		    m < BND_TRUSTED	   ? BND_OPEN
			: m < BND_LOCKDOWN ? BND_AIRGAP
					   : BND_LOCKDOWN,
		    "%s there", bnd_mode_name(m));
}

static void
set(void)
{
	struct bnd_ns_set s = { 0 };
	bool good = true;

	ok(!bnd_ns_set_has(&s, 1), "nothing is in an empty set");
	for (uint64_t i = 1; i <= 5000; i++)
		good &= bnd_ns_set_add(&s, 4026531840u + i * 3);
	for (uint64_t i = 1; i <= 5000; i++) {
		good &= !bnd_ns_set_add(&s, 4026531840u + i * 3);
		good &= !bnd_ns_set_has(&s, 4026531841u + i * 3);
	}
	ok(good && s.n == 5000, "five thousand, each once");
	free(s.v);
}

static void
names(void)
{
	char dir[BND_NETNS_DIR_SIZE];

	bnd_netns_dir(UINT64_MAX, dir);
	is_str(dir, "run/bnd/net/ns/ffffffffffffffff", "a cookie's directory");
}

int
main(void)
{
	mounts();
	links();
	modes();
	set();
	names();
	return tap_done();
}
