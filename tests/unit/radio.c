/* radio.c: events of switches, what is kept of them, blocked and back */
/* SPDX-License-Identifier: ISC */
#include "radio.h"

#include <fcntl.h>
#include <linux/rfkill.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static struct scratch sc;

static void
event(struct bnd_radios *r, uint32_t idx, uint8_t op, uint8_t soft)
{
	const struct rfkill_event e = {
		.idx = idx, .type = RFKILL_TYPE_WLAN, .op = op, .soft = soft
	};

	ok(bnd_radio_event(r, &e, sizeof(e)), "event %d of switch %u", op, idx);
}

/* What a machine says in the course of time. */
static void
test_events(void)
{
	struct bnd_radios r = { 0 };
	char more[32] = { 0 };

	event(&r, 0, RFKILL_OP_ADD, 0);
	event(&r, 7, RFKILL_OP_ADD, 1);
	event(&r, 0, RFKILL_OP_CHANGE, 1);
	is_int((int)r.n, 2, "two switches");
	ok(bnd_radio_find(&r, 0)->soft, "the first was blocked");
	event(&r, 7, RFKILL_OP_CHANGE, 0);
	ok(!bnd_radio_find(&r, 7)->soft, "the second was not any more");
	event(&r, 0, RFKILL_OP_DEL, 0);
	ok(bnd_radio_find(&r, 0) == NULL && r.n == 1, "one went away");
	event(&r, 9, RFKILL_OP_CHANGE_ALL, 1);
	is_int((int)r.n, 1, "an operation is no switch");
	ok(!bnd_radio_event(&r, more, 7), "seven bytes are no event");
	more[0] = 4;
	more[7] = 1;
	ok(bnd_radio_event(&r, more, sizeof(more)), "a longer one is");
	ok(bnd_radio_find(&r, 4)->hard, "of which the rest is left alone");
	for (uint32_t i = 100; i < 100 + BND_RADIO_MAX; i++)
		event(&r, i, RFKILL_OP_ADD, 0);
	ok(r.more && r.n == BND_RADIO_MAX, "more than fit is told");
}

static void
test_text(void)
{
	static const char *const bad[] = { "", "bnd-radios/1\n",
		"bnd-radios/2\nend\n", "bnd-radios/1\n1 1 open phy0\n",
		"bnd-radios/1\n1 1 open phy0\nend",
		"bnd-radios/1\n1 1 ajar phy0\nend\n",
		"bnd-radios/1\n1 1 open\nend\n",
		"bnd-radios/1\n1 1 open phy0 x\nend\n",
		"bnd-radios/1\n-1 1 open phy0\nend\n",
		"bnd-radios/1\n1 256 open phy0\nend\n",
		"bnd-radios/1\n1 1 open phy0\n1 1 open phy0\nend\n",
		"bnd-radios/1\nend\nend\n",
		("bnd-radios/1\n1 1 open "
		 "01234567890123456789012345678901\nend\n") };
	static const char good[] =
	    "bnd-radios/1\n1 1 open phy0\n4294967295 255 blocked -\nend\n";
	struct bnd_radios r;
	char text[256];
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!bnd_radios_parse(
		       (struct bnd_str){ bad[i], strlen(bad[i]) }, &r),
		    "refused: text %zu", i);
	ok(bnd_radios_parse((struct bnd_str){ good, strlen(good) }, &r) &&
		r.n == 2 && !r.v[0].soft && r.v[1].soft,
	    "parsed (control)");
	ok(bnd_radios_print(&r, text, sizeof(text), &len), "printed");
	text[len] = '\0';
	is_str(text, good, "as it was");
	ok(!bnd_radios_print(&r, text, strlen(good), &len), "it does not fit");
}

/* ---- a device made of a file: what is written over an event is one ---- */

static void
put(const char *path, const void *data, size_t len)
{
	char full[200];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", sc.dir, path);
	f = fopen(full, "we");
	if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		bail(full);
}

static void
give(const struct rfkill_event *e, size_t n)
{
	put("dev/rfkill", e, n * sizeof(*e));
}

static const char *
kept(void)
{
	static char text[512];
	struct stat st;
	char full[200];
	size_t n = 0;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", sc.dir, BND_RADIO_FILE);
	f = fopen(full, "re");
	if (f == NULL)
		return "nothing";
	ok(fstat(fileno(f), &st) == 0 && (st.st_mode & 07777) == 0600,
	    "root's alone");
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static struct bnd_radio_result res;
static struct bnd_notes notes;

static int
run(int (*call)(const struct bnd_root *, struct bnd_radio_result *,
    struct bnd_notes *, struct bnd_err *))
{
	struct bnd_err err = { 0 };
	int r;

	notes = (struct bnd_notes){ 0 };
	r = call(&sc.root, &res, &notes, &err);
	if (r == -1)
		printf("# %s\n", err.text);
	return r;
}

static void
test_cycle(void)
{
	static const struct rfkill_event two[] = {
		{ .idx = 3, .type = RFKILL_TYPE_WLAN },
		{ .idx = 5, .type = RFKILL_TYPE_BLUETOOTH, .soft = 1 },
	};
	static const char text[] = "bnd-radios/1\n3 1 open phy_0\n"
				   "5 2 blocked -\nend\n";
	struct bnd_err err = { 0 };

	is_int(run(bnd_radios_look), 0, "a kernel without radios");
	ok(res.none && !res.open, "has nothing to block");
	if (bnd_root_mkdir(&sc.root, "sys/class/rfkill/rfkill3", 0755, &err) ||
	    bnd_root_mkdir(&sc.root, "dev", 0755, &err))
		bail(err.text);
	put("sys/class/rfkill/rfkill3/name", "phy 0\n", 6);
	is_int(run(bnd_radios_look), -1, "switches that cannot be asked");

	give(two, 2);
	is_int(run(bnd_radios_look), 0, "looked at");
	ok(res.open && notes.n == 1, "one is open");
	is_str(notes.note[0].text, "phy_0 is not blocked", "and named");
	is_int(run(bnd_radios_block), 0, "blocked");
	is_int((int)res.changed, 1, "one switch");
	ok(!res.open && !res.was_ours && notes.n == 0, "as read back");
	is_str(kept(), text, "how they were is kept");
	is_int(run(bnd_radios_block), 0, "again");
	ok(res.changed == 0 && !res.was_ours, "nothing to do");
	is_str(kept(), text, "what is kept stays");

	give(two, 2);
	is_int(run(bnd_radios_block), 0, "somebody switched one on");
	ok(res.was_ours && res.changed == 1, "which is told, and mended");
	is_str(kept(), text, "it is kept as it was at first");

	is_int(run(bnd_radios_return), 0, "back");
	ok(res.changed == 1 && notes.n == 0, "one switch");
	is_int(run(bnd_radios_look), 0, "looked at");
	ok(res.open && notes.n == 1, "one is open, one blocked, as before");
	is_str(kept(), "nothing", "nothing is kept");
	is_int(run(bnd_radios_return), 0, "back once more");
	ok(res.none, "nothing to do");
}

static void
test_odd(void)
{
	const struct rfkill_event open = { .idx = 3, .type = RFKILL_TYPE_WLAN },
				  hard = { .idx = 3,
					  .type = RFKILL_TYPE_WLAN,
					  .hard = 1 };
	struct rfkill_event other = open;

	give(&open, 1);
	/* Another switch of its number is not the one we blocked. */
	is_int(run(bnd_radios_block), 0, "blocked");
	other.soft = 1;
	other.type = RFKILL_TYPE_UWB;
	give(&other, 1);
	is_int(run(bnd_radios_return), 0, "back, to another switch");
	ok(res.changed == 0, "is left alone");
	is_int(run(bnd_radios_look), 0, "looked at");
	ok(!res.open, "it is blocked");

	give(&hard, 1);
	is_int(run(bnd_radios_block), 0, "a switch that is blocked by hand");
	ok(res.changed == 1 && !res.open, "is blocked by software as well");
	put(BND_RADIO_FILE, "bnd-radios/1\n", 13);
	is_int(run(bnd_radios_return), 0, "what is kept is cut short");
	ok(res.changed == 0 && notes.n == 1, "it is refused and told");
	is_int(run(bnd_radios_look), 0, "looked at");
	ok(!res.open, "and no radio is switched on by it");
	put("dev/rfkill", "xyz", 3);
	is_int(run(bnd_radios_look), -1, "a device that is none");
}

int
main(void)
{
	test_events();
	test_text();
	scratch_make(&sc);
	test_cycle();
	test_odd();
	scratch_remove(&sc);
	return tap_done();
}
