/* uncovered.c: channels out of the host that the seal does not close */
/* SPDX-License-Identifier: ISC */
/*
 * A family of sockets is looked for in /proc/net/protocols: to ask for one by
 * socket() would load its module.  Whatever stands there that is neither known
 * to pass the rules nor to stay inside is listed, so that what a later kernel
 * brings is not silent.
 */
#include "uncovered.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "text.h"

#define PCI	  "sys/bus/pci/devices"
#define NETS	  "sys/class/net"
#define PROTOCOLS "proc/self/net/protocols"
#define MOUNTS	  "proc/self/mountinfo"
#define WORD	  64

/* ---- devices, and what is loaded ---- */

/* path: a directory; it counts if an entry begins so. */
static const struct device {
	const char *path, *begins, *code, *text;
} devices[] = {
	{ "sys/class/wwan", "", "wwan", "control channel of a modem" },
	{ "sys/class/usbmisc", "cdc-wdm", "wwan",
	    "control channel of a modem" },
	{ "sys/class/tty", "ttyUSB", "serial",
	    "a serial line, maybe of a modem" },
	{ "sys/class/tty", "ttyACM", "serial",
	    "a serial line, maybe of a modem" },
	{ "sys/class/bluetooth", "hci", "bluetooth",
	    "HCI sockets reach the controller" },
	{ "sys/class/nfc", "", "nfc", "not sealed" },
	{ "sys/class/ieee802154", "", "ieee802154", "not sealed" },
	{ "sys/class/infiniband", "", "rdma",
	    "sends without the kernel's network" },
	{ "sys/class/fc_host", "", "fibre-channel", "a network of its own" },
	{ "sys/bus/thunderbolt/devices", "", "thunderbolt",
	    "other hosts may be attached" },
	{ "sys/bus/firewire/devices", "fw", "firewire",
	    "other hosts may be attached" },
	{ "sys/bus/ntb/devices", "", "ntb", "another host is attached" },
	{ "sys/class/virtio-ports", "vport", "hypervisor", "a line to it" },
	{ "dev", "vsock", "vsock", "a line to the hypervisor or to guests" },
	{ "dev", "vmci", "hypervisor", "a line to it" },
	{ "sys/class/mei", "mei", "management",
	    "a management engine may use the card" },
	{ "sys/class/ipmi", "ipmi", "management",
	    "a management controller may use the card" },
	{ "sys/module", "netconsole", "netconsole",
	    "hands messages to the driver of a link that is up" },
	{ "proc/self/net", "pktgen", "pktgen",
	    "hands packets to the driver of a link that is up" },
};

static DIR *
open_dir(const struct bnd_root *root, const char *path)
{
	struct bnd_err none = { 0 };
	int fd = bnd_root_open_sysfs(root, path, O_RDONLY | O_DIRECTORY, &none);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL && fd != -1)
		close(fd);
	return dir;
}

static struct dirent *
next_entry(DIR *dir)
{
	struct dirent *e;

	do
		e = readdir(dir);
	while (e != NULL &&
	    (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
	return e;
}

/* Names come from drivers. */
static const char *
shown(const char *name, char text[static WORD])
{
	bnd_text_show((struct bnd_str){ name, strlen(name) }, text, WORD);
	return text;
}

static void
list_device(const struct bnd_root *root, const struct device *d,
    struct bnd_notes *notes)
{
	DIR *dir = open_dir(root, d->path);
	struct dirent *e;
	char first[WORD] = "";
	unsigned more = 0;

	if (dir == NULL)
		return;
	while ((e = next_entry(dir)) != NULL) {
		if (strncmp(e->d_name, d->begins, strlen(d->begins)) != 0)
			continue;
		if (first[0] == '\0')
			(void)shown(e->d_name, first);
		else
			more++;
	}
	closedir(dir);
	if (more > 0)
		bnd_note(
		    notes, d->code, "%s and %u more: %s", first, more, d->text);
	else if (first[0] != '\0')
		bnd_note(notes, d->code, "%s: %s", first, d->text);
}

/* ---- families of sockets ---- */

/* Judged by the rules, or inside the host; and those the by-passes tell of. */
static const char *const covered[] = { "ALG", "DCCP", "DCCPv6", "KCM", "KEY",
	"L2TP/IP", "L2TP/IPv6", "MPTCP", "MPTCPv6", "NETLINK", "PACKET", "PING",
	"PINGv6", "PPPOE", "PPPOL2TP", "PPTP", "RAW", "RAWv6", "RXRPC", "SCTP",
	"SCTPv6", "TCP", "TCPv6", "UDP", "UDP-Lite", "UDPLITEv6", "UDPv6",
	"UNIX", "UNIX-STREAM", "XDP" };

/* What is known of the others, by how their names begin. */
static const struct family {
	const char *begins, *code;
} families[] = {
	{ "AF_VSOCK", "vsock" },
	{ "BNEP", "bluetooth" },
	{ "CAN_", "can" },
	{ "CMTP", "bluetooth" },
	{ "HCI", "bluetooth" },
	{ "HIDP", "bluetooth" },
	{ "IEEE-802154", "ieee802154" },
	{ "ISO", "bluetooth" },
	{ "L2CAP", "bluetooth" },
	{ "LLC", "llc" },
	{ "NFC", "nfc" },
	{ "RDS", "rdma" },
	{ "RFCOMM", "bluetooth" },
	{ "SCO", "bluetooth" },
	{ "SMC", "rdma" },
	{ "TIPC", "tipc" },
	{ "X25", "x25" },
};

static bool
is_covered(struct bnd_str name)
{
	size_t i;

	for (i = 0; i < sizeof covered / sizeof covered[0]; i++)
		if (bnd_str_is(name, covered[i]))
			return true;
	return false;
}

static void
list_family(struct bnd_str line, struct bnd_notes *notes)
{
	struct bnd_str name, size, count;
	const char *code = "family";
	uint64_t sockets = 0;
	char text[WORD];
	size_t i;

	if (!bnd_text_word(&line, &name) || is_covered(name) ||
	    bnd_str_is(name, "protocol"))
		return;
	for (i = 0; i < sizeof families / sizeof families[0]; i++)
		if (strncmp(name.p, families[i].begins,
			strlen(families[i].begins)) == 0)
			code = families[i].code;
	if (!bnd_text_word(&line, &size) || !bnd_text_word(&line, &count) ||
	    !bnd_text_u64(count, UINT32_MAX, &sockets))
		sockets = 0;
	bnd_text_show(name, text, sizeof text);
	bnd_note(
	    notes, code, "sockets of %s, %u open", text, (unsigned)sockets);
}

/* Every line, cut if it is too long for any that the kernel writes here. */
static void
each_line(const struct bnd_root *root, const char *path,
    void (*take)(struct bnd_str line, struct bnd_notes *notes),
    struct bnd_notes *notes)
{
	SCOPED_FILE FILE *f = NULL;
	struct bnd_err none = { 0 };
	char line[4096];
	bool begins = true;
	int fd = bnd_root_open_sysfs(root, path, O_RDONLY, &none);

	f = fd == -1 ? NULL : fdopen(fd, "r");
	if (f == NULL) {
		if (fd != -1)
			close(fd);
		bnd_note(notes, "unknown", "/%s cannot be read", path);
		return;
	}
	while (fgets(line, sizeof line, f) != NULL) {
		size_t len = strcspn(line, "\n");

		if (begins)
			take((struct bnd_str){ line, len }, notes);
		begins = line[len] == '\n';
	}
	if (ferror(f))
		bnd_note(notes, "unknown", "/%s cannot be read whole", path);
}

/* ---- cards ---- */

static bool
is_empty(int at, const char *name)
{
	int fd =
	    openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	bool none;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return true;
	}
	none = next_entry(dir) == NULL;
	closedir(dir);
	return none;
}

/* A link of this namespace, of the card or of what its driver made below it. */
static bool
has_link(DIR *card)
{
	struct dirent *e;

	if (!is_empty(dirfd(card), "net"))
		return true;
	rewinddir(card);
	while ((e = next_entry(card)) != NULL) {
		SCOPED_FD int fd = openat(dirfd(card), e->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd != -1 && !is_empty(fd, "net"))
			return true;
	}
	return false;
}

static bool
read_word(int at, const char *name, char *word, size_t size)
{
	SCOPED_FD int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
	struct bnd_err none = { 0 };
	size_t len = 0;

	if (fd == -1 ||
	    bnd_file_read_fd(fd, name, word, size - 1, &len, &none) == -1)
		return false;
	word[len] = '\0';
	word[strcspn(word, "\n")] = '\0';
	return true;
}

/* The last part of where the link "driver" leads; false if there is none. */
static bool
read_driver(int at, char word[static WORD])
{
	char path[512];
	const char *last;
	ssize_t n = readlinkat(at, "driver", path, sizeof path - 1);

	if (n <= 0)
		return false;
	path[n] = '\0';
	last = strrchr(path, '/');
	(void)shown(last != NULL ? last + 1 : path, word);
	return true;
}

static void
list_card(DIR *card, const char *address, struct bnd_notes *findings,
    struct bnd_notes *uncovered)
{
	char class[WORD], driver[WORD], functions[WORD], name[WORD];

	if (!read_word(dirfd(card), "class", class, sizeof class) ||
	    strncmp(class, "0x02", 4) != 0)
		return;
	(void)shown(address, name);
	if (read_driver(dirfd(card), driver) && !has_link(card)) {
		bnd_note(findings, "unseen",
		    "card %s of driver %s has no link here", name, driver);
		bnd_note(
		    uncovered, "unseen", "card %s, driver %s", name, driver);
	}
	if (read_word(
		dirfd(card), "sriov_numvfs", functions, sizeof functions) &&
	    strcmp(functions, "0") != 0)
		bnd_note(
		    uncovered, "sriov", "card %s lends out functions", name);
}

static void
list_cards(const struct bnd_root *root, struct bnd_notes *findings,
    struct bnd_notes *uncovered)
{
	DIR *dir = open_dir(root, PCI);
	struct dirent *e;
	char path[512];

	while (dir != NULL && (e = next_entry(dir)) != NULL) {
		DIR *card;

		(void)snprintf(path, sizeof path, PCI "/%s", e->d_name);
		card = open_dir(root, path);
		if (card == NULL)
			continue;
		list_card(card, e->d_name, findings, uncovered);
		closedir(card);
	}
	if (dir != NULL)
		closedir(dir);
}

/* A port of a switch that forwards without asking. */
static void
list_switches(const struct bnd_root *root, struct bnd_notes *notes)
{
	DIR *dir = open_dir(root, NETS);
	struct dirent *e;
	char path[512], id[WORD], name[WORD];

	while (dir != NULL && (e = next_entry(dir)) != NULL) {
		SCOPED_FD int fd = -1;
		struct bnd_err none = { 0 };

		(void)snprintf(path, sizeof path, NETS "/%s", e->d_name);
		fd = bnd_root_open_sysfs(
		    root, path, O_RDONLY | O_DIRECTORY, &none);
		if (fd != -1 &&
		    read_word(fd, "phys_switch_id", id, sizeof id) &&
		    id[0] != '\0')
			bnd_note(notes, "switchdev",
			    "%s is a port of a switch that forwards by itself",
			    shown(e->d_name, name));
	}
	if (dir != NULL)
		closedir(dir);
}

void
bnd_uncovered_list(const struct bnd_root *root, struct bnd_notes *findings,
    struct bnd_notes *uncovered)
{
	DIR *sys = open_dir(root, "sys/class");
	size_t i;

	if (sys == NULL)
		bnd_note(uncovered, "unknown", "/sys cannot be read");
	else
		closedir(sys);
	for (i = 0; i < sizeof devices / sizeof devices[0]; i++)
		list_device(root, &devices[i], uncovered);
	each_line(root, PROTOCOLS, list_family, uncovered);
	list_cards(root, findings, uncovered);
	list_switches(root, uncovered);
}

/* ---- mounts ---- */

static bool
is_network(struct bnd_str type)
{
	static const char *const types[] = { "9p", "afs", "ceph", "cifs",
		"coda", "gfs2", "lustre", "nfs", "nfs4", "ocfs2", "orangefs",
		"smb3" };
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++)
		if (bnd_str_is(type, types[i]))
			return true;
	return false;
}

static bool
has_option(struct bnd_str options, const char *one)
{
	struct bnd_str opt;

	while (options.len > 0) {
		opt = bnd_str_until(options, ',');
		if (bnd_str_is(opt, one))
			return true;
		options = bnd_str_from(
		    options, opt.len < options.len ? opt.len + 1 : opt.len);
	}
	return false;
}

/* proc_pid_mountinfo(5): id parent dev root POINT opts ... - TYPE from OPTS */
static void
list_mount(struct bnd_str line, struct bnd_notes *notes)
{
	struct bnd_str word, point = { NULL, 0 }, type, from, options;
	char where[WORD], what[WORD];
	unsigned i;

	for (i = 0; bnd_text_word(&line, &word) && !bnd_str_is(word, "-"); i++)
		if (i == 4)
			point = word;
	if (point.p == NULL || !bnd_text_word(&line, &type) ||
	    !bnd_text_word(&line, &from) || !bnd_text_word(&line, &options))
		return;
	/* To the hypervisor, not to a network. */
	if (!is_network(type) || has_option(options, "trans=virtio"))
		return;
	bnd_text_show(point, where, sizeof where);
	bnd_text_show(type, what, sizeof what);
	if (bnd_str_is(point, "/"))
		bnd_note(notes, "mount",
		    "the root file system is %s: the host will hang", what);
	else
		bnd_note(notes, "mount", "%s on %s will hang", what, where);
}

void
bnd_uncovered_mounts(const struct bnd_root *root, struct bnd_notes *notes)
{
	each_line(root, MOUNTS, list_mount, notes);
}
