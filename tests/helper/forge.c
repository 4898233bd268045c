/* forge.c: make a root with a log of many records, as a real host has one */
/* SPDX-License-Identifier: ISC */
/*
 *	forge DIR N [APPROVERS [REASON]]
 *
 * DIR gets var/lib/bnd/log, etc/bnd/log.pin and run/bnd/state.  Among the N
 * records (at least 10) are a tightening and a loosening with its ceremony.
 */
#include "forge.h"

#include "state.h"

static void
save_state(const struct forge *f, const char *dir)
{
	struct bnd_state s = { .gen = f->ledger.gen,
		.mode = f->ledger.mode,
		.effective = f->ledger.mode,
		.phase = BND_STABLE,
		.at_us = f->now.boot_us,
		.log = f->ledger.at };
	char text[BND_STATE_MAX];
	struct bnd_err err;
	size_t len;

	memcpy(s.boot, f->now.boot, sizeof(s.boot));
	memcpy(s.log_id, f->id, sizeof(s.log_id));
	if (bnd_state_pack(&s, text, &len, &err) != 0)
		forge_die(err.text);
	forge_write(dir, "run/bnd/state", text, len, 0644);
}

static void
loosen(struct forge *f, const char *reason)
{
	struct bnd_challenge c = forge_challenge(f, BND_TRUSTED);
	struct forge_text t;

	snprintf(c.reason, sizeof(c.reason), "%s", reason);
	t = forge_ceremony(f, &c);
	forge_intent(f, c.from, c.to, t.id);
	forge_commit(f, c.from, c.to, f->ledger.gen + 1);
}

int
main(int argc, char **argv)
{
	static struct forge f;
	unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned approvers =
	    argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;

	if (n < 10 || approvers < 1 || approvers > 8) {
		fprintf(stderr, "usage: forge DIR N [APPROVERS [REASON]]\n");
		return 2;
	}
	forge_begin(&f, approvers);
	forge_tighten(&f, BND_AIRGAP);
	loosen(&f, argc > 4 ? argv[4] : "test");
	while (f.seq < n)
		forge_add(&f, "usb.device",
		    "{\"action\":\"deny\",\"id\":\"1d6b:0002\","
		    "\"serial\":\"0000:00:14.0\",\"name\":\"xHCI \\\"Host\\\" "
		    "Controller\",\"n\":%u}",
		    (unsigned)f.seq);
	forge_save(&f, argv[1]);
	save_state(&f, argv[1]);
	return 0;
}
