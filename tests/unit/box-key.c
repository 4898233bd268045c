/* box-key.c: every key has a value, an order and one spelling */
/* SPDX-License-Identifier: ISC */
#include "box-key.h"

#include "box-calls.h"
#include "box-profile.h"
#include "tap.h"

static struct bnd_box_pool pool;
static struct bnd_box_policy p;

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static void
the_table(void)
{
	int n = 0;

	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++, n++) {
		is_int(k->key, n + 1, "%s in the order of the enum", k->name);
		ok(bnd_box_key_named(str(k->name)) == k, "%s by name", k->name);
		ok(bnd_box_key_of(k->key) == k, "%s by key", k->name);
		ok(k->help != NULL && k->value != NULL, "%s has help", k->name);
		ok((k->lattice == BND_LATTICE_ORDER) == (k->words != NULL),
		    "%s has words if it is one", k->name);
		ok(k->places != 0, "%s stands somewhere", k->name);
	}
	is_int(n, BND_BOX_KEYS - 1, "and that is all of them");
	ok(bnd_box_key_named(str("mem ")) == NULL, "no blank in a name");
	ok(bnd_box_key_named(str("Mem")) == NULL, "no capital");
	ok(bnd_box_key_named(str("")) == NULL, "nothing is no key");
}

/* key, value, what it prints as; NULL: refused */
static const struct row {
	const char *key, *value, *prints;
} rows[] = {
	/* X4: only the documented forms */
	{ "mem", "-1", NULL },
	{ "mem", "0", NULL },
	{ "mem", "1e9", NULL },
	{ "mem", "0x1000000", NULL },
	{ "mem", "18446744073709551616", NULL },
	{ "mem", "9223372036854775808K", NULL },
	{ "mem", "9223372036854775808k", NULL },
	{ "mem", "18014398509481984K", NULL },
	{ "mem", "9007199254740992", NULL },
	{ "mem", "9007199254740991", "9007199254740991" },
	{ "mem", "5 M", NULL },
	{ "mem", "5M 5M", NULL },
	{ "mem", "", NULL },
	{ "mem", "M", NULL },
	{ "mem", "5MB", NULL },
	{ "mem", "5m", NULL },
	{ "mem", "05M", NULL },
	{ "mem", "+5M", NULL },
	{ "mem", "5.5M", NULL },
	{ "mem", "4194303", NULL },
	{ "mem", "4194304", "4M" },
	{ "mem", "4097K", "4097K" },
	{ "mem", "1024M", "1G" },
	{ "mem", "max", "max" },
	{ "mem", "MAX", NULL },
	{ "swap", "0", "0" },
	{ "pids", "1K", NULL },
	{ "pids", "0", NULL },
	{ "pids", "1024", "1024" },
	{ "cpu", "100", NULL },
	{ "cpu", "150%", "150%" },
	{ "cpu", "0%", NULL },
	{ "wall", "60", NULL },
	{ "wall", "60s", "1m" },
	{ "wall", "90s", "90s" },
	{ "wall", "1500ms", "1500ms" },
	{ "wall", "24h", "1d" },
	{ "wall", "365d", "365d" },
	{ "wall", "1ms", "1ms" },
	{ "wall", "0s", NULL },
	{ "wall", "1w", NULL },
	{ "grace", "0ms", "0ms" },
	{ "tmp", "64M", NULL },
	{ "tmp", "64M 8K", "64M 8K" },
	{ "tmp", "64M 8K 1", NULL },
	{ "tmp", "0 0", NULL },
	{ "tmp", "64M 0", NULL },
	{ "tmp", "max 8K", NULL },
	{ "tmp", "64M max", NULL },
	{ "nofile", "7", NULL },
	{ "landlock", "0", NULL },
	{ "landlock", "max", NULL },
	{ "landlock", "2", "2" },
	{ "mode-min", "trusted", "TRUSTED" },
	{ "mode-min", "7", NULL },
	{ "net", "none", "none" },
	{ "net", "None", NULL },
	{ "net", "host", NULL },
	{ "wx", "mem", "mem" },
	{ "wx", "mem all", NULL },
	{ "syscalls", "@file @base", "@base @file" },
	{ "syscalls", "@file", NULL },
	{ "syscalls", "@base @base", NULL },
	{ "syscalls", "@all", NULL },
	{ "syscalls", "none", NULL },
	{ "dev", "null zero", "null zero" },
	{ "dev", "zero null", "null zero" },
	{ "dev", "none", "none" },
	{ "dev", "kvm", NULL },
	{ "dev", "../null", NULL },
	{ "dev", "null none", NULL },
	{ "fds", "5 3", "3 5" },
	{ "fds", "2", NULL },
	{ "fds", "-5", NULL },
	{ "fds", "5 5", NULL },
	{ "fds", "1024", NULL },
	{ "fds", "3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
	    "3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18" },
	{ "fds", "3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", NULL },
	{ "pass-env", "TERM LANG", "LANG TERM" },
	{ "pass-env", "A=B", NULL },
	{ "pass-env", "1A", NULL },
	{ "pass-env", "%n", NULL },
	{ "allow", "192.0.2.1:443", "192.0.2.1:443" },
	{ "allow", "b.example:1 a.example:2", "a.example:2 b.example:1" },
	{ "allow", "[2001:DB8:0::1]:80", "[2001:db8::1]:80" },
	{ "allow", "[::ffff:192.0.2.1]:80", "192.0.2.1:80" },
	{ "allow", "[64:ff9b::192.0.2.1]:80", "[64:ff9b::c000:201]:80" },
	{ "allow", "[::ffff:192.0.2.1]:80 192.0.2.1:80", NULL },
	{ "allow", "none", "none" },
	{ "allow", "192.0.2.1", NULL },
	{ "allow", "192.0.2.1:", NULL },
	{ "allow", "192.0.2.1:0", NULL },
	{ "allow", "192.0.2.1:65536", NULL },
	{ "allow", "192.0.2.1:080", NULL },
	{ "allow", ":80", NULL },
	{ "allow", "2001:db8::1:80", NULL },
	{ "allow", "[2001:db8::1]", NULL },
	{ "allow", "[192.0.2.1]:80", NULL },
	{ "allow", "[fe80::1%eth0]:80", NULL },
	{ "allow", "3221225985:80", NULL },
	{ "allow", "0300.0.2.1:80", NULL },
	{ "allow", "0xc0000201:80", NULL },
	{ "allow", "192.0.513:80", NULL },
	{ "allow", "EXAMPLE.org:80", NULL },
	{ "allow", "a..b:80", NULL },
	{ "allow", "a.b.:80", NULL },
	{ "allow", "-a.b:80", NULL },
	{ "allow", "a_b.c:80", NULL },
	{ "allow", "*.example:80", NULL },
	{ "allow", "127.0.0.1:80", NULL },
	{ "allow", "0.0.0.0:80", NULL },
	{ "allow", "169.254.169.254:80", NULL },
	{ "allow", "100.64.0.1:80", NULL },
	{ "allow", "100.128.0.1:80", "100.128.0.1:80" },
	{ "allow", "100.63.255.255:80", "100.63.255.255:80" },
	{ "allow", "224.0.0.1:80", NULL },
	{ "allow", "255.255.255.255:80", NULL },
	{ "allow", "[::]:80", NULL },
	{ "allow", "[::1]:80", NULL },
	{ "allow", "[::2]:80", "[::2]:80" },
	{ "allow", "[fe80::1]:80", NULL },
	{ "allow", "[febf::1]:80", NULL },
	{ "allow", "[fec0::1]:80", "[fec0::1]:80" },
	{ "allow", "[ff02::1]:80", NULL },
	{ "allow", "[fd00:ec2::254]:80", NULL },
	{ "allow", "[::ffff:127.0.0.1]:80", NULL },
	{ "allow", "[64:ff9b::7f00:1]:80", NULL },
	{ "deny", "flock", "flock" },
	{ "deny", "Flock", NULL },
	{ "deny", "ptrcae", NULL },
	{ "hide", "/etc/ssh", "/etc/ssh" },
	{ "hide", "/", "/" },
	{ "hide", "etc", NULL },
	{ "hide", "/etc/", NULL },
	{ "hide", "/etc//ssh", NULL },
	{ "hide", "/etc/./ssh", NULL },
	{ "hide", "/etc/../root", NULL },
	{ "hide", "/etc/..", NULL },
	{ "hide", "//", NULL },
	{ "protect", ".git", ".git" },
	{ "protect", "..", NULL },
	{ "protect", "a/b", NULL },
	{ "bind", "r /usr", "r /usr" },
	{ "bind", "r /usr /usr", "r /usr" },
	{ "bind", "xr /usr /opt/x", "rx /usr /opt/x" },
	{ "bind", "rw $WORK /job", "rw $WORK /job" },
	{ "bind", "rwo $WORK /job", "rw $WORK /job" },
	{ "bind", "ro $WORK/a/b /job", "ro $WORK/a/b /job" },
	{ "bind", "rR? /srv", "rR? /srv" },
	{ "bind", "rw $WORK", NULL },
	{ "bind", "rw $WORKS /job", NULL },
	{ "bind", "rw $WORK/ /job", NULL },
	{ "bind", "rw $WORK/../x /job", NULL },
	{ "bind", "rw $HOME /job", NULL },
	{ "bind", "r", NULL },
	{ "bind", "w /srv", NULL },
	{ "bind", "rr /srv", NULL },
	{ "bind", "rz /srv", NULL },
	{ "bind", "- /srv", NULL },
	{ "bind", "r /srv /a b", NULL },
	{ "bind", "r srv /a", NULL },
	{ "bind", "r /srv a", NULL },
	{ "bind", "r /srv /", NULL },
	{ "bind", "r /srv /proc", NULL },
	{ "bind", "r /srv /proc/1", NULL },
	{ "bind", "r /srv /dev/shm", NULL },
	{ "bind", "r /srv /sys", NULL },
	{ "bind", "r /srv /system", "r /srv /system" },
	{ "bind", "r /srv/../etc /a", NULL },
	{ "env", "A=B", "A=B" },
	{ "env", "A=B C  D", "A=B C  D" },
	{ "env", "A=", "A=" },
	{ "env", "A", NULL },
	{ "env", "=B", NULL },
	{ "env", "A B=C", NULL },
	{ "env", "A=B ", NULL },
	{ "cwd", "/job", "/job" },
	{ "cwd", "job", NULL },
	{ "cwd", "/job/", NULL },
	{ "version", "2", NULL },
	{ "version", "1", "1" },
};

static void
values(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		const struct bnd_box_keydef *k = bnd_box_key_named(str(r->key));
		struct bnd_err err = { 0 };
		char got[4096];
		int rc;

		memset(&p, 0, sizeof(p));
		pool.used = pool.mark = 0;
		rc = bnd_box_value_parse(k, str(r->value), &pool, &p, &err);
		if (r->prints == NULL) {
			ok(rc == -1 && err.kind == BND_E_INPUT && err.text[0],
			    "%s %s: %s", r->key, r->value, err.text);
			continue;
		}
		p.said[k->key] = true;
		if (!ok(rc == 0, "%s %s: %s", r->key, r->value, err.text))
			continue;
		ok(bnd_box_value_print(&p, k->key, got, sizeof(got)), "fits");
		is_str(got, r->prints, "%s %s", r->key, r->value);
		ok(!bnd_box_value_print(&p, k->key, got, strlen(r->prints)),
		    "and is not cut where it does not");
	}
}

/* A bound that is exceeded is an error, never a truncation. */
static void
bounds(void)
{
	const struct bnd_box_keydef *deny = bnd_box_key_named(str("deny"));
	const struct bnd_box_keydef *bind = bnd_box_key_named(str("bind"));
	struct bnd_err err = { 0 };
	char line[2048] = "", word[64];
	int rc = 0;

	for (int i = 0; i < BND_BOX_NAMES; i++) {
		snprintf(word, sizeof(word), "%s ", bnd_calls[i].name);
		strcat(line, word);
	}
	pool.used = pool.mark = 0;
	ok(bnd_box_value_parse(deny, str(line), &pool, &p, &err) == 0,
	    "as many words as there is room for");
	strcat(line, "ptrace");
	ok(bnd_box_value_parse(deny, str(line), &pool, &p, &err) == -1,
	    "one more: %s", err.text);
	memset(&p, 0, sizeof(p));
	for (int i = 0; i < BND_BOX_BINDS; i++) {
		snprintf(word, sizeof(word), "r /a%d", i);
		rc |= bnd_box_value_parse(bind, str(word), &pool, &p, &err);
	}
	ok(rc == 0 && p.binds == BND_BOX_BINDS, "as many binds");
	ok(bnd_box_value_parse(bind, str("r /b"), &pool, &p, &err) == -1,
	    "one more: %s", err.text);
	for (size_t i = 1; i < p.binds; i++)
		if (strcmp(p.bind[i - 1].dst, p.bind[i].dst) >= 0)
			rc = -1;
	ok(rc == 0, "sorted by destination");
	memset(line, 'a', BND_BOX_PATH);
	line[0] = '/';
	line[BND_BOX_PATH] = '\0';
	ok(bnd_box_value_parse(
	       bnd_box_key_named(str("cwd")), str(line), &pool, &p, &err) == -1,
	    "a path too long: %s", err.text);
	line[BND_BOX_PATH - 1] = '\0';
	ok(bnd_box_value_parse(
	       bnd_box_key_named(str("cwd")), str(line), &pool, &p, &err) == 0,
	    "and one that just fits");
	pool.used = pool.size - 4;
	ok(bnd_box_value_parse(deny, str("flock"), &pool, &p, &err) == -1,
	    "a full pool: %s", err.text);
	ok(bnd_box_pool_policy(&pool, &err) == NULL, "and no policy fits");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	if (bnd_box_pool_make(&pool, &err) != 0)
		bail(err.text);
	the_table();
	values();
	bounds();
	bnd_box_pool_free(&pool);
	return tap_done();
}
