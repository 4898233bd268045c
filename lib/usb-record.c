/* usb-record.c: what becomes of devices, into the event log */
/* SPDX-License-Identifier: ISC */
#include "usb-record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "log.h"
#include "scope.h"
#include "text.h"

/*
 * Strings go in whole, spelled at worst with six bytes for one; what makes the
 * line too long the log cuts out, and says how long it was.
 */
#define BODY_SIZE  (8192 + 12 * BND_USB_STRING_MAX)
#define IFACES_MAX 32
#define INTENT_MS  10000 /* many hooks may come at once */
#define RECORD_MS  2000

struct body {
	struct bnd_json j;
	char *buf; /* owned */
};

static bool
begin(struct body *b, const struct bnd_usb_said *said)
{
	b->buf = malloc(BODY_SIZE);
	if (b->buf == NULL)
		return false;
	bnd_json_begin(&b->j, b->buf, BODY_SIZE);
	bnd_json_open(&b->j, NULL, '{');
	if (said->port != NULL)
		bnd_json_str(&b->j, "port", said->port);
	bnd_json_str(&b->j, "mode", bnd_mode_name(said->mode));
	if (said->order->txn != NULL)
		bnd_json_str(&b->j, "txn", said->order->txn);
	return true;
}

/* 0: on the chain; 1: in the spool; -1: nowhere. */
static int
end(struct body *b, const struct bnd_usb_said *said, const char *ev,
    enum bnd_log_need need, struct bnd_err *err)
{
	SCOPED_FREE char *buf = b->buf;
	struct bnd_event event = { .prog = said->order->prog,
		.ev = ev,
		.need = need,
		.deadline_ms =
		    need == BND_LOG_DURABLE ? INTENT_MS : RECORD_MS };
	struct bnd_mark mark = { 0 };

	bnd_json_close(&b->j, '}');
	if (!bnd_json_end(&b->j))
		return bnd_fail(err, BND_E_INPUT, "%s: too long", ev);
	event.body = (struct bnd_str){ buf, b->j.len };
	if (bnd_log_append(said->root, &event, &mark, err) == -1)
		return -1;
	return mark.spooled ? 1 : 0;
}

static int
no_memory(struct bnd_err *err)
{
	return bnd_fail_errno(err, "cannot make a record");
}

/* "03:01:01 08:06:50", of all configurations and settings. */
static void
put_ifaces(struct bnd_json *j, const struct bnd_usb_desc *d)
{
	char text[IFACES_MAX * 9 + 1] = "";
	size_t len = 0;

	for (size_t i = 0; i < d->ifaces && i < IFACES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%02x:%02x:%02x", i > 0 ? " " : "", d->iface[i].class,
		    d->iface[i].subclass, d->iface[i].protocol);
	bnd_json_str(j, "interfaces", text);
	if (d->ifaces > IFACES_MAX)
		bnd_json_int(j, "interfaces_all", (int64_t)d->ifaces);
	if (d->bad != NULL)
		bnd_json_str(j, "bad", d->bad);
	if (d->lied)
		bnd_json_bool(j, "lied", true);
}

/* What it is; bytes that sysfs shows, and what was made of them. */
static void
put_device(struct bnd_json *j, const struct bnd_usb_view *v)
{
	char id[10];

	(void)snprintf(
	    id, sizeof(id), "%04x:%04x", v->desc.vendor, v->desc.product);
	bnd_json_str(j, "id", id);
	bnd_json_int(j, "devnum", v->devnum);
	bnd_json_str(j, "identity", v->d.identity);
	bnd_json_str(j, "hash", v->d.hash);
	bnd_json_str(j, "place", v->d.place);
	bnd_json_bytes(j, "name", v->d.name);
	bnd_json_bytes(j, "serial", v->d.serial);
	put_ifaces(j, &v->desc);
}

static void
put_verdict(struct bnd_json *j, const struct bnd_usb_verdict *v)
{
	static const char *const word[] = {
		[BND_USB_NOTHING] = "nothing",
		[BND_USB_DENY] = "deny",
		[BND_USB_REMOVE] = "remove",
		[BND_USB_ADMIT] = "admit",
	};

	bnd_json_str(j, "verdict", word[v->word]);
	bnd_json_str(j, "reason", v->reason);
	if (v->by != BND_MODE_NONE)
		bnd_json_str(j, "by", bnd_mode_name(v->by));
	bnd_json_bool(j, "baseline", v->in_baseline);
	if (v->console)
		bnd_json_bool(j, "console", true);
}

int
bnd_usb_record_intent(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_verdict *v,
    bool *spooled, struct bnd_err *err)
{
	struct body b;
	int r;

	*spooled = false;
	if (!begin(&b, said))
		return no_memory(err);
	put_verdict(&b.j, v);
	put_device(&b.j, view);
	r = end(&b, said, "usb.intent",
	    v->console ? BND_LOG_SPOOL_OK : BND_LOG_DURABLE, err);
	*spooled = r == 1;
	return r == -1 ? -1 : 0;
}

static void
put_shown(struct bnd_json *j, const struct bnd_usb_shown *k)
{
	unsigned on = 0, bound = 0;

	if (k == NULL) {
		bnd_json_null(j, "shown");
		return;
	}
	for (size_t i = 0; i < k->ifaces.n; i++) {
		on += k->on[i];
		bound += k->bound[i];
	}
	bnd_json_open(j, "shown", '{');
	bnd_json_bool(j, "authorized", k->authorized);
	bnd_json_bool(j, "configured", k->configured);
	bnd_json_int(j, "interfaces", (int64_t)k->ifaces.n);
	bnd_json_int(j, "on", on);
	bnd_json_int(j, "bound", bound);
	bnd_json_close(j, '}');
}

static const char *
outcome(const struct bnd_usb_settled *s)
{
	if (!s->holds)
		return "NOT ENFORCED";
	return s->whole ? "done" : "failed";
}

bool
bnd_usb_record_result(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_shown *shown,
    const struct bnd_usb_settled *s, const char *below, struct bnd_err *err)
{
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	bnd_json_str(&b.j, "result", outcome(s));
	put_verdict(&b.j, &s->verdict);
	put_shown(&b.j, shown);
	if (s->why.kind != BND_E_NONE)
		bnd_json_str(&b.j, "why", s->why.text);
	if (s->trip)
		bnd_json_bool(&b.j, "trip", true);
	if (below[0] != '\0')
		bnd_json_str(&b.j, "below", below);
	put_device(&b.j, view);
	return end(&b, said, "usb.result", BND_LOG_SPOOL_OK, err) == 0;
}

bool
bnd_usb_record_alert(const struct bnd_usb_said *said,
    const struct bnd_usb_view *view, const struct bnd_usb_verdict *v,
    struct bnd_err *err)
{
	char kinds[BND_USB_KINDS_SIZE];
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	put_verdict(&b.j, v);
	bnd_usb_kinds_print(view->d.seen.kinds, kinds, sizeof(kinds));
	bnd_json_str(&b.j, "kinds", kinds);
	if (view->d.seen.has_report)
		bnd_json_str(&b.j, "report", view->d.seen.report);
	put_device(&b.j, view);
	return end(&b, said, "usb.alert", BND_LOG_SPOOL_OK, err) == 0;
}

static void
put_file(struct bnd_json *j, const struct bnd_usb_port *p)
{
	bnd_json_int(j, "devnum", p->devnum);
	bnd_json_str(j, "identity", p->identity);
	bnd_json_str(j, "hash", p->hash);
	bnd_json_bool(j, "admitted", p->word == BND_USB_ADMIT && !p->failed);
	bnd_json_bool(j, "baseline", p->in_baseline);
}

bool
bnd_usb_record_vanished(const struct bnd_usb_said *said,
    const struct bnd_usb_port *p, struct bnd_err *err)
{
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	put_file(&b.j, p);
	return end(&b, said, "usb.vanished", BND_LOG_SPOOL_OK, err) == 0;
}

bool
bnd_usb_record_removed(const struct bnd_usb_said *said,
    const struct bnd_usb_port *p, bool present, bool trips, struct bnd_err *err)
{
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	put_file(&b.j, p);
	if (present)
		bnd_json_bool(&b.j, "present", true);
	if (p->going)
		bnd_json_bool(&b.j, "hub_denied", true);
	if (trips)
		bnd_json_bool(&b.j, "trip", true);
	return end(&b, said, "usb.removed", BND_LOG_SPOOL_OK, err) == 0;
}

bool
bnd_usb_record_controller(
    const struct bnd_usb_said *said, bool holds, struct bnd_err *err)
{
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	bnd_json_bool(&b.j, "holds", holds);
	return end(&b, said, "usb.controller", BND_LOG_SPOOL_OK, err) == 0;
}

bool
bnd_usb_record_policy(const struct bnd_usb_said *said,
    const struct bnd_usb_policy *p, struct bnd_err *err)
{
	char hex[2 * BND_HASH_LEN + 1];
	struct body b;

	if (!begin(&b, said))
		return no_memory(err) == 0;
	bnd_text_to_hex(p->digest, BND_HASH_LEN, hex);
	bnd_json_str(&b.j, "digest", hex);
	bnd_json_int(&b.j, "baseline", (int64_t)p->base.n);
	return end(&b, said, "usb.policy", BND_LOG_SPOOL_OK, err) == 0;
}
