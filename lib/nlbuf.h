/* nlbuf.h: netlink messages in memory; the only module that knows libmnl */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NLBUF_H
#define BND_NLBUF_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/*
 * Messages, one after the other, in memory that grows.  Start as {0}.  Once it
 * could not grow, full stays true and nothing of it is ever sent.
 */
struct bnd_nlbuf {
	char *p;
	size_t size, len;
	size_t msg; /* where the message under construction begins */
	bool full;
};
void bnd_nlbuf_free(struct bnd_nlbuf *b);
#define SCOPED_NLBUF __attribute__((cleanup(bnd_nlbuf_free)))

/* Begin a message: header, then len bytes of its fixed part. */
void bnd_nl_msg(struct bnd_nlbuf *b, uint16_t type, uint16_t flags,
    const void *fixed, size_t len);
/* The same for nfnetlink: subsystem and command, struct nfgenmsg. */
void bnd_nl_nfmsg(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd,
    uint16_t flags, uint8_t family, uint16_t res_id);
/* The message under construction. */
struct nlmsghdr *bnd_nl_head(struct bnd_nlbuf *b);
/* Append a copy of a whole message. */
void bnd_nl_copy(struct bnd_nlbuf *b, const struct nlmsghdr *nlh);
/*
 * For libnftnl, which writes behind a header without knowing the end: a header
 * of nfnetlink with at least room bytes free behind it, then what it wrote.
 */
struct nlmsghdr *bnd_nl_borrow(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd,
    uint16_t flags, uint8_t family, size_t room);
void bnd_nl_give_back(struct bnd_nlbuf *b);

/* Attributes of the message under construction. */
void bnd_nl_put(
    struct bnd_nlbuf *b, uint16_t type, const void *data, size_t len);
/* Bytes that are no attribute: the fixed part some nests begin with. */
void bnd_nl_put_raw(struct bnd_nlbuf *b, const void *data, size_t len);
void bnd_nl_put_u8(struct bnd_nlbuf *b, uint16_t type, uint8_t v);
void bnd_nl_put_u32(struct bnd_nlbuf *b, uint16_t type, uint32_t v);
void bnd_nl_put_be32(struct bnd_nlbuf *b, uint16_t type, uint32_t v);
void bnd_nl_put_str(struct bnd_nlbuf *b, uint16_t type, const char *s);
size_t bnd_nl_nest(struct bnd_nlbuf *b, uint16_t type);
void bnd_nl_nest_end(struct bnd_nlbuf *b, size_t start);

/* Walk the messages of a buffer: NULL begins, NULL ends. */
const struct nlmsghdr *bnd_nl_next(
    const struct bnd_nlbuf *b, const struct nlmsghdr *nlh);

/*
 * The attributes behind the fixed part of a message, or of a nest, by type:
 * tab has max + 1 slots; one that is not there has p NULL.  False if they do
 * not fill their place exactly.
 */
bool bnd_nl_attrs(const struct nlmsghdr *nlh, size_t fixed, struct bnd_str *tab,
    unsigned max);
bool bnd_nl_nested(struct bnd_str nest, struct bnd_str *tab, unsigned max);
/* Each attribute in turn; rest starts as the nest. */
bool bnd_nl_attr_next(
    struct bnd_str *rest, uint16_t *type, struct bnd_str *value);
/* Values; what is absent or of another size is otherwise (or false). */
uint8_t bnd_nl_u8(struct bnd_str a, uint8_t otherwise);
uint32_t bnd_nl_u32(struct bnd_str a, uint32_t otherwise);
uint32_t bnd_nl_be32(struct bnd_str a, uint32_t otherwise);
uint16_t bnd_nl_be16(struct bnd_str a, uint16_t otherwise);
bool bnd_nl_str(struct bnd_str a, char *dst, size_t size);
/* The same of a name that is somebody else's, made safe to show; "?" for none. */
void bnd_nl_show(struct bnd_str a, char *dst, size_t size);
/* The fixed part of a message, NULL if it is shorter than len. */
const void *bnd_nl_fixed(const struct nlmsghdr *nlh, size_t len);

#endif
