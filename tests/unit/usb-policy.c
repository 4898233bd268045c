/* usb-policy.c: settings, rules and baseline: all of it, or the console set */
/* SPDX-License-Identifier: ISC */
#include "usb-policy.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "usb-print.h"
#include "usbconf.h"

static struct scratch sc;
static struct bnd_usb_policy p;
static struct bnd_err err;
static uint8_t before[BND_HASH_LEN];

static int
load(void)
{
	bnd_usb_policy_free(&p);
	err = (struct bnd_err){ 0 };
	return bnd_usb_policy_load(&sc.root, &p, &err);
}

/* Whether nothing is in force, with this exit status. */
static bool
refused(int status, const char *what)
{
	size_t rules = 0;

	if (load() != -1)
		return false;
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		rules += p.rules[m].n;
	if (!p.usable && rules == 0 && bnd_kind_exit(err.kind) == status &&
	    strstr(err.text, what) != NULL && strcmp(err.text, p.why.text) == 0)
		return true;
	diag("%d: %s", bnd_kind_exit(err.kind), err.text);
	return false;
}

static void
chmod_it(const char *path, mode_t mode)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", sc.dir, path);
	if (chmod(full, mode) != 0)
		bail(full);
}

/* Where the rules of a set stand, in order, without "/etc/bnd/usb.d/". */
static const char *
order(enum bnd_mode m)
{
	static char all[512];
	char where[200];
	size_t n = 0;

	all[0] = '\0';
	for (size_t i = 0; i < p.rules[m].n; i++) {
		bnd_usb_rule_where(
		    bnd_usb_rules_at(&p.rules[m], i), where, sizeof(where));
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
		    i != 0 ? " " : "", where + strlen("/etc/bnd/usb.d/"));
	}
	return all;
}

static void
test_nothing(void)
{
	scratch_make_fast(&sc);
	ok(refused(2, "bnd.conf"), "without a bnd.conf nothing is in force");
	scratch_remove(&sc);
	conf_make(&sc);
	is_int(load(), 0, "no rules and no baseline: %s", err.text);
	ok(p.usable && !p.has_baseline_file && !p.base_bad && p.base.n == 0,
	    "is a policy");
	ok(p.keep == BND_USB_KEEP_AUTO && !p.filter && p.hub_depth == 5,
	    "of auto, strict and 5");
	put(&sc, "etc/bnd/bnd.conf",
	    "lockdown_hid keep\nusb_composite filter\nusb_hub_depth 2\n");
	is_int(load(), 0, "settings");
	ok(p.keep == BND_USB_KEEP && p.filter && p.hub_depth == 2, "count");
	put(&sc, "etc/bnd/bnd.conf", "lockdown_hid keep\nusb_hub_depth 9\n");
	ok(refused(2, "/etc/bnd/bnd.conf:2:15: "), "and one error is enough");
	ok(p.keep == BND_USB_KEEP_AUTO && p.hub_depth == 5, "to forget them");
	put(&sc, "etc/bnd/bnd.conf", "");
}

static void
test_order(void)
{
	put(&sc, "etc/bnd/usb.d/9.rules", "allow\nallow\n");
	put(&sc, "etc/bnd/usb.d/10.rules", "allow\n");
	put(&sc, "etc/bnd/usb.d/a.rules", "# none\n\nallow\n");
	put(&sc, "etc/bnd/usb.d/Z.rules", "allow\n");
	put(&sc, "etc/bnd/usb.d/\xc3\xa4.rules", "allow\n");
	put(&sc, "etc/bnd/usb.d/.hidden.rules", "no rule at all\n");
	put(&sc, "etc/bnd/usb.d/.rules", "no rule at all\n");
	put(&sc, "etc/bnd/usb.d/9.rules~", "no rule at all\n");
	put(&sc, "etc/bnd/usb.d/README", "no rule at all\n");
	put(&sc, "etc/bnd/usb.d/AIRGAP/1.rules", "block\n");
	put(&sc, "etc/bnd/usb.d/LOCKDOWN/1.rules", "reject\n");
	is_int(load(), 0, "files of all kinds: %s", err.text);
	is_str(order(BND_MODE_NONE),
	    "10.rules:1 9.rules:1 9.rules:2 Z.rules:1 a.rules:3 "
	    "\\xc3\\xa4.rules:1",
	    "in bytewise order");
	is_str(order(BND_AIRGAP), "AIRGAP/1.rules:1", "and by mode");
	is_str(order(BND_LOCKDOWN), "LOCKDOWN/1.rules:1", "each");
	is_int(p.rules[BND_OPEN].n, 0, "of its own");
}

static void
test_errors(void)
{
	put(&sc, "etc/bnd/usb.baseline", BASE_HEAD BASE_A "end\n");
	put(&sc, "etc/bnd/usb.d/TRUSTED/x.rules", "allow\nallow \n block \"\n");
	ok(refused(2, "/etc/bnd/usb.d/TRUSTED/x.rules:3:"),
	    "one error in one file, and no rule is in force");
	ok(!p.base_bad && p.base.n == 1,
	    "the baseline stands, for the console");
	drop(&sc, "etc/bnd/usb.d/TRUSTED/x.rules");
	is_int(load(), 0, "control: without it");
	put(&sc, "etc/bnd/usb.d/airgap/x.rules", "block\n");
	ok(refused(2, "usb.d/airgap: no mode"), "a directory that is no mode");
	drop(&sc, "etc/bnd/usb.d/airgap/x.rules");
	drop(&sc, "etc/bnd/usb.d/airgap");
	put(&sc, "etc/bnd/usb.d/OPEN/more/x.rules", "block\n");
	ok(refused(2, "usb.d/OPEN/more: a directory"), "and one too deep");
	drop(&sc, "etc/bnd/usb.d/OPEN/more/x.rules");
	drop(&sc, "etc/bnd/usb.d/OPEN/more");
	put(&sc, "etc/bnd/usb.d/COLDROOM", "block\n");
	ok(refused(8, "usb.d/COLDROOM is not a directory"),
	    "a file for a mode");
	drop(&sc, "etc/bnd/usb.d/COLDROOM");
	put(&sc, "etc/bnd/usb.d/\x1b[2J.rules", "allo\n");
	ok(refused(2, "/etc/bnd/usb.d/\\x1b[2J.rules:1:1: "),
	    "no terminal obeys a file's name");
	drop(&sc, "etc/bnd/usb.d/\x1b[2J.rules");
	put_bytes(&sc, "etc/bnd/usb.d/x.rules", 0600, "allow", 5);
	ok(refused(2, "x.rules:1:"), "a last line without its end");
	drop(&sc, "etc/bnd/usb.d/x.rules");
	is_int(load(), 0, "control: all is well");
}

static void
test_trust(void)
{
	char from[256], to[256];

	put_bytes(&sc, "etc/bnd/usb.d/x.rules", 0644, "allow\n", 6);
	ok(refused(8, "mode 0644"), "UR-14: readable by others");
	chmod_it("etc/bnd/usb.d/x.rules", 0660);
	ok(refused(8, "mode 0660"), "UR-14: writable by the group");
	chmod_it("etc/bnd/usb.d/x.rules", 0640);
	is_int(load(), 0, "UR-14: control: readable by a group");
	if (geteuid() == 0) {
		snprintf(to, sizeof(to), "%s/etc/bnd/usb.d/x.rules", sc.dir);
		if (chown(to, 12345, (gid_t)-1) != 0)
			bail("chown");
		ok(refused(8, "belongs to uid 12345"), "UR-14: a user's");
	}
	drop(&sc, "etc/bnd/usb.d/x.rules");
	snprintf(from, sizeof(from), "%s/etc/bnd/usb.d/9.rules", sc.dir);
	snprintf(to, sizeof(to), "%s/etc/bnd/usb.d/y.rules", sc.dir);
	if (symlink("9.rules", to) != 0)
		bail("symlink");
	ok(refused(8, "y.rules"), "UR-14: a symbolic link");
	drop(&sc, "etc/bnd/usb.d/y.rules");
	if (link(from, to) != 0)
		bail("link");
	ok(refused(8, "2 links"), "UR-14: a hard link");
	drop(&sc, "etc/bnd/usb.d/y.rules");
	if (mkfifo(to, 0600) != 0)
		bail("mkfifo");
	ok(refused(8, "not a regular file"), "UR-14: a FIFO, at once");
	drop(&sc, "etc/bnd/usb.d/y.rules");
	chmod_it("etc/bnd/usb.d", 0775);
	ok(refused(8, "writable by others"), "UR-14: a group's directory");
	chmod_it("etc/bnd/usb.d", 0755);
	if (bnd_root_mkdir(&sc.root, "etc/bnd/usb.d/OPEN", 0755, &err) != 0)
		bail(err.text);
	chmod_it("etc/bnd/usb.d/OPEN", 0777);
	ok(refused(8, "usb.d/OPEN is writable"),
	    "UR-14: even if nothing is in it, for a rule may have been");
	chmod_it("etc/bnd/usb.d/OPEN", 0755);
	is_int(load(), 0, "UR-14: control");
}

static void
test_limits(void)
{
	static char big[BND_USB_RULES_FILE_MAX + 1];
	char path[64];
	size_t n;

	memset(big, '\n', sizeof(big));
	put_bytes(&sc, "etc/bnd/usb.d/x.rules", 0600, big, sizeof(big) - 1);
	is_int(load(), 0, "UR-09: a file of 1 MiB: %s", err.text);
	put_bytes(&sc, "etc/bnd/usb.d/x.rules", 0600, big, sizeof(big));
	ok(refused(2, "x.rules"), "UR-09: and a byte more");
	for (n = 0; n < 6 * 2040; n += 6)
		memcpy(big + n, "allow\n", 6);
	put_bytes(&sc, "etc/bnd/usb.d/x.rules", 0600, big, n);
	put_bytes(&sc, "etc/bnd/usb.d/OPEN/x.rules", 0600, big, n);
	is_int(load(), 0, "UR-09: 4087 rules in all files: %s", err.text);
	put(&sc, "etc/bnd/usb.d/TRUSTED/x.rules",
	    "allow\nallow\nallow\nallow\nallow\nallow\nallow\nallow\nallow\n"
	    "allow\n");
	ok(refused(2, "more than 4096 rules"), "UR-09: 4097, wherever");
	drop(&sc, "etc/bnd/usb.d/TRUSTED/x.rules");
	drop(&sc, "etc/bnd/usb.d/OPEN/x.rules");
	drop(&sc, "etc/bnd/usb.d/x.rules");
	for (unsigned i = 0; i <= BND_USB_RULES_FILES; i++) {
		snprintf(path, sizeof(path), "etc/bnd/usb.d/OPEN/%u.rules", i);
		put(&sc, path, "");
		if (i == BND_USB_RULES_FILES - 1)
			is_int(load(), 0, "256 files: %s", err.text);
	}
	ok(refused(2, "more than 256 files"), "and one more");
	for (unsigned i = 0; i <= BND_USB_RULES_FILES; i++) {
		snprintf(path, sizeof(path), "etc/bnd/usb.d/OPEN/%u.rules", i);
		drop(&sc, path);
	}
}

static void
test_baseline(void)
{
	static const char whole[] = BASE_HEAD BASE_A BASE_B "end\n";
	unsigned good = 0, unknown = 0;

	put(&sc, "etc/bnd/usb.baseline", whole);
	is_int(load(), 0, "a baseline");
	ok(p.has_baseline_file && p.base.n == 2 && !p.base_bad, "of two");
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		put_bytes(&sc, "etc/bnd/usb.baseline", 0600, whole, i);
		good += load() == 0;
		unknown += !p.usable && p.base_bad && p.base.n == 0;
	}
	is_int(good, 0, "UP-08: cut anywhere, no policy");
	is_int(unknown, sizeof(whole) - 1, "UP-08: and nobody is known");
	put_bytes(&sc, "etc/bnd/usb.baseline", 0640, whole, sizeof(whole) - 1);
	ok(refused(8, "mode 0640") && p.base_bad, "UP-08: read by a group");
	put(&sc, "etc/bnd/usb.baseline", whole);
	put(&sc, "etc/bnd/bnd.conf", "flor OPEN\n");
	ok(refused(2, "bnd.conf:1:1") && p.base.n == 2 && !p.base_bad,
	    "no settings: the baseline is known all the same");
	put(&sc, "etc/bnd/bnd.conf", "");
}

/* Whether the policy is another one than it was when this was asked last. */
static bool
differs(void)
{
	bool other;

	if (load() != 0)
		bail(err.text);
	other = memcmp(before, p.digest, sizeof(before)) != 0;
	memcpy(before, p.digest, sizeof(before));
	return other;
}

static void
test_digest(void)
{
	ok(differs(), "a digest of the policy");
	ok(!differs(), "is the same again");
	put(&sc, "etc/bnd/bnd.conf", "floor RESTRICTED\nusb_hub_depth 5\n");
	ok(!differs(), "what is not about USB, or says the default, is not in");
	put(&sc, "etc/bnd/bnd.conf", "usb_hub_depth 4\n");
	ok(differs(), "usb_hub_depth is");
	put(&sc, "etc/bnd/bnd.conf", "usb_hub_depth 4\nusb_composite filter\n");
	ok(differs(), "usb_composite is");
	put(&sc, "etc/bnd/bnd.conf", "usb_hub_depth 4\nlockdown_hid none\n");
	ok(differs(), "lockdown_hid is");
	put(&sc, "etc/bnd/usb.d/k.rules", "allow\n# x\n");
	ok(differs(), "a new file");
	put(&sc, "etc/bnd/usb.d/k.rules", "allow\n# y\n");
	ok(differs(), "another comment");
	put(&sc, "etc/bnd/usb.d/k.rules", "allow\n");
	put(&sc, "etc/bnd/usb.d/l.rules", "block\n");
	ok(differs(), "two files");
	put(&sc, "etc/bnd/usb.d/k.rules", "allow\nblock\n");
	put(&sc, "etc/bnd/usb.d/l.rules", "");
	ok(differs(), "a line that moved from one to the next");
	drop(&sc, "etc/bnd/usb.d/l.rules");
	ok(differs(), "one without rules is one");
	drop(&sc, "etc/bnd/usb.d/k.rules");
	put(&sc, "etc/bnd/usb.d/OPEN/k.rules", "allow\nblock\n");
	ok(differs(), "the same file for a mode alone");
	put(&sc, "etc/bnd/usb.d/README", "x");
	ok(!differs(), "what is not read is not in");
	put(&sc, "etc/bnd/usb.baseline", BASE_HEAD "end\n");
	ok(differs(), "another baseline");
	drop(&sc, "etc/bnd/usb.baseline");
	ok(differs(), "none is not an empty one");
}

int
main(void)
{
	alarm(120);
	test_nothing();
	test_order();
	test_errors();
	test_trust();
	test_limits();
	test_baseline();
	test_digest();
	bnd_usb_policy_free(&p);
	scratch_remove(&sc);
	return tap_done();
}
