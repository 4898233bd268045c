/* uncovered.c: channels beside the network are listed, and only those there are */
/* SPDX-License-Identifier: ISC */
#include "uncovered.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static struct scratch sc;
static struct bnd_notes findings, uncovered;

static void
put(const char *path, const char *text)
{
	char full[300], dir[300];
	struct bnd_err err = { 0 };
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	snprintf(full, sizeof(full), "%s/%s", sc.dir, path);
	if (bnd_root_mkdir(&sc.root, dir, 0755, &err) == -1)
		bail(err.text);
	f = fopen(full, "we");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		bail(full);
}

static void
lead(const char *path, const char *to)
{
	char full[300];

	snprintf(full, sizeof(full), "%s/%s", sc.dir, path);
	if (symlink(to, full) != 0)
		bail(full);
}

static void
look(void)
{
	findings = uncovered = (struct bnd_notes){ 0 };
	bnd_uncovered_list(&sc.root, &findings, &uncovered);
}

static const char *
text_of(const struct bnd_notes *n, const char *code)
{
	for (size_t i = 0; i < n->n; i++)
		if (strcmp(n->note[i].code, code) == 0)
			return n->note[i].text;
	return "";
}

/* A host with nothing but a card that has its link, and a local console. */
static void
plain(void)
{
	put("sys/class/tty/ttyS0/dev", "4:64\n");
	put("sys/class/usbmisc/hiddev0/x", "");
	put("sys/class/net/eth0/phys_switch_id", "");
	put("sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n");
	put("sys/bus/pci/devices/0000:00:03.0/virtio2/net/eth0/x", "");
	lead("sys/bus/pci/devices/0000:00:03.0/driver",
	    "../../../../bus/pci/drivers/virtio-pci");
	put("sys/bus/pci/devices/0000:00:04.0/class", "0x018000\n");
	lead("sys/bus/pci/devices/0000:00:04.0/driver", "../drivers/vfio-pci");
	put("proc/self/net/protocols",
	    "protocol  size sockets  memory press maxhdr\n"
	    "PACKET    1600      0      -1   NI       0   no   kernel\n"
	    "UDP-Lite  1344      0      -1   NI       0   no   kernel\n"
	    "TCPv6     2432      0     123   no     192   yes  kernel\n");
}

static void
test_rows(void)
{
	static const struct {
		const char *id, *path, *code, *says;
	} rows[] = {
		{ "N104", "sys/class/usbmisc/cdc-wdm0/x", "wwan", "cdc-wdm0" },
		{ "N104", "sys/class/tty/ttyUSB3/x", "serial", "ttyUSB3" },
		{ "N103", "sys/class/bluetooth/hci0/x", "bluetooth", "hci0" },
		{ "N106", "dev/vsock", "vsock", "vsock" },
		{ "N107", "sys/class/infiniband/rxe0/x", "rdma", "rxe0" },
		{ "N110", "sys/class/nfc/nfc0/x", "nfc", "nfc0" },
		{ "N110", "sys/class/ieee802154/phy0/x", "ieee802154", "phy0" },
		{ "N110", "sys/bus/thunderbolt/devices/0-0/x", "thunderbolt",
		    "0-0" },
		{ "N111", "sys/class/mei/mei0/x", "management", "mei0" },
		{ "N97", "sys/module/netconsole/x", "netconsole",
		    "netconsole" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is_str(text_of(&uncovered, rows[i].code), "",
		    "%s: no %s yet (control)", rows[i].id, rows[i].code);
		put(rows[i].path, "");
		look();
		ok(strstr(text_of(&uncovered, rows[i].code), rows[i].says) !=
			NULL,
		    "%s: %s is listed: %s", rows[i].id, rows[i].says,
		    text_of(&uncovered, rows[i].code));
	}
	put("sys/class/bluetooth/hci1/x", "");
	look();
	ok(strstr(text_of(&uncovered, "bluetooth"), "hci0 and 1 more") ||
		strstr(text_of(&uncovered, "bluetooth"), "hci1 and 1 more"),
	    "two of a kind are one line");
}

static void
test_families(void)
{
	put("proc/self/net/protocols",
	    "protocol  size sockets  memory press maxhdr\n"
	    "TIPC       800      2      -1   NI       0   no   tipc\n"
	    "CAN_RAW    800      0      -1   NI       0   no   can_raw\n"
	    "X25        800      0      -1   NI       0   no   x25\n"
	    "SMC6       800      0      -1   NI       0   no   smc\n"
	    "TCPv7      800      0      -1   NI       0   no   kernel\n"
	    "B\033[31m   800     0      -1   NI       0   no   kernel\n");
	look();
	is_str(text_of(&uncovered, "tipc"), "sockets of TIPC, 2 open",
	    "N110: TIPC");
	is_str(text_of(&uncovered, "can"), "sockets of CAN_RAW, 0 open",
	    "N110: CAN");
	is_str(
	    text_of(&uncovered, "x25"), "sockets of X25, 0 open", "N110: X.25");
	is_str(text_of(&uncovered, "family"), "sockets of TCPv7, 0 open",
	    "N110: what nobody knows is listed all the same");
	for (size_t i = 0; i < uncovered.n; i++)
		ok(strchr(uncovered.note[i].text, '\033') == NULL,
		    "no terminal obeys it");
}

static void
test_cards(void)
{
	is_int((int)findings.n, 0, "N108: no finding yet (control)");
	put("sys/bus/pci/devices/0000:00:05.0/class", "0x028000\n");
	look();
	is_int((int)findings.n, 0, "N108: nor for a card without a driver");
	lead("sys/bus/pci/devices/0000:00:05.0/driver",
	    "../../../../bus/pci/drivers/vfio-pci");
	put("sys/bus/pci/devices/0000:00:03.0/sriov_numvfs", "0\n");
	look();
	is_str(text_of(&findings, "unseen"),
	    "card 0000:00:05.0 of driver vfio-pci has no link here",
	    "N108: a card that was given away is a finding");
	ok(text_of(&uncovered, "unseen")[0] != '\0', "N108: and uncovered");
	is_int((int)findings.n, 1, "N108: the only one");
	is_str(text_of(&uncovered, "sriov"), "", "N108: no functions");
	put("sys/bus/pci/devices/0000:00:03.0/sriov_numvfs", "4\n");
	put("sys/class/net/eth0/phys_switch_id", "00154d\n");
	look();
	ok(text_of(&uncovered, "sriov")[0] != '\0',
	    "N108: functions are lent out");
	ok(strstr(text_of(&uncovered, "switchdev"), "eth0") != NULL,
	    "N109: the port of a switch");
}

static void
test_mounts(void)
{
	struct bnd_notes notes = { 0 };

	put("proc/self/mountinfo",
	    "1 0 0:1 / / rw,relatime - ext4 /dev/vda rw\n"
	    "2 1 0:2 / /proc rw shared:2 - proc proc rw\n"
	    "3 1 0:3 / /host ro - 9p host rw,trans=virtio\n");
	bnd_uncovered_mounts(&sc.root, &notes);
	is_int((int)notes.n, 0, "N101: local ones are fine (control)");
	put("proc/self/mountinfo",
	    "1 0 0:1 / / rw,relatime - nfs4 server:/root rw,vers=4.2\n"
	    "2 1 0:2 / /my\\040disk rw shared:2 - cifs //a/b rw\n"
	    "3 1 0:3 / /x rw - 9p 10.0.0.1 rw,trans=tcp\n"
	    "4 1 0:4 / /y rw\n");
	bnd_uncovered_mounts(&sc.root, &notes);
	is_int((int)notes.n, 3, "N101: three hang");
	is_str(notes.note[0].text,
	    "the root file system is nfs4: the host will hang",
	    "N101: the root is said first");
	ok(strstr(notes.note[1].text, "cifs on /my") != NULL &&
		strstr(notes.note[2].text, "9p on /x") != NULL,
	    "N101: and others");
}

int
main(void)
{
	scratch_make(&sc);
	look();
	is_str(text_of(&uncovered, "unknown"), "/sys cannot be read",
	    "what cannot be looked at is not silent");
	plain();
	look();
	test_rows();
	test_families();
	test_cards();
	test_mounts();
	scratch_remove(&sc);
	return tap_done();
}
