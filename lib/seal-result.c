/* seal-result.c: what a seal did, and what the kernel said afterwards */
/* SPDX-License-Identifier: ISC */
#include "seal-result.h"

#include <sys/wait.h>

void
bnd_seal_free(struct bnd_seal *s)
{
	bnd_links_free(&s->links);
	if (s->held.fd > 0)
		bnd_nl_close(&s->held);
	if (s->sweeper > 0)
		(void)waitpid(s->sweeper, NULL, 0);
	s->sweeper = 0;
}

int
bnd_seal_exit(const struct bnd_seal *s)
{
	/* What nothing has shown to be in force is not. */
	if (s->failed || (!s->sealed && !s->no))
		return bnd_kind_exit(BND_E_ENFORCER);
	if (s->no)
		return bnd_kind_exit(BND_E_DENIED);
	if (s->unusable)
		return bnd_kind_exit(BND_E_CORRUPT);
	if (s->unsafe)
		return bnd_kind_exit(BND_E_UNSAFE);
	if (s->trouble)
		return bnd_kind_exit(BND_E_INPUT);
	if (s->unlogged)
		return bnd_kind_exit(BND_E_UNLOGGED);
	return 0;
}

const char *
bnd_layer_name(enum bnd_layer layer)
{
	static const char *const names[] = { "unused", "used", "absent",
		"failed" };

	return names[layer];
}

void
bnd_seal_fail(struct bnd_seal *s, const struct bnd_err *why)
{
	if (!s->failed && s->worst.kind == BND_E_NONE)
		s->worst = *why;
	s->failed = true;
}
