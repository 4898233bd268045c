/* err.c: the sentence at the point of failure, and the one table of statuses */
/* SPDX-License-Identifier: ISC */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int exits[] = {
	[BND_E_NONE] = 0,
	[BND_E_DENIED] = 1,
	[BND_E_SYS] = 2,
	[BND_E_INPUT] = 2,
	[BND_E_TAMPERED] = 1,
	[BND_E_TRUNCATED] = 3,
	[BND_E_FORKED] = 4,
	[BND_E_PARTIAL] = 5,
	[BND_E_TORN] = 6,
	[BND_E_STALE] = 7,
	[BND_E_UNSAFE] = 8,
	[BND_E_CORRUPT] = 9,
	[BND_E_ROOT] = 10,
	[BND_E_BUSY] = 11,
	[BND_E_PENDING] = 12,
	[BND_E_CEREMONY] = 13,
	[BND_E_FROZEN] = 14,
	[BND_E_UNLOGGED] = 15,
	[BND_E_RESTORED] = 16,
	[BND_E_ESCALATED] = 17,
	[BND_E_UNVERIFIED] = 18,
	[BND_E_ENFORCER] = 19,
};

static void
cut_mark(struct bnd_err *err, int wanted)
{
	if (wanted >= (int)sizeof(err->text))
		memcpy(err->text + sizeof(err->text) - 4, "...", 4);
}

int
bnd_fail(struct bnd_err *err, enum bnd_kind kind, const char *fmt, ...)
{
	char text[sizeof(err->text)] = "";
	va_list ap;
	int n;

	if (err == NULL)
		return -1;
	/* Apart: the new sentence may have the old one in it. */
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(err->text, text, sizeof(text));
	err->kind = kind;
	err->errnum = 0;
	cut_mark(err, n);
	return -1;
}

int
bnd_fail_errno(struct bnd_err *err, const char *fmt, ...)
{
	int saved = errno;
	char what[sizeof(err->text)];
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	bnd_fail(err, BND_E_SYS, "%s: %s", what, strerror(saved));
	err->errnum = saved;
	errno = saved;
	return -1;
}

int
bnd_kind_exit(enum bnd_kind kind)
{
	/* A kind from nowhere is trouble, never success. */
	if ((size_t)kind >= sizeof(exits) / sizeof(exits[0]))
		return 2;
	return exits[kind];
}
