/* box-listen.h: the relay's listener: made inside, served from outside */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LISTEN_H
#define BND_BOX_LISTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "text.h"

/* 127.0.0.1 of the sandbox, which nobody was on before: known beforehand. */
#define BND_LISTEN_PORT	 3128
#define BND_LISTEN_PLACE "127.0.0.1:3128"

/* In the init, no heap: -1 and errno. */
int bnd_listen_make(void) BND_CHECK;
int bnd_listen_give(int hand, int fd) BND_CHECK;

/*
 * What from gave, which is in the queue already: a TCP socket that listens at
 * that place, or -1.  The caller's.
 */
int bnd_listen_take(int hand, pid_t from, struct bnd_err *err) BND_CHECK;
/* The inode of a socket, and of the network namespace it is in (SIOCGSKNS). */
int bnd_listen_where(
    int fd, uint64_t *socket, uint64_t *space, struct bnd_err *err) BND_CHECK;

/*
 * Pure: a file of proc_pid_net(5) has one socket, of this inode, and no other;
 * 0: it has none.
 */
bool bnd_listen_alone(struct bnd_str text, uint64_t inode);

#endif
