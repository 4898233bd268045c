/* iptc-shape.h: the calls of one of the two libraries, as struct bnd_iptc */
/* SPDX-License-Identifier: ISC */
#ifndef BND_IPTC_SHAPE_H
#define BND_IPTC_SHAPE_H

#include <string.h>

#include "iptc.h"

/* A name as the kernel compares it: its NUL counts, what follows does not. */
static inline void
bnd_iptc_link(char name[static BND_IFNAME],
    unsigned char mask[static BND_IFNAME], const char *want)
{
	size_t len = strlen(want);

	if (len == 0 || len >= BND_IFNAME)
		return;
	memcpy(name, want, len);
	memset(mask, 0xff, len + 1);
}

/* The first len bits. */
static inline void
bnd_iptc_mask(uint8_t *mask, unsigned len)
{
	memset(mask, 0xff, len / 8);
	if (len % 8 != 0)
		mask[len / 8] = (uint8_t)(0xff << (8 - len % 8));
}

/* P is the library's prefix, E its entry, IP the member that matches. */
#define BND_IPTC_CALLS(P, E, IP)                                               \
	static const void *first_rule(const char *chain, struct xtc_handle *h) \
	{                                                                      \
		return P##_first_rule(chain, h);                               \
	}                                                                      \
	static const void *next_rule(const void *prev, struct xtc_handle *h)   \
	{                                                                      \
		return P##_next_rule(prev, h);                                 \
	}                                                                      \
	static const char *target(const void *entry, struct xtc_handle *h)     \
	{                                                                      \
		return P##_get_target(entry, h);                               \
	}                                                                      \
	static int append(                                                     \
	    const char *chain, const void *entry, struct xtc_handle *h)        \
	{                                                                      \
		return P##_append_entry(chain, entry, h);                      \
	}                                                                      \
	static int insert_first(                                               \
	    const char *chain, const void *entry, struct xtc_handle *h)        \
	{                                                                      \
		return P##_insert_entry(chain, entry, 0, h);                   \
	}                                                                      \
	static void close_entry(void *entry, size_t at, size_t next)           \
	{                                                                      \
		struct E *e = entry;                                           \
                                                                               \
		e->target_offset = (uint16_t)at;                               \
		e->next_offset = (uint16_t)next;                               \
	}                                                                      \
	static size_t target_at(const void *entry)                             \
	{                                                                      \
		const struct E *e = entry;                                     \
                                                                               \
		return e->target_offset;                                       \
	}                                                                      \
	static size_t next_at(const void *entry)                               \
	{                                                                      \
		const struct E *e = entry;                                     \
                                                                               \
		return e->next_offset;                                         \
	}                                                                      \
	static bool same_head(const void *a, const void *b)                    \
	{                                                                      \
		const struct E *x = a, *y = b;                                 \
                                                                               \
		return memcmp(&x->IP, &y->IP,                                  \
			   offsetof(__typeof__(x->IP), invflags) + 1) == 0;    \
	}

#define BND_IPTC(N, P, E)                                                     \
	{                                                                     \
		.family = N, .open = P##_init, .free = P##_free,              \
		.commit = P##_commit, .why = P##_strerror,                    \
		.first_chain = P##_first_chain, .next_chain = P##_next_chain, \
		.first_rule = first_rule, .next_rule = next_rule,             \
		.target = target, .create = P##_create_chain,                 \
		.flush = P##_flush_entries, .remove = P##_delete_chain,       \
		.append = append, .insert_first = insert_first,               \
		.remove_at = P##_delete_num_entry, .head = sizeof(struct E),  \
		.fill = fill, .close = close_entry, .target_at = target_at,   \
		.next_at = next_at, .same_head = same_head,                   \
	}

#endif
