/* netlist-print.h: a line of the list as it is written in a file */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_PRINT_H
#define BND_NETLIST_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "netlist.h"

/* Without LF; false if dst is too small. */
bool bnd_line_print(const struct bnd_line *line, char *dst, size_t size);

#endif
