/* box-resolve.c: what the host's resolver says now is what a name means */
/* SPDX-License-Identifier: ISC */
#include "box-resolve.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "clock.h"
#include "proc.h"

#define ANSWER 8192

static unsigned
left_ms(uint64_t deadline_ms)
{
	const uint64_t now = bnd_clock_ms();

	if (now >= deadline_ms)
		return 1;
	return deadline_ms - now < INT_MAX ? (unsigned)(deadline_ms - now)
					   : INT_MAX;
}

static int
ask(const char *pair, uint64_t deadline_ms, struct bnd_dials *d,
    struct bnd_err *err)
{
	char host[BND_BOX_PAIR], out[ANSWER];
	const char *const argv[] = { "getent", "ahosts", host, NULL };
	struct bnd_proc p = { .path = "/usr/bin/getent",
		.argv = argv,
		.deadline_ms = left_ms(deadline_ms),
		.out = out,
		.out_size = sizeof(out) };

	if (!bnd_str_copy(
		bnd_str_until((struct bnd_str){ pair, strlen(pair) }, ':'),
		host, sizeof(host)))
		return bnd_fail(err, BND_E_INPUT, "a name is too long");
	if (bnd_proc_run(&p, err) == -1)
		return -1;
	if (p.timed_out) {
		errno = ETIMEDOUT;
		return bnd_fail_errno(err, "cannot resolve %.80s", pair);
	}
	if (p.status != 0 || p.out_full)
		return bnd_fail(err, BND_E_SYS,
		    "cannot resolve %.80s (getent ahosts: status %d)", pair,
		    p.status);
	return bnd_dial_name(d, pair, (struct bnd_str){ out, p.out_len }, err);
}

int
bnd_resolve(const struct bnd_box_policy *p, uint64_t deadline_ms,
    struct bnd_dials *d, struct bnd_err *err)
{
	d->n = 0;
	for (size_t i = 0; i < p->allow.n; i++) {
		const char *pair = p->allow.at[i];
		int rc = bnd_dial_add(d, pair, err);

		if (rc == -1 ||
		    (rc == 1 && ask(pair, deadline_ms, d, err) == -1))
			return -1;
	}
	return 0;
}
