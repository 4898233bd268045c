/* policy.c: bnd.conf: strict, with the place of what is wrong */
/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static int
parse(const char *text, struct bnd_policy *p, struct bnd_err *err)
{
	*err = (struct bnd_err){ 0 };
	return bnd_policy_parse(
	    "f", (struct bnd_str){ text, strlen(text) }, p, err);
}

/* What --init writes is what is installed. */
static void
test_shipped(void)
{
	char path[512], text[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/bnd.conf", getenv("BND_TREE"));
	f = fopen(path, "re");
	if (f == NULL)
		bail(path);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	is_str(text, bnd_policy_default, "is etc/bnd.conf");
}

static void
test_good(void)
{
	struct bnd_policy p;
	struct bnd_err err;

	is_int(parse("", &p, &err), 0, "an empty file");
	ok(p.floor == BND_MODE_NONE && !p.require_audit &&
		p.need[BND_AIRGAP] == 0,
	    "asks for nothing");
	is_int(parse(bnd_policy_default, &p, &err), 0, "the default file");
	test_shipped();
	ok(p.floor == BND_MODE_NONE, "asks for nothing either");
	is_int(parse("# c\n\n \t\nfloor AirGap\nrequire_audit yes\n"
		     "one_way modules_disabled COLDROOM\n"
		     "one_way\tkexec_load_disabled  AIRGAP \n"
		     "need AIRGAP 2\nneed COLDROOM 3\ncooldown AIRGAP 300\n"
		     "kinds AIRGAP offline\nkinds OPEN any\n"
		     "lockdown_hid keep\nusb_composite filter\n"
		     "usb_hub_depth 4\n",
		   &p, &err),
	    0, "all of the keys");
	is_int(p.floor, BND_AIRGAP, "floor");
	ok(p.require_audit, "require_audit");
	is_int(p.one_way[BND_ONE_WAY_MODULES], BND_COLDROOM, "one_way");
	is_int(p.one_way[BND_ONE_WAY_KEXEC], BND_AIRGAP, "another");
	is_int(p.need[BND_AIRGAP], 2, "need");
	is_int(p.need[BND_COLDROOM], 3, "for another mode");
	is_int(p.cooldown_s[BND_AIRGAP], 300, "cooldown");
	ok(p.offline[BND_AIRGAP] && !p.offline[BND_OPEN], "kinds");
	ok(p.usb_keep == BND_USB_KEEP && p.usb_filter && p.usb_hub_depth == 4,
	    "what is about USB");
	is_int(parse("lockdown_hid none\nusb_composite strict\n", &p, &err), 0,
	    "its other words");
	ok(p.usb_keep == BND_USB_KEEP_NONE && !p.usb_filter &&
		p.usb_hub_depth == 0,
	    "as they say");
	is_int(parse("lockdown_hid auto\nusb_hub_depth 1\n", &p, &err), 0,
	    "the default, said aloud");
	ok(p.usb_keep == BND_USB_KEEP_AUTO && p.usb_hub_depth == 1, "is it");
}

/* What is wrong, and where. */
static void
test_bad(void)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "floor SHUT\n", "f:1:7: unknown mode: \"SHUT\"" },
		{ "floor\n", "f:1:6: a mode is missing" },
		{ "floor OPEN x\n", "f:1:12: one word too many: \"x\"" },
		{ "floor OPEN\nfloor OPEN\n", "f:2:1: given a second time" },
		{ "flor OPEN\n", "f:1:1: unknown key: \"flor\"" },
		{ "Floor OPEN\n", "f:1:1: unknown key" },
		{ "# c\n  floor  SHUT\n", "f:2:10: unknown mode" },
		{ "floor OPEN", "f:1:1: the last line has no end" },
		{ "require_audit maybe\n", "f:1:15: neither yes nor no" },
		{ "require_audit\n", "f:1:14: yes or no is missing" },
		{ "require_audit yes\nrequire_audit no\n",
		    "f:2:1: given a second time" },
		{ "one_way lockdown AIRGAP\n", "f:1:9: unknown one-way knob" },
		{ "one_way modules_disabled\n", "f:1:25: a mode is missing" },
		{ "one_way modules_disabled OPEN\none_way modules_disabled "
		  "AIRGAP\n",
		    "f:2:9: named a second time" },
		{ "need AIRGAP 0\n", "f:1:13: not a number that is allowed" },
		{ "need AIRGAP 9\n", "f:1:13: not a number that is allowed" },
		{ "need AIRGAP 01\n", "f:1:13: not a number" },
		{ "need AIRGAP -1\n", "f:1:13: not a number" },
		{ "need AIRGAP 1\nneed airgap 2\n",
		    "f:2:6: named a second time" },
		{ "cooldown AIRGAP 86401\n", "f:1:17: not a number" },
		{ "cooldown AIRGAP 1s\n", "f:1:17: not a number" },
		{ "kinds AIRGAP raw\n", "f:1:14: neither any nor offline" },
		{ "floor OPEN # c\n", "f:1:12: one word too many" },
		{ "\x01\x1b[2J\n", "f:1:1: unknown key: \"\\x01\\x1b[2J\"" },
		{ "floor OPEN\r\n", "f:1:7: unknown mode" },
		{ "lockdown-hid keep\n", "f:1:1: unknown key" },
		{ "lockdown_hid\n", "f:1:13: auto, keep or none is missing" },
		{ "lockdown_hid Keep\n",
		    "f:1:14: neither auto, keep nor none" },
		{ "lockdown_hid keep\nlockdown_hid none\n",
		    "f:2:1: given a second time" },
		{ "usb_composite filter yes\n", "f:1:22: one word too many" },
		{ "usb_composite lax\n", "f:1:15: neither strict nor filter" },
		{ "usb_composite filter\nusb_composite filter\n",
		    "f:2:1: given a second time" },
		{ "usb_hub_depth 0\n", "f:1:15: not a number that is allowed" },
		{ "usb_hub_depth 6\n", "f:1:15: not a number that is allowed" },
		{ "usb_hub_depth 5\nusb_hub_depth 5\n",
		    "f:2:1: given a second time" },
		/* What was said before the error does not stand. */
		{ "lockdown_hid keep\nusb_composite filter\nusb_hub_depth 9\n",
		    "f:3:15: not a number that is allowed" },
	};
	struct bnd_policy p;
	struct bnd_err err;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		is_int(
		    parse(t[i].text, &p, &err), -1, "refused: %s", t[i].want);
		if (!ok(strncmp(err.text, t[i].want, strlen(t[i].want)) == 0,
			"and says where"))
			diag("got %s", err.text);
		ok(p.floor == BND_LOCKDOWN && p.require_audit &&
			p.need[BND_RESTRICTED] == 8 &&
			p.usb_keep == BND_USB_KEEP_AUTO && !p.usb_filter &&
			p.usb_hub_depth == 0,
		    "and is the strictest");
	}
	is_int(bnd_policy_parse(
		   "f", (struct bnd_str){ "floor OPEN\0\n", 12 }, &p, &err),
	    -1, "a NUL byte");
}

static void
test_file(void)
{
	struct scratch sc;
	struct bnd_policy p;
	struct bnd_err err = { 0 };
	char path[128];
	int fd;

	scratch_make(&sc);
	snprintf(path, sizeof(path), "%s/etc/bnd/bnd.conf", sc.dir);
	is_int(bnd_policy_load(&sc.root, &p, &err), -1, "no file");
	is_int(p.floor, BND_LOCKDOWN, "is the strictest");
	if (bnd_root_mkdir(&sc.root, "etc/bnd", 0755, &err) != 0)
		bail(err.text);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || write(fd, "floor TRUSTED\n", 14) != 14)
		bail("write");
	is_int(bnd_policy_load(&sc.root, &p, &err), 0, "a file");
	is_int(p.floor, BND_TRUSTED, "is read");
	fchmod(fd, 0666);
	is_int(bnd_policy_load(&sc.root, &p, &err), -1, "writable by others");
	is_int(err.kind, BND_E_UNSAFE, "is unsafe");
	is_int(p.floor, BND_LOCKDOWN, "and the strictest");
	fchmod(fd, 0644);
	if (ftruncate(fd, BND_POLICY_MAX + 1) != 0)
		bail("truncate");
	is_int(bnd_policy_load(&sc.root, &p, &err), -1, "too long");
	is_int(p.floor, BND_LOCKDOWN, "is the strictest, never cut");
	close(fd);
	scratch_remove(&sc);
}

/* Now a good file, now a bad one, each whole. */
static _Noreturn void
swap_for_ever(const char *path, const char *other)
{
	for (bool odd = false;; odd = !odd) {
		int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (fd < 0 ||
		    write(fd, odd ? "floor TRUSTED\n" : "floor AIRGAPS\n",
			14) != 14)
			_exit(1);
		close(fd);
		rename(other, path);
	}
}

/* The bytes that were checked are the bytes that are used. */
static void
test_swapped(void)
{
	struct scratch sc;
	struct bnd_policy p;
	struct bnd_err err = { 0 };
	char path[128], other[128];
	unsigned good = 0, bad = 0, wrong = 0;
	pid_t pid;

	scratch_make(&sc);
	if (bnd_root_mkdir(&sc.root, "etc/bnd", 0755, &err) != 0)
		bail(err.text);
	snprintf(path, sizeof(path), "%s/etc/bnd/bnd.conf", sc.dir);
	snprintf(other, sizeof(other), "%s/etc/bnd/other", sc.dir);
	pid = fork();
	if (pid == 0)
		swap_for_ever(path, other);
	while (good < 300 || bad < 300) {
		bool held = bnd_policy_load(&sc.root, &p, &err) == 0;

		wrong += p.floor != (held ? BND_TRUSTED : BND_LOCKDOWN);
		good += held;
		bad += !held;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(wrong, 0, "a file swapped under the reader: one or the other");
	scratch_remove(&sc);
}

int
main(void)
{
	test_good();
	test_bad();
	test_file();
	test_swapped();
	return tap_done();
}
