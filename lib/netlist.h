/* netlist.h: the list of exceptions, net.allow(5), as data */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_H
#define BND_NETLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mode.h"
#include "text.h"

#define BND_LIST_LINES 256   /* that are not comments */
#define BND_LIST_WIDTH 256   /* bytes in a line, without LF */
#define BND_LIST_SIZE  65536 /* bytes in the file */
#define BND_LIST_PORTS 15
#define BND_LIST_NOTES 320 /* messages kept; more are only counted */
#define BND_IFNAME     16  /* IFNAMSIZ, NUL included */

enum bnd_line_verb {
	BND_LINE_NONE = 0,
	BND_LINE_VPN,
	BND_LINE_OUT,
	BND_LINE_IN,
	BND_LINE_FORWARD,
	BND_LINE_DHCP,
	BND_LINE_BYPASS,
};

/* What may by-pass the rules on a link (bypass lines). */
enum bnd_bypass {
	BND_BYPASS_NONE = 0,
	BND_BYPASS_XDP,
	BND_BYPASS_TC,
	BND_BYPASS_XSK,
};

/* A link as a line names it; no kind means one without IFLA_INFO_KIND. */
struct bnd_linkname {
	char name[BND_IFNAME]; /* "" is any link */
	char kind[BND_IFNAME];
};

struct bnd_prefix {
	uint8_t family; /* 0 none, 4 or 6 */
	uint8_t len;
	uint8_t addr[16]; /* network order; IPv4 in the first four */
};

struct bnd_ports {
	unsigned n; /* 0: any */
	struct {
		uint16_t lo, hi;
	} range[BND_LIST_PORTS];
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

enum bnd_list_code {
	BND_LIST_OK = 0,
	BND_LIST_BYTE,
	BND_LIST_LINE,
	BND_LIST_SIZE_E,
	BND_LIST_COUNT,
	BND_LIST_EOF,
	BND_LIST_VERSION,
	BND_LIST_KEY,
	BND_LIST_TOKEN,
	BND_LIST_DUP,
	BND_LIST_MODE,
	BND_LIST_NEED,
	BND_LIST_LINK,
	BND_LIST_KIND,
	BND_LIST_PROTO,
	BND_LIST_ADDR,
	BND_LIST_PREFIX,
	BND_LIST_HOSTBITS,
	BND_LIST_FAMILY,
	BND_LIST_CLASS,
	BND_LIST_PORT,
	BND_LIST_RANGE,
	BND_LIST_TYPE,
	BND_LIST_WIDE,
	BND_LIST_FILE,	/* the file cannot be trusted: exit 8 */
	BND_LIST_W_DUP, /* a note, no error */
	BND_LIST_INTERNAL,
};

/* "E_BYTE" and so on, for JSON and tests. */
const char *bnd_list_code_name(enum bnd_list_code code);

struct bnd_list_note {
	enum bnd_list_code code;
	unsigned line, col; /* from 1, in bytes */
	char reason[100];   /* hostile bytes made harmless */
};

/* Large: not for the stack. */
struct bnd_list_report {
	unsigned errors; /* in all, kept or not */
	unsigned notes;	 /* kept below: errors and warnings, in file order */
	struct bnd_list_note note[BND_LIST_NOTES];
};

/*
 * Pure.  0: *list is the file.  -1: report->errors > 0 and *list is empty:
 * nothing of a file with an error is used.
 */
int bnd_netlist_parse(struct bnd_str text, struct bnd_netlist *list,
    struct bnd_list_report *report) __attribute__((warn_unused_result));

/* "FILE:LINE:COL: reason" */
void bnd_list_note_text(
    const struct bnd_list_note *note, const char *file, char *dst, size_t size);

/* The line as it is written in a file, without LF; false if dst is too small. */
bool bnd_line_print(const struct bnd_line *line, char *dst, size_t size);

/*
 * Address classes, one table for the parser and the rules: no line opens a
 * BND_CLASS_NEVER address, and only a line whose prefix lies inside opens one
 * of BND_CLASS_INSIDE.
 */
enum bnd_class_kind {
	BND_CLASS_NONE = 0,
	BND_CLASS_NEVER,
	BND_CLASS_INSIDE,
};
struct bnd_class {
	enum bnd_class_kind kind;
	struct bnd_prefix prefix;
};
extern const struct bnd_class bnd_classes[]; /* ends with BND_CLASS_NONE */

/* a lies inside b (same family, at least as long, same leading bits). */
bool bnd_prefix_inside(const struct bnd_prefix *a, const struct bnd_prefix *b);

/* Kinds that may stand in a vpn line. */
bool bnd_kind_is_vpn(const char *kind);

#endif
