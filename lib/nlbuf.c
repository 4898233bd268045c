/* nlbuf.c: netlink messages in memory; the only module that knows libmnl */
/* SPDX-License-Identifier: ISC */
#include "nlbuf.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_MAX (64u << 20)

/* ---- building ---- */

void
bnd_nlbuf_free(struct bnd_nlbuf *b)
{
	free(b->p);
	*b = (struct bnd_nlbuf){ 0 };
}

/* At least n free bytes, zeroed; what was there is kept. */
static bool
room(struct bnd_nlbuf *b, size_t n)
{
	size_t size = b->size == 0 ? 8192 : b->size;
	char *p;

	if (b->full || n > BUF_MAX || b->len + n > BUF_MAX) {
		b->full = true;
		return false;
	}
	while (size < b->len + n)
		size *= 2;
	if (size != b->size) {
		p = realloc(b->p, size);
		if (p == NULL) {
			b->full = true;
			return false;
		}
		b->p = p;
		b->size = size;
	}
	memset(b->p + b->len, 0, n);
	return true;
}

struct nlmsghdr *
bnd_nl_head(struct bnd_nlbuf *b)
{
	return (struct nlmsghdr *)(void *)(b->p + b->msg);
}

void
bnd_nl_msg(struct bnd_nlbuf *b, uint16_t type, uint16_t flags,
    const void *fixed, size_t len)
{
	size_t whole = MNL_NLMSG_HDRLEN + MNL_ALIGN(len);

	if (!room(b, whole))
		return;
	b->msg = b->len;
	b->len += whole;
	*bnd_nl_head(b) = (struct nlmsghdr){ .nlmsg_len = (uint32_t)whole,
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST) };
	if (len > 0)
		memcpy(b->p + b->msg + MNL_NLMSG_HDRLEN, fixed, len);
}

void
bnd_nl_nfmsg(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd, uint16_t flags,
    uint8_t family, uint16_t res_id)
{
	struct nfgenmsg nf = { .nfgen_family = family,
		.version = NFNETLINK_V0,
		.res_id = htons(res_id) };
	uint16_t type = (uint16_t)(subsys << 8 | cmd);

	/* Batch marks are plain types, of no subsystem. */
	if (subsys == NFNL_SUBSYS_NONE)
		type = cmd;
	bnd_nl_msg(b, type, flags, &nf, sizeof nf);
}

void
bnd_nl_copy(struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	size_t whole = MNL_ALIGN(nlh->nlmsg_len);

	if (!room(b, whole))
		return;
	b->msg = b->len;
	memcpy(b->p + b->len, nlh, nlh->nlmsg_len);
	b->len += whole;
}

struct nlmsghdr *
bnd_nl_borrow(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd, uint16_t flags,
    uint8_t family, size_t spare)
{
	bnd_nl_nfmsg(b, subsys, cmd, flags, family, 0);
	if (!room(b, spare))
		return NULL;
	return bnd_nl_head(b);
}

void
bnd_nl_give_back(struct bnd_nlbuf *b)
{
	if (!b->full)
		b->len = b->msg + MNL_ALIGN(bnd_nl_head(b)->nlmsg_len);
}

void
bnd_nl_put(struct bnd_nlbuf *b, uint16_t type, const void *data, size_t len)
{
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN) {
		b->full = true;
		return;
	}
	if (!room(b, MNL_ATTR_HDRLEN + MNL_ALIGN(len)))
		return;
	mnl_attr_put(bnd_nl_head(b), type, len, data);
	b->len = b->msg + bnd_nl_head(b)->nlmsg_len;
}

void
bnd_nl_put_raw(struct bnd_nlbuf *b, const void *data, size_t len)
{
	if (len > UINT16_MAX || !room(b, MNL_ALIGN(len)))
		return;
	memcpy(b->p + b->len, data, len);
	bnd_nl_head(b)->nlmsg_len += (uint32_t)MNL_ALIGN(len);
	b->len = b->msg + bnd_nl_head(b)->nlmsg_len;
}

void
bnd_nl_put_u8(struct bnd_nlbuf *b, uint16_t type, uint8_t v)
{
	bnd_nl_put(b, type, &v, sizeof v);
}

void
bnd_nl_put_u32(struct bnd_nlbuf *b, uint16_t type, uint32_t v)
{
	bnd_nl_put(b, type, &v, sizeof v);
}

void
bnd_nl_put_be32(struct bnd_nlbuf *b, uint16_t type, uint32_t v)
{
	bnd_nl_put_u32(b, type, htonl(v));
}

void
bnd_nl_put_str(struct bnd_nlbuf *b, uint16_t type, const char *s)
{
	bnd_nl_put(b, type, s, strlen(s) + 1);
}

size_t
bnd_nl_nest(struct bnd_nlbuf *b, uint16_t type)
{
	size_t start = b->len;

	bnd_nl_put(b, type | NLA_F_NESTED, NULL, 0);
	return start;
}

void
bnd_nl_nest_end(struct bnd_nlbuf *b, size_t start)
{
	struct nlattr *nest;

	if (b->full)
		return;
	if (b->len - start > UINT16_MAX) {
		b->full = true;
		return;
	}
	nest = (struct nlattr *)(void *)(b->p + start);
	nest->nla_len = (uint16_t)(b->len - start);
}

/* ---- reading ---- */

const struct nlmsghdr *
bnd_nl_next(const struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	size_t at = 0, left;

	if (nlh != NULL)
		at = (size_t)((const char *)nlh - b->p) +
		    MNL_ALIGN(nlh->nlmsg_len);
	if (at >= b->len)
		return NULL;
	left = b->len - at;
	nlh = (const struct nlmsghdr *)(const void *)(b->p + at);
	/* mnl_nlmsg_ok() takes lengths from 2 GiB on for negative, so short. */
	if (left < MNL_NLMSG_HDRLEN || nlh->nlmsg_len < MNL_NLMSG_HDRLEN ||
	    nlh->nlmsg_len > left)
		return NULL;
	return nlh;
}

bool
bnd_nl_attr_next(struct bnd_str *rest, uint16_t *type, struct bnd_str *value)
{
	const struct nlattr *a;
	size_t step;

	if (rest->len < MNL_ATTR_HDRLEN)
		return false;
	a = (const struct nlattr *)(const void *)rest->p;
	if (a->nla_len < MNL_ATTR_HDRLEN || a->nla_len > rest->len)
		return false;
	*type = mnl_attr_get_type(a);
	value->p = rest->p + MNL_ATTR_HDRLEN;
	value->len = (size_t)a->nla_len - MNL_ATTR_HDRLEN;
	step = MNL_ALIGN(a->nla_len);
	if (step > rest->len)
		step = rest->len;
	rest->p += step;
	rest->len -= step;
	return true;
}

bool
bnd_nl_nested(struct bnd_str nest, struct bnd_str *tab, unsigned max)
{
	struct bnd_str value;
	uint16_t type;

	memset(tab, 0, sizeof *tab * (max + 1));
	while (bnd_nl_attr_next(&nest, &type, &value))
		if (type <= max)
			tab[type] = value;
	return nest.len == 0;
}

bool
bnd_nl_attrs(
    const struct nlmsghdr *nlh, size_t fixed, struct bnd_str *tab, unsigned max)
{
	size_t skip = MNL_NLMSG_HDRLEN + MNL_ALIGN(fixed);
	struct bnd_str all = { (const char *)nlh + skip, 0 };

	memset(tab, 0, sizeof *tab * (max + 1));
	if (nlh->nlmsg_len < skip)
		return false;
	all.len = nlh->nlmsg_len - skip;
	return bnd_nl_nested(all, tab, max);
}

uint8_t
bnd_nl_u8(struct bnd_str a, uint8_t otherwise)
{
	return a.p != NULL && a.len == 1 ? (uint8_t)a.p[0] : otherwise;
}

uint32_t
bnd_nl_u32(struct bnd_str a, uint32_t otherwise)
{
	if (a.p != NULL && a.len == sizeof otherwise)
		memcpy(&otherwise, a.p, sizeof otherwise);
	return otherwise;
}

uint32_t
bnd_nl_be32(struct bnd_str a, uint32_t otherwise)
{
	return ntohl(bnd_nl_u32(a, htonl(otherwise)));
}

uint16_t
bnd_nl_be16(struct bnd_str a, uint16_t otherwise)
{
	uint16_t v;

	if (a.p == NULL || a.len != sizeof v)
		return otherwise;
	memcpy(&v, a.p, sizeof v);
	return ntohs(v);
}

bool
bnd_nl_str(struct bnd_str a, char *dst, size_t size)
{
	if (a.p != NULL && a.len > 0 && a.p[a.len - 1] == '\0')
		a.len--;
	if (a.p != NULL)
		return bnd_str_copy(a, dst, size);
	dst[0] = '\0';
	return false;
}

void
bnd_nl_show(struct bnd_str a, char *dst, size_t size)
{
	char name[128];

	if (!bnd_nl_str(a, name, sizeof(name)))
		(void)snprintf(name, sizeof(name), "?");
	bnd_text_show((struct bnd_str){ name, strlen(name) }, dst, size);
}

const void *
bnd_nl_fixed(const struct nlmsghdr *nlh, size_t len)
{
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + len)
		return NULL;
	return mnl_nlmsg_get_payload(nlh);
}
