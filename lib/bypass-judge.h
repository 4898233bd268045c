/* bypass-judge.h: which by-passes a mode can live with */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BYPASS_JUDGE_H
#define BND_BYPASS_JUDGE_H

#include <stdbool.h>

#include "bypass.h"
#include "flowtable.h"
#include "link.h"
#include "mode.h"
#include "netlist.h"
#include "note.h"

/*
 * One that can transmit on a link that is up where the mode relies on rules
 * (TRUSTED), and that no bypass line names, is a finding.  True if there was
 * none.  So is one on a real link that is up where none may be, which is not
 * sealed anyway.  The others are listed as uncovered, with their owners.
 */
bool bnd_bypass_judge(const struct bnd_bypasses *b, enum bnd_mode mode,
    const struct bnd_netlist *list, const struct bnd_links *links,
    struct bnd_notes *findings, struct bnd_notes *uncovered);

/*
 * The same for flowtables.  What the kernel forwards by one still passes the
 * frame rules of TRUSTED, unless it is taken before them or by the card.
 */
bool bnd_flowtables_judge(const struct bnd_flowtables *f, enum bnd_mode mode,
    struct bnd_notes *findings, struct bnd_notes *uncovered);

#endif
