/* netlist.h: the list of exceptions, net.allow(5), as data */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_H
#define BND_NETLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mode.h"
#include "netlist-note.h"
#include "netval-addr.h"
#include "netval-link.h"
#include "netval-proto.h"
#include "text.h"

#define BND_LIST_LINES 256   /* that are not comments */
#define BND_LIST_WIDTH 256   /* bytes in a line, without LF */
#define BND_LIST_SIZE  65536 /* bytes in the file */

enum bnd_line_verb {
	BND_LINE_NONE = 0,
	BND_LINE_VPN,
	BND_LINE_OUT,
	BND_LINE_IN,
	BND_LINE_FORWARD,
	BND_LINE_DHCP,
	BND_LINE_BYPASS,
	BND_LINE_BRIDGE,
};

/* What may by-pass the rules on a link (bypass lines). */
enum bnd_bypass {
	BND_BYPASS_NONE = 0,
	BND_BYPASS_XDP,
	BND_BYPASS_TC,
	BND_BYPASS_XSK,
};

struct bnd_line {
	enum bnd_line_verb verb;
	enum bnd_mode mode;	     /* the strictest in which it holds */
	unsigned number;	     /* in the file, from 1 */
	struct bnd_linkname in, out; /* in: `if` of in, `from`; out: `if` of
					out, `to`, LINK of the other verbs */
	uint8_t proto;
	bool has_type;
	uint8_t type;
	struct bnd_prefix src, dst;
	struct bnd_ports sport, dport;
	enum bnd_bypass bypass;
};

/* {0} is the empty list.  Large: not for the stack. */
struct bnd_netlist {
	size_t lines;
	struct bnd_line line[BND_LIST_LINES];
};

/*
 * Pure.  0: *list is the file.  -1: report->errors > 0 and *list is empty:
 * nothing of a file with an error is used.
 */
int bnd_netlist_parse(struct bnd_str text, struct bnd_netlist *list,
    struct bnd_list_report *report) __attribute__((warn_unused_result));

#endif
