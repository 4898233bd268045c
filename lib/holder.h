/* holder.h: which process holds a socket, as far as /proc shows */
/* SPDX-License-Identifier: ISC */
#ifndef BND_HOLDER_H
#define BND_HOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* comm is what the process calls itself, made safe to show. */
struct bnd_holder {
	uint32_t inode; /* of the socket; 0 is nobody's */
	pid_t pid;	/* 0: not found */
	char comm[40];
};

/* The first holder of each; nobody is looked for after budget_ms. */
void bnd_holders_find(struct bnd_holder *h, size_t n, unsigned budget_ms);

#endif
