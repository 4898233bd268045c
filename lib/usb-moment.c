/* usb-moment.c: which mode a device is judged by, just now */
/* SPDX-License-Identifier: ISC */
#include "usb-moment.h"

#include "state.h"

void
bnd_usb_moment_take(
    const struct bnd_root *root, enum bnd_mode least, struct bnd_usb_moment *m)
{
	struct bnd_state st;

	*m = (struct bnd_usb_moment){ 0 };
	/* What cannot be used is LOCKDOWN in both modes already. */
	if (bnd_state_load(root, &st, &m->why) == 0)
		m->why = (struct bnd_err){ 0 };
	m->mode = bnd_mode_max(st.effective, least);
	m->committed = st.mode;
	m->gen = st.gen;
}

bool
bnd_usb_moment_same(
    const struct bnd_usb_moment *a, const struct bnd_usb_moment *b)
{
	return a->mode == b->mode && a->gen == b->gen;
}

bool
bnd_usb_moment_trips(const struct bnd_usb_moment *m)
{
	return m->why.kind == BND_E_NONE && m->committed >= BND_COLDROOM &&
	    m->mode < BND_LOCKDOWN;
}
