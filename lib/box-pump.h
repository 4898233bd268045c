/* box-pump.h: one stream of the payload, to where its caller wants it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PUMP_H
#define BND_BOX_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BND_PUMP_SIZE 65536 /* what a pipe holds, and no more of ours */

enum bnd_pump_kind {
	BND_PUMP_PLAIN = 0, /* file or device: a write comes back */
	BND_PUMP_NONBLOCK,  /* our own open description of a pipe or terminal */
	BND_PUMP_PAGE,	    /* somebody's: PIPE_BUF after POLLOUT */
	BND_PUMP_SOCKET,
};

struct bnd_pump {
	int from; /* ours, O_NONBLOCK; -1: dry, or nobody listens any more */
	int to;
	bool own; /* to is our own descriptor */
	enum bnd_pump_kind kind;
	size_t at, len; /* bytes of buf that wait to be written */
	char buf[BND_PUMP_SIZE];
};

/* Of both pumps of a run together. */
struct bnd_pump_sum {
	uint64_t limit, bytes, lost; /* read; of these not delivered */
	bool over;		     /* more than limit came */
	int errnum;		     /* of the write that failed */
};

/*
 * to stays the caller's, whose flags are not touched: others share them.  What
 * can block is opened once more, else written in pieces that fit.
 */
void bnd_pump_open(struct bnd_pump *p, int from, int to);
void bnd_pump_close(struct bnd_pump *p);

/* The events to wait for, on from and on to; 0: on neither. */
short bnd_pump_wants_in(const struct bnd_pump *p);
short bnd_pump_wants_out(const struct bnd_pump *p);
/* Move what can be moved without waiting; false if nothing was. */
bool bnd_pump_move(struct bnd_pump *p, struct bnd_pump_sum *sum);
/* Nothing will come any more, and nothing waits. */
bool bnd_pump_is_done(const struct bnd_pump *p);
/* Give up on what waits. */
void bnd_pump_give_up(struct bnd_pump *p, struct bnd_pump_sum *sum);

#endif
