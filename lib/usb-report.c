/* usb-report.c: what settling every device came to */
/* SPDX-License-Identifier: ISC */
#include "usb-report.h"

#include <stdlib.h>

void
bnd_usb_report_free(struct bnd_usb_report *r)
{
	free(r->row);
	r->row = NULL;
	r->n = 0;
}

int
bnd_usb_report_exit(const struct bnd_usb_report *r)
{
	/* What nothing has shown to be in force is not. */
	if (r->why.kind == BND_E_ENFORCER || (!r->sealed && !r->no))
		return bnd_kind_exit(BND_E_ENFORCER);
	if (r->no)
		return bnd_kind_exit(BND_E_DENIED);
	if (r->why.kind != BND_E_NONE)
		return bnd_kind_exit(r->why.kind);
	return r->unlogged ? bnd_kind_exit(BND_E_UNLOGGED) : 0;
}
