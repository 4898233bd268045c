/* box-lease-text.c: what a run leaves in its lease, for whoever comes after it */
/* SPDX-License-Identifier: ISC */
/*
 *	bnd-lease 1
 *	boot 3c9d...			32 hex digits
 *	id 71aa...			32 hex digits
 *	sup 812 5512034			process, its start in clock ticks
 *	init 813 5512035		0 0 before there is one
 *	mode TRUSTED
 *	logged yes
 *	cgroup /sys/fs/cgroup/unified/bnd-sbx/7		once a leaf
 *	argv0 /usr/bin/python3
 *	policy 1204			so many bytes, as they are
 *	...
 *	end
 *
 * One spelling a value, so that a text that was cut or overwritten in part is
 * not taken for another one.
 */
#include "box-lease-text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST "bnd-lease 1"
#define LAST  "end"

/* ---- to text ---- */

struct out {
	char *buf;
	size_t size, len;
	bool full;
};

static void put(struct out *o, const char *fmt, ...) BND_PRINTF(2, 3);

static void
put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->buf + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= o->size - o->len)
		o->full = true;
	else
		o->len += (size_t)n;
}

static void
put_who(struct out *o, const char *what, pid_t pid, uint64_t start)
{
	put(o, "%s %d %" PRIu64 "\n", what, (int)pid, start);
}

int
bnd_lease_pack(const struct bnd_lease_text *t, char *buf, size_t size,
    size_t *len, struct bnd_err *err)
{
	struct out o = { .buf = buf, .size = size };
	char argv0[BND_BOX_PATH];

	/* The only text of the payload's choice. */
	bnd_text_keep((struct bnd_str){ t->argv0, strlen(t->argv0) }, argv0,
	    sizeof(argv0));
	put(&o, "%s\nboot %s\nid %s\n", FIRST, t->boot, t->id);
	put_who(&o, "sup", t->sup, t->sup_start);
	put_who(&o, "init", t->init, t->init_start);
	put(&o, "mode %s\nlogged %s\n", bnd_mode_name(t->mode),
	    t->logged ? "yes" : "no");
	for (size_t i = 0; i < t->cgroups; i++)
		put(&o, "cgroup %s\n", t->cgroup[i]);
	put(&o, "argv0 %s\npolicy %zu\n%s%s\n", argv0, strlen(t->policy),
	    t->policy, LAST);
	if (o.full)
		return bnd_fail(
		    err, BND_E_INPUT, "the lease's text is too long");
	*len = o.len;
	return 0;
}

/* ---- from text ---- */

static bool
take_line(struct bnd_str *rest, const char *key, struct bnd_str *value)
{
	bool whole;

	return bnd_text_line(rest, value, &whole) && whole &&
	    bnd_text_take(value, key);
}

static bool
take_hex(struct bnd_str *rest, const char *key, char *hex)
{
	uint8_t bin[BND_LEASE_BOOT / 2];
	struct bnd_str s;

	return take_line(rest, key, &s) &&
	    bnd_text_from_hex(s, bin, sizeof(bin)) &&
	    bnd_str_copy(s, hex, BND_LEASE_BOOT + 1);
}

static bool
take_who(struct bnd_str *rest, const char *key, pid_t *pid, uint64_t *start)
{
	struct bnd_str s, first;
	uint64_t n;

	if (!take_line(rest, key, &s))
		return false;
	first = bnd_str_until(s, ' ');
	if (first.len == s.len || !bnd_text_u64(first, INT32_MAX, &n))
		return false;
	*pid = (pid_t)n;
	return bnd_text_u64(bnd_str_from(s, first.len + 1), UINT64_MAX, start);
}

static bool
take_mode(struct bnd_str *rest, struct bnd_lease_text *t)
{
	struct bnd_str s;

	if (!take_line(rest, "mode ", &s) || !bnd_mode_parse_exact(s, &t->mode))
		return false;
	if (!take_line(rest, "logged ", &s))
		return false;
	t->logged = bnd_str_is(s, "yes");
	return t->logged || bnd_str_is(s, "no");
}

static bool
take_cgroups(struct bnd_str *rest, struct bnd_lease_text *t)
{
	struct bnd_str s, look = *rest;

	while (take_line(&look, "cgroup ", &s)) {
		if (t->cgroups == BND_LEASE_PATHS || s.len == 0 ||
		    s.p[0] != '/' ||
		    !bnd_str_copy(s, t->cgroup[t->cgroups], BND_BOX_PATH))
			return false;
		t->cgroups++;
		*rest = look;
	}
	return true;
}

/* What is to be shown is as bnd_text_keep() leaves it. */
static bool
take_argv0(struct bnd_str *rest, struct bnd_lease_text *t)
{
	char shown[BND_BOX_PATH];
	struct bnd_str s;

	if (!take_line(rest, "argv0 ", &s) ||
	    !bnd_str_copy(s, t->argv0, sizeof(t->argv0)))
		return false;
	bnd_text_keep(s, shown, sizeof(shown));
	return strcmp(shown, t->argv0) == 0;
}

static bool
take_policy(struct bnd_str *rest, struct bnd_lease_text *t)
{
	struct bnd_str s;
	uint64_t n;

	if (!take_line(rest, "policy ", &s) ||
	    !bnd_text_u64(s, sizeof(t->policy) - 1, &n) || n > rest->len)
		return false;
	s = (struct bnd_str){ rest->p, (size_t)n };
	*rest = bnd_str_from(*rest, (size_t)n);
	return bnd_str_copy(s, t->policy, sizeof(t->policy));
}

int
bnd_lease_unpack(
    struct bnd_str text, struct bnd_lease_text *t, struct bnd_err *err)
{
	struct bnd_str s;

	memset(t, 0, sizeof(*t));
	if (take_line(&text, FIRST, &s) && s.len == 0 &&
	    take_hex(&text, "boot ", t->boot) &&
	    take_hex(&text, "id ", t->id) &&
	    take_who(&text, "sup ", &t->sup, &t->sup_start) &&
	    take_who(&text, "init ", &t->init, &t->init_start) &&
	    take_mode(&text, t) && take_cgroups(&text, t) &&
	    take_argv0(&text, t) && take_policy(&text, t) &&
	    take_line(&text, LAST, &s) && s.len == 0 && text.len == 0)
		return 0;
	memset(t, 0, sizeof(*t));
	return bnd_fail(err, BND_E_CORRUPT, "it is not a lease");
}

size_t
bnd_lease_salvage(
    struct bnd_str text, char path[static BND_LEASE_PATHS][BND_BOX_PATH])
{
	struct bnd_str s;
	bool whole;
	size_t n = 0;

	while (n < BND_LEASE_PATHS && bnd_text_line(&text, &s, &whole))
		if (whole && bnd_text_take(&s, "cgroup /") &&
		    bnd_str_copy((struct bnd_str){ s.p - 1, s.len + 1 },
			path[n], BND_BOX_PATH))
			n++;
	return n;
}
