/* unit/netlist: bad lists are refused at the right byte, good ones print back */
/* SPDX-License-Identifier: ISC */
#include "netlist.h"

#include "netlist-print.h"
#include "tap.h"

#define V	 "version 1\n"
#define IN(rest) V "in RESTRICTED proto=tcp dport=22 " rest "\n"
#define LINK(l)	 V "in RESTRICTED if=" l " proto=tcp dport=22\n"
#define ADDR(a)	 V "in RESTRICTED proto=tcp src=" a " dport=22\n"
#define PORT(p)	 V "in RESTRICTED proto=tcp dport=" p "\n"
#define OUT(r)	 V "out TRUSTED if=eth0 " r "\n"

/* Columns of the values above. */
#define LINK_COL 18
#define ADDR_COL 29
#define PORT_COL 31

static const struct bad {
	const char *id, *text;
	const char *code;
	unsigned line, col;
	unsigned errors; /* 0: one */
} bads[] = {
	{ "M01", LINK(""), "E_LINK", 2, LINK_COL, 0 },
	{ "M02", LINK("+"), "E_LINK", 2, LINK_COL, 0 },
	{ "M03", LINK("eth+"), "E_LINK", 2, LINK_COL + 3, 0 },
	{ "M03", LINK("eth*"), "E_LINK", 2, LINK_COL + 3, 0 },
	{ "M04", LINK("sixteencharsname"), "E_LINK", 2, LINK_COL + 15, 0 },
	{ "M05", LINK("eth0;reboot"), "E_LINK", 2, LINK_COL + 4, 0 },
	{ "M05", LINK("$(id)"), "E_LINK", 2, LINK_COL, 0 },
	{ "M05", LINK("`id`"), "E_LINK", 2, LINK_COL, 0 },
	{ "S0-71", LINK("wg0\";flush"), "E_LINK", 2, LINK_COL + 3, 0 },
	{ "S0-71", LINK("wg%d"), "E_LINK", 2, LINK_COL + 2, 0 },
	{ "S0-71", LINK(".."), "E_LINK", 2, LINK_COL, 0 },
	{ "S0-71", LINK("\xf0\x9f\x92\xa9"), "E_BYTE", 2, LINK_COL, 0 },
	{ "M06", LINK("eth/0"), "E_KIND", 2, LINK_COL + 4, 0 },
	{ "M06", LINK("../x"), "E_LINK", 2, LINK_COL, 0 },
	{ "M06", LINK("eth0/"), "E_KIND", 2, LINK_COL + 5, 0 },
	{ "M06", LINK("eth0/veth/x"), "E_KIND", 2, LINK_COL + 9, 0 },
	{ "M07", LINK("et h0"), "E_TOKEN", 2, LINK_COL + 3, 0 },
	{ "M08", V "in RESTRICTED proto=tcp dport=22 if=eth0\r\n", "E_BYTE", 2,
	    41, 0 },
	{ "M08", "version 1\r\nin RESTRICTED proto=tcp dport=22\r\n", "E_BYTE",
	    1, 10, 2 },
	{ "M09", LINK("\033[31m"), "E_BYTE", 2, LINK_COL, 0 },
	{ "M09", LINK("a\177"), "E_BYTE", 2, LINK_COL + 1, 0 },
	{ "M09", "\357\273\277" V, "E_BYTE", 1, 1, 0 },
	{ "M10", LINK("!eth0"), "E_LINK", 2, LINK_COL, 0 },
	{ "M10", LINK("-o"), "E_LINK", 2, LINK_COL, 0 },
	{ "M10", LINK(".eth0"), "E_LINK", 2, LINK_COL, 0 },
	{ "M11", LINK("eth0,eth1"), "E_LINK", 2, LINK_COL + 4, 0 },
	{ "M12", LINK("lo"), "E_LINK", 2, LINK_COL, 0 },
	{ "M12", LINK("all"), "E_LINK", 2, LINK_COL, 0 },
	{ "M12", LINK("default"), "E_LINK", 2, LINK_COL, 0 },
	{ "M13", IN("if=eth0 if=eth1"), "E_DUP", 2, 42, 0 },
	{ "M13", V "in RESTRICTED proto=tcp dport=1 dport=2\n", "E_DUP", 2, 33,
	    0 },
	{ "M14", V "vpn wg0\n", "E_KIND", 2, 8, 0 },
	{ "M14", V "vpn eth0/veth\n", "E_KIND", 2, 10, 0 },
	{ "M14", V "vpn wg0/Wireguard\n", "E_KIND", 2, 9, 0 },
	{ "M15", V "out TRUSTED if=tun0/tun proto=udp dst=192.0.2.1/32\n",
	    "E_KIND", 2, 21, 0 },
	{ "M15",
	    V "vpn tun0/wireguard\nout TRUSTED if=tun0/tun proto=udp dport=1\n",
	    "E_KIND", 3, 21, 0 },
	{ "M15", V "dhcp x/vxlan\n", "E_KIND", 2, 8, 0 },
	{ "M16", ADDR("10.0.0.5/8"), "E_HOSTBITS", 2, ADDR_COL, 0 },
	{ "M16", ADDR("2001:db8::1/64"), "E_HOSTBITS", 2, ADDR_COL, 0 },
	{ "M17", ADDR("10.0.0.0/33"), "E_PREFIX", 2, ADDR_COL + 9, 0 },
	{ "M17", ADDR("10.0.0.0/-1"), "E_PREFIX", 2, ADDR_COL + 9, 0 },
	{ "M17", ADDR("1.2.3.4/"), "E_PREFIX", 2, ADDR_COL + 8, 0 },
	{ "M17", ADDR("1.2.3.4"), "E_PREFIX", 2, ADDR_COL + 7, 0 },
	{ "M17", ADDR("10.0.0.0/08"), "E_PREFIX", 2, ADDR_COL + 9, 0 },
	{ "M18", ADDR("10.0.0.0/255.0.255.0"), "E_PREFIX", 2, ADDR_COL + 9, 0 },
	{ "M19", ADDR("010.0.0.1/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M20", ADDR("0x0a000001/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M20", ADDR("10.1/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M20", ADDR("1/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M20", ADDR("4294967295/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M21", ADDR("localhost/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M21", ADDR("evil.example/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M22", ADDR("1.2.3.4/32,5.6.7.8/32"), "E_PREFIX", 2, ADDR_COL + 8,
	    0 },
	{ "M23", OUT("proto=udp dst=0.0.0.0/0"), "E_WIDE", 2, 35, 0 },
	{ "M23", V "in RESTRICTED proto=tcp\n", "E_WIDE", 2, 1, 0 },
	{ "M23", V "in RESTRICTED proto=tcp sport=53\n", "E_WIDE", 2, 1, 0 },
	{ "M23", V "in RESTRICTED proto=esp src=::/0\n", "E_WIDE", 2, 29, 0 },
	{ "M24", ADDR("fe80::1%eth0/128"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M24", ADDR("[::1]/128"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M25", ADDR("2001:db8::/129"), "E_PREFIX", 2, ADDR_COL + 11, 0 },
	{ "M25", ADDR("::1::2/64"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M25", ADDR("2001:DB8::/32"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M25", ADDR("2001:db8:0::/48"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "M26", OUT("proto=tcp src=10.0.0.0/8 dst=2001:db8::/32"), "E_FAMILY",
	    2, 50, 0 },
	{ "M27", OUT("proto=tcp dst=64:ff9b::a00:1/128"), "E_CLASS", 2, 35, 0 },
	{ "M28", PORT("0"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("65536"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("-1"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("443x"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("0x50"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("+80"), "E_PORT", 2, PORT_COL, 0 },
	{ "M29", PORT("0120"), "E_PORT", 2, PORT_COL, 0 },
	{ "M30", PORT("443-80"), "E_RANGE", 2, PORT_COL, 0 },
	{ "M30", PORT("80-80"), "E_RANGE", 2, PORT_COL, 0 },
	{ "M31", PORT("80,,81"), "E_PORT", 2, PORT_COL + 3, 0 },
	{ "M31", PORT("80,81,"), "E_PORT", 2, PORT_COL + 6, 0 },
	{ "M32", PORT("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"), "E_COUNT", 2,
	    PORT_COL + 36, 0 },
	{ "M33", PORT("https"), "E_PORT", 2, PORT_COL, 0 },
	{ "M34", OUT("dport=53"), "E_NEED", 2, 1, 0 },
	{ "M34", OUT("proto=icmp dport=53"), "E_PORT", 2, 38, 0 },
	{ "M35", V "in RESTRICTED proto=all dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M35", V "in RESTRICTED proto=ip dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M35", V "in RESTRICTED proto=hopopt dport=1\n", "E_PROTO", 2, 21,
	    0 },
	{ "M35", V "in RESTRICTED proto=0 dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M35", V "in RESTRICTED proto=6 dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M36", V "in RESTRICTED proto=256 dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M36", V "in RESTRICTED proto=!tcp dport=1\n", "E_PROTO", 2, 21, 0 },
	{ "M36", V "in RESTRICTED proto=tcp,udp dport=1\n", "E_PROTO", 2, 21,
	    0 },
	{ "M37", V "in RESTRICTED proto=tcp udp dport=1\n", "E_TOKEN", 2, 25,
	    0 },
	{ "M38", V "in RESTRICTED proto=icmp type=echo-request\n", "E_TYPE", 2,
	    31, 0 },
	{ "M38", V "in RESTRICTED proto=icmp type=256\n", "E_TYPE", 2, 31, 0 },
	{ "M38", V "in RESTRICTED proto=tcp type=8\n", "E_TYPE", 2, 30, 0 },
	{ "M39", OUT("proto=icmp dst=2001:db8::/32"), "E_FAMILY", 2, 36, 0 },
	{ "M39", OUT("proto=icmpv6 dst=10.0.0.0/8"), "E_FAMILY", 2, 38, 0 },
	{ "M40", IN("uid=0"), "E_KEY", 2, 34, 0 },
	{ "M40", IN("note=x"), "E_KEY", 2, 34, 0 },
	{ "M40", IN("match=../../../evil"), "E_KEY", 2, 34, 0 },
	{ "M40", IN("-m"), "E_TOKEN", 2, 34, 0 },
	{ "M40", IN("comment=\"a b\""), "E_KEY", 2, 34, 2 },
	{ "M41", V "-A OUTPUT -j ACCEPT\n", "E_KEY", 2, 1, 0 },
	{ "M41", IN("") "-A OUTPUT -j ACCEPT\n", "E_KEY", 3, 1, 0 },
	{ "M42", V "in AIRGAP proto=tcp dport=22\n", "E_MODE", 2, 4, 0 },
	{ "M42", V "out LOCKDOWN if=eth0 proto=tcp dport=1\n", "E_MODE", 2, 5,
	    0 },
	{ "M42", V "in trusted proto=tcp dport=22\n", "E_MODE", 2, 4, 0 },
	{ "M42", V "out RESTRICTED if=eth0 proto=tcp dport=1\n", "E_MODE", 2, 5,
	    0 },
	{ "M42", V "forward TRUSTED from=a to=b proto=tcp dport=1\n", "E_MODE",
	    2, 9, 0 },
	{ "M43", V "in TRUSTED proto=tcp dport=22\n", "E_NEED", 2, 1, 0 },
	{ "M43", V "in TRUSTED if=eth0 proto=tcp dport=22\n", "E_LINK", 2, 15,
	    0 },
	{ "M44", V "drop RESTRICTED proto=tcp dport=22\n", "E_KEY", 2, 1, 0 },
	{ "M44", V "allow\n", "E_KEY", 2, 1, 0 },
	{ "M44", V "out\n", "E_MODE", 2, 4, 0 },
	{ "M45", V "in RESTRICTED proto=tcp dport=22", "E_EOF", 2, 33, 0 },
	{ "M45", "version 1", "E_EOF", 1, 10, 0 },
	{ "M46", "in RESTRICTED proto=tcp dport=22\n", "E_VERSION", 1, 1, 0 },
	{ "M46", "version 2\n", "E_VERSION", 1, 9, 0 },
	{ "M46", "version 1 \n", "E_VERSION", 1, 10, 0 },
	{ "M46", V V, "E_VERSION", 2, 1, 0 },
	{ "M46", "# mine\n" V, "E_VERSION", 1, 1, 0 },
	{ "M46", "", "E_VERSION", 1, 1, 0 },
	{ "M46", "version 10\n", "E_VERSION", 1, 10, 0 },
	/* the other things a line can lack */
	{ "net.allow(5)", V "vpn\n", "E_NEED", 2, 4, 0 },
	{ "net.allow(5)", V "vpn wg0/wireguard x\n", "E_TOKEN", 2, 19, 0 },
	{ "net.allow(5)", V "bypass eth0\n", "E_NEED", 2, 12, 0 },
	{ "net.allow(5)", V "bypass eth0 bpf\n", "E_KEY", 2, 13, 0 },
	{ "net.allow(5)", V "bridge\n", "E_NEED", 2, 7, 0 },
	{ "net.allow(5)", V "bridge br0\n", "E_KIND", 2, 11, 0 },
	{ "net.allow(5)", V "bridge eth0/veth\n", "E_KIND", 2, 13, 0 },
	{ "net.allow(5)", V "bridge br0/bridge x\n", "E_TOKEN", 2, 19, 0 },
	{ "net.allow(5)", V "bridge RESTRICTED br0/bridge\n", "E_KIND", 2, 18,
	    2 },
	{ "net.allow(5)", V " # indented\n", "E_KEY", 2, 2, 0 },
	{ "net.allow(5)", IN("from=eth0"), "E_KEY", 2, 34, 0 },
	{ "net.allow(5)", OUT("proto=udp sport=53"), "E_NEED", 2, 1, 0 },
	{ "net.allow(5)", V "forward RESTRICTED from=a proto=tcp dport=1\n",
	    "E_NEED", 2, 1, 0 },
	/* every class that no line opens, in v4 and v6 spelling */
	{ "XM-03", ADDR("0.1.2.3/32"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("127.0.0.1/32"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("224.0.0.251/32"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("255.255.255.255/32"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("::1/128"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("::10.0.0.1/128"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("::ffff:127.0.0.1/128"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("::ffff:169.254.169.254/128"), "E_CLASS", 2, ADDR_COL,
	    0 },
	{ "XM-03", ADDR("::ffff:a9fe:a9fe/128"), "E_ADDR", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("64:ff9b:1::/48"), "E_CLASS", 2, ADDR_COL, 0 },
	{ "XM-03", ADDR("ff02::1/128"), "E_CLASS", 2, ADDR_COL, 0 },
};

static const char *const goods[] = {
	V,
	V "# nothing\n#\n",
	V "\n\t\n",
	V "# ssh into this host; the shipped file has just this line\n"
	  "in RESTRICTED proto=tcp dport=22\n"
	  "vpn wg0/wireguard\n"
	  "out TRUSTED if=eth0 proto=udp dst=198.51.100.7/32 dport=51820\n"
	  "in TRUSTED if=wg0/wireguard proto=tcp src=10.8.0.0/24 dport=22\n"
	  "forward RESTRICTED from=virbr0/bridge to=eth0 proto=tcp dport=443\n"
	  "dhcp eth0\n",
	PORT("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
	PORT("1-65535"),
	PORT("80-443,8080"),
	OUT("proto=udp dst=0.0.0.0/0 dport=53"),
	OUT("proto=tcp src=2001:db8::/32 dst=::/0 sport=1-2 dport=443"),
	LINK("fifteencharname"),
	LINK("a-b_c.d"),
	V "in RESTRICTED proto=icmp type=8\n",
	V "in RESTRICTED proto=icmpv6 src=fe80::/10 type=128\n",
	V "out TRUSTED if=eth0 proto=esp dst=192.0.2.1/32\n",
	V "in RESTRICTED proto=99 src=192.0.2.0/24\n",
	V "out TRUSTED if=eth0 proto=tcp dst=169.254.169.254/32 dport=80\n",
	V "vpn tun0/tun\nout TRUSTED if=tun0/tun proto=tcp dst=100.64.0.1/32\n",
	V "bypass eth0/veth xdp\nbypass eth0 tc\nbypass eth0 xsk\n",
	V "bridge br0/bridge\nbridge virbr0/bridge\n",
	V "in RESTRICTED\tproto=tcp\t dport=22 \n",
};

static struct bnd_netlist list, again;
static struct bnd_list_report report;

static int
parse(const char *text, size_t len, struct bnd_netlist *out)
{
	return bnd_netlist_parse((struct bnd_str){ text, len }, out, &report);
}

static void
check_bad(const struct bad *b)
{
	const struct bnd_list_note *n = &report.note[0];
	char where[40], want[40];

	list.lines = 77;
	if (!ok(parse(b->text, strlen(b->text), &list) == -1, "%s refused: %s",
		b->id, b->code))
		return;
	(void)snprintf(want, sizeof(want), "%s %u:%u (%u)", b->code, b->line,
	    b->col, b->errors ? b->errors : 1);
	(void)snprintf(where, sizeof(where), "%s %u:%u (%u)",
	    bnd_list_code_name(n->code), n->line, n->col, report.errors);
	is_str(where, want, "%s at its place", b->id);
	if (list.lines != 0)
		ok(false, "%s: something of the list was used", b->id);
	for (const char *p = n->reason; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			ok(false, "%s: a raw byte in the message", b->id);
}

/* What is accepted prints, and the printed form parses to the same lines. */
static bool
prints_back(const char *text)
{
	static char printed[BND_LIST_SIZE];
	char line[BND_LIST_WIDTH + 1];
	size_t len;

	if (parse(text, strlen(text), &list) != 0)
		return false;
	len = (size_t)snprintf(printed, sizeof(printed), V);
	for (size_t i = 0; i < list.lines; i++) {
		if (!bnd_line_print(&list.line[i], line, sizeof(line)))
			return false;
		len += (size_t)snprintf(
		    printed + len, sizeof(printed) - len, "%s\n", line);
	}
	if (parse(printed, len, &again) != 0 || again.lines != list.lines)
		return false;
	for (size_t i = 0; i < list.lines; i++)
		again.line[i].number = list.line[i].number;
	return memcmp(list.line, again.line,
		   list.lines * sizeof(list.line[0])) == 0;
}

/* n times "in RESTRICTED proto=tcp dport=N" */
static size_t
many(char *dst, size_t size, unsigned n)
{
	size_t len = (size_t)snprintf(dst, size, V);

	for (unsigned i = 1; i <= n; i++)
		len += (size_t)snprintf(dst + len, size - len,
		    "in RESTRICTED proto=tcp dport=%u\n", i);
	return len;
}

static void
first_is(const char *id, const char *want)
{
	char got[40] = "accepted";

	if (report.errors > 0)
		(void)snprintf(got, sizeof(got), "%s %u:%u (%u)",
		    bnd_list_code_name(report.note[0].code),
		    report.note[0].line, report.note[0].col, report.errors);
	is_str(got, want, "%s: %s", id, want);
}

static void
check_bounds(void)
{
	static char text[BND_LIST_SIZE + 64];
	size_t len;

	len = many(text, sizeof(text), 256);
	ok(parse(text, len, &list) == 0 && list.lines == 256, "256 lines");
	len = many(text, sizeof(text), 257);
	ok(parse(text, len, &list) == -1, "257 lines are refused");
	first_is("M45", "E_COUNT 258:1 (1)");

	len = (size_t)snprintf(text, sizeof(text), V "#%255s\n", "");
	ok(parse(text, len, &list) == 0, "a line of 256 bytes");
	len = (size_t)snprintf(text, sizeof(text), V "#%256s\n", "");
	ok(parse(text, len, &list) == -1, "a line of 257 bytes is refused");
	first_is("M45", "E_LINE 2:257 (1)");

	ok(parse(V "in \0RESTRICTED\n", 25, &list) == -1, "NUL is refused");
	first_is("M45", "E_BYTE 2:4 (1)");

	memset(text, '\n', sizeof(text));
	memcpy(text, V, strlen(V));
	ok(parse(text, BND_LIST_SIZE, &list) == 0, "65536 bytes");
	ok(parse(text, BND_LIST_SIZE + 1, &list) == -1, "65537 are refused");
	first_is("M45", "E_SIZE 65528:1 (1)");
}

static void
check_order(void)
{
	static char text[BND_LIST_SIZE];
	size_t len = (size_t)snprintf(text, sizeof(text), V);
	bool in_order = true;

	for (unsigned i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    i % 2 ? "in RESTRICTED proto=tcp dport=0\n"
			  : "out TRUSTED if=gre0/gre proto=tcp dport=1\n");
	ok(parse(text, len, &list) == -1 && list.lines == 0, "M50 refused");
	is_int(report.errors, 100, "M50: every error is told");
	is_int(report.notes, 100, "M50: and kept");
	for (unsigned i = 0; i < report.notes; i++)
		in_order = in_order && report.note[i].line == i + 2;
	ok(in_order, "M50: in the order of the file");

	len = (size_t)snprintf(text, sizeof(text), V);
	for (unsigned i = 0; i < 3000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "x\n");
	ok(parse(text, len, &list) == -1, "3000 errors are bounded");
	is_int(report.errors, 3000, "all of them counted");
	is_int(report.note[BND_LIST_NOTES - 1].line, BND_LIST_NOTES + 1,
	    "the first of them kept");
}

static void
check_dup(void)
{
	static const struct {
		const char *a, *b;
		unsigned line; /* that is told, 0 if none is */
	} pairs[] = {
		{ "in RESTRICTED proto=tcp dport=22",
		    "in RESTRICTED proto=tcp dport=22", 3 },
		{ "in RESTRICTED proto=tcp dport=20-30",
		    "in RESTRICTED proto=tcp src=10.0.0.0/8 dport=22", 3 },
		{ "in RESTRICTED if=a proto=tcp dport=22",
		    "in RESTRICTED proto=tcp dport=22", 2 },
		{ "in RESTRICTED proto=tcp src=10.0.0.0/8 dport=22",
		    "in RESTRICTED proto=tcp src=10.1.0.0/16 dport=22,23", 0 },
		{ "in RESTRICTED proto=tcp dport=22",
		    "in RESTRICTED proto=udp dport=22", 0 },
		{ "in RESTRICTED proto=icmp type=8",
		    "in RESTRICTED proto=icmp type=0", 0 },
	};
	char text[300];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), V "%s\n%s\n", pairs[i].a, pairs[i].b);
		ok(parse(text, strlen(text), &list) == 0 && list.lines == 2,
		    "M49 pair %zu is accepted", i);
		is_int(report.notes > 0 ? report.note[0].line : 0,
		    pairs[i].line, "M49 pair %zu: the line that is told", i);
		ok(report.notes == 0 || report.note[0].code == BND_LIST_W_DUP,
		    "M49 pair %zu: W_DUP only", i);
	}
}

static void
check_message(void)
{
	char text[200];

	ok(parse(ADDR("10.0.0.5/8"), strlen(ADDR("10.0.0.5/8")), &list) == -1,
	    "a message");
	bnd_list_note_text(
	    &report.note[0], "/etc/bnd/net.allow", text, sizeof(text));
	is_str(text,
	    "/etc/bnd/net.allow:2:29: bits are set beyond the prefix of 10.0.0.0/8",
	    "M16 names the network");
	ok(parse(LINK("\033[31m"), strlen(LINK("\033[31m")), &list) == -1 &&
		strstr(report.note[0].reason, "\\x1b") != NULL,
	    "M09: the message spells the byte");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
		check_bad(&bads[i]);
	for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++)
		ok(prints_back(goods[i]), "accepted and printed back %zu", i);
	check_bounds();
	check_order();
	check_dup();
	check_message();
	return tap_done();
}
