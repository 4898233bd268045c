/* sbx-explain.h: what --explain and --compare share */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SBX_EXPLAIN_H
#define CMD_SBX_EXPLAIN_H

/* Bytes of a profile on stdout, so that no terminal obeys them. */
void sbx_put(const char *s);

#endif
