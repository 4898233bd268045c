/* log.c: a log begins, grows, and heals or refuses as its recovery table says */
/* SPDX-License-Identifier: ISC */
#include "log.h"

#include "logkit.h"
#include "scratch.h"

static void
begins_and_grows(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	struct walk w;

	scratch_make(&s);
	ok(!bnd_log_exists(&s.root), "no log yet");
	ok(kit_append(
	       &s.root, "usb.test", "{}", BND_LOG_DURABLE, &mark, &err) != 0,
	    "nothing is appended to no log");
	is_int(kit_init(&s.root, &err), 0, "a log begins: %s", err.text);
	ok(bnd_log_exists(&s.root), "and is there");
	for (unsigned i = 1; i <= 10; i++)
		is_int(kit_more(&s.root, i, &err), 0, "record %u: %s", i,
		    err.text);
	w = walk_root(&s.root);
	is_int(w.records, 11, "eleven records, linked and signed");
	ok(kit_init(&s.root, &err) != 0 && err.kind == BND_E_DENIED,
	    "it cannot begin again");
	scratch_remove(&s);
}

int
main(void)
{
	begins_and_grows();
	return tap_done();
}
