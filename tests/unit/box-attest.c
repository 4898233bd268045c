/* box-attest.c: a mountinfo that is not the planned one, in every way */
/* SPDX-License-Identifier: ISC */
#include "box-attest.h"

#include <string.h>

#include "tap.h"

static const struct bnd_root_mount plan[] = {
	{ "/", "tmpfs", true, true, true, true, false },
	{ "/proc", "proc", true, true, true, true, false },
	{ "/usr", NULL, true, true, true, false, true },
	{ "/tmp", "tmpfs", false, true, true, true, false },
};

#define ROOT  "1 2 0:40 / / ro,nosuid,nodev,noexec,relatime - tmpfs none rw\n"
#define PROC  "3 1 0:41 / /proc ro,nosuid,nodev,noexec - proc proc rw\n"
#define USR   "4 1 8:1 /usr /usr ro,nosuid,nodev - ext4 /dev/sda1 rw\n"
#define TMP   "5 1 0:42 / /tmp rw,nosuid,nodev,noexec - tmpfs none rw\n"
#define BELOW "6 4 8:2 / /usr/a\\040b ro,nosuid,nodev - xfs /dev/sdb rw\n"

static const struct {
	const char *what, *text, *why; /* NULL: as planned */
} rows[] = {
	{ "as planned", ROOT PROC USR TMP, NULL },
	{ "in any order", TMP USR PROC ROOT, NULL },
	{ "a submount of a recursive bind", ROOT PROC USR TMP BELOW, NULL },
	{ "a looser one",
	    ROOT PROC USR TMP
	    "6 4 8:2 / /usr/a rw,nosuid,nodev - xfs /dev/sdb rw\n",
	    "mount /usr/a is looser than planned" },
	{ "one missing", ROOT USR TMP, "mount /proc is missing" },
	{ "none", "", "mount / is missing" },
	{ "one too many", ROOT PROC USR TMP "7 1 0:9 / /sys ro - sysfs s rw\n",
	    "mount /sys is not in the plan" },
	{ "one over another", ROOT PROC USR TMP TMP,
	    "mount /tmp is not in the plan" },
	{ "a name that begins alike",
	    ROOT PROC USR TMP "7 1 8:2 / /usrx ro,nosuid,nodev - x x rw\n",
	    "mount /usrx is not in the plan" },
	{ "writable",
	    ROOT PROC
	    "4 1 8:1 /usr /usr rw,nosuid,nodev - ext4 /dev/sda1 rw\n" TMP,
	    "mount /usr is looser than planned" },
	{ "with devices",
	    ROOT PROC USR "5 1 0:42 / /tmp rw,nosuid,noexec - tmpfs none rw\n",
	    "mount /tmp is looser than planned" },
	{ "with set-uid",
	    ROOT PROC USR "5 1 0:42 / /tmp rw,nodev,noexec - tmpfs none rw\n",
	    "mount /tmp is looser than planned" },
	{ "with programs",
	    ROOT PROC USR "5 1 0:42 / /tmp rw,nosuid,nodev - tmpfs none rw\n",
	    "mount /tmp is looser than planned" },
	{ "shared with the host",
	    ROOT PROC
	    "4 1 8:1 /usr /usr ro,nosuid,nodev shared:5 - ext4 x rw\n" TMP,
	    "mount /usr is looser than planned" },
	{ "a slave of the host's",
	    ROOT PROC
	    "4 1 8:1 /usr /usr ro,nosuid,nodev master:5 - ext4 x rw\n" TMP,
	    "mount /usr is looser than planned" },
	{ "of another kind",
	    ROOT
	    "3 1 0:41 / /proc ro,nosuid,nodev,noexec - sysfs s rw\n" USR TMP,
	    "mount /proc is looser than planned" },
	{ "a short line", ROOT PROC USR "5 1 0:42 / /tmp\n",
	    "mountinfo is not as proc(5) has it" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_str text = { rows[i].text, strlen(rows[i].text) };
		struct bnd_err err = { 0 };
		size_t seen = 0;
		int rc = bnd_box_judge_mounts(plan, 4, text, &seen, &err);

		is_int(rc, rows[i].why == NULL ? 0 : -1, "%s", rows[i].what);
		is_str(err.text, rows[i].why == NULL ? "" : rows[i].why,
		    "%s: said so", rows[i].what);
	}
	return tap_done();
}
