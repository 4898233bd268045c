/* mode-metrics.c: what --check found, for node_exporter's textfile collector */
/* SPDX-License-Identifier: ISC */
/*
 * Only what was read back.  A time is given as a time, not as an age: the file
 * is read long after it was written.
 */
#include "mode-metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "file.h"
#include "json-read.h"

#define METRICS_MAX 8192

struct page {
	char text[METRICS_MAX];
	size_t len;
	bool full;
};

static void put(struct page *p, const char *fmt, ...) BND_PRINTF(2, 3);

static void
put(struct page *p, const char *fmt, ...)
{
	size_t room = sizeof(p->text) - p->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(p->text + p->len, room, fmt, ap);
	va_end(ap);
	p->full |= n < 0 || (size_t)n >= room;
	p->len += p->full ? 0 : (size_t)n;
}

static void
put_gauge(struct page *p, const char *name, const char *help, int64_t value)
{
	put(p, "# HELP bnd_%s %s\n# TYPE bnd_%s gauge\nbnd_%s %" PRId64 "\n",
	    name, help, name, name, value);
}

static void
put_domains(struct page *p, const struct bnd_plan *plan)
{
	put(p,
	    "# HELP bnd_in_force Whether a domain was as the mode wants it.\n"
	    "# TYPE bnd_in_force gauge\n");
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++)
		put(p, "bnd_in_force{domain=\"%s\"} %d\n",
		    bnd_enforcers[i].name,
		    plan->ran[i] && plan->res[i].in_force);
}

/* Only what an enforcer has said: no line is better than a zero. */
static void
put_answers(struct page *p, const struct bnd_plan *plan)
{
	static const struct {
		const char *who, *key, *name, *help;
	} gauges[] = {
		{ "usb", "present", "usb_present",
		    "USB devices that are plugged in." },
		{ "usb", "denied", "usb_denied",
		    "Those of them that are denied." },
		{ "usb", "failed", "usb_failed",
		    "Those that are not as they were decided." },
		{ "sbx", "running", "sbx_running",
		    "Sandboxes in which something lives." },
		{ "sbx", "stopped", "sbx_frozen",
		    "Those of them that the mode has frozen." },
	};
	struct bnd_str answer;
	uint64_t n;

	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		answer.p = plan->res[i].json;
		answer.len = strlen(answer.p);
		for (size_t g = 0; g < sizeof(gauges) / sizeof(gauges[0]); g++)
			if (plan->ran[i] &&
			    strcmp(bnd_enforcers[i].name, gauges[g].who) == 0 &&
			    bnd_json_get_u64(answer, gauges[g].key, &n))
				put_gauge(p, gauges[g].name, gauges[g].help,
				    (int64_t)n);
	}
}

/* The mode as a label for people and as a number for rules: 1 is OPEN. */
static void
put_mode(struct page *p, enum bnd_mode now)
{
	put_gauge(p, "mode", "The mode in force, 1 OPEN to 6 LOCKDOWN.",
	    (int)now - (int)BND_MODE_FIRST + 1);
	put(p,
	    "# HELP bnd_mode_info The mode in force.\n"
	    "# TYPE bnd_mode_info gauge\n"
	    "bnd_mode_info{mode=\"%s\"} 1\n",
	    bnd_mode_name(now));
}

static void
put_log(struct page *p, const struct bnd_check *c)
{
	if (!c->log_read)
		return;
	put_gauge(p, "log_exit", "chain-verify's exit status; 0 is verified.",
	    c->log_exit);
	put_gauge(
	    p, "log_records", "Records in the log.", (int64_t)c->log_records);
	put_gauge(p, "log_last_seconds", "Wall clock of the last record.",
	    c->log_last_us / 1000000);
}

int
mode_metrics(const struct bnd_root *root, const char *path,
    const struct bnd_check *c, enum bnd_mode now, struct bnd_err *err)
{
	static struct page p;
	struct bnd_now clock;

	if (path[0] != '/')
		return bnd_fail(err, BND_E_INPUT,
		    "metrics are written to an absolute path");
	if (bnd_clock_now(&clock, err) != 0)
		return -1;
	p.len = 0;
	p.full = false;
	put_mode(&p, now);
	put_gauge(&p, "state_valid", "Whether the published state was sound.",
	    c->state_ok);
	put_gauge(&p, "generation", "Changes of the mode since the beginning.",
	    (int64_t)c->state.gen);
	put_gauge(&p, "frozen", "Whether nothing may be loosened.",
	    c->state.frozen[0] != '\0');
	put_gauge(&p, "deviations", "Differences this check has found.",
	    (int64_t)c->n + c->unlisted);
	put_domains(&p, &c->plan);
	put_answers(&p, &c->plan);
	put_log(&p, c);
	put_gauge(&p, "check_seconds", "Wall clock of this check.",
	    clock.real_us / 1000000);
	if (p.full)
		return bnd_fail(err, BND_E_INPUT, "too many metrics");
	path += strspn(path, "/");
	return bnd_file_replace(root, path, p.text, p.len, 0644, err);
}
