/* netns-mount.c: a line of mountinfo that holds a namespace */
/* SPDX-License-Identifier: ISC */
#include "netns-mount.h"

#include <string.h>

#include "text.h"

enum bnd_ns_kind
bnd_ns_parse(const char *text, size_t len, uint64_t *inode)
{
	enum bnd_ns_kind kind;

	if (len < 7 || text[len - 1] != ']')
		return BND_NS_NONE;
	if (memcmp(text, "net:[", 5) == 0)
		kind = BND_NS_NET;
	else if (memcmp(text, "mnt:[", 5) == 0)
		kind = BND_NS_MNT;
	else
		return BND_NS_NONE;
	if (!bnd_text_u64(
		(struct bnd_str){ text + 5, len - 6 }, UINT64_MAX, inode))
		return BND_NS_NONE;
	return kind;
}

/* The Nth word of a line, from 0; len 0 if there is none. */
static struct bnd_str
word(const char *line, unsigned n)
{
	struct bnd_str w = { line, 0 };

	for (;; n--) {
		w.len = strcspn(w.p, " \n");
		if (n == 0 || w.p[w.len] != ' ')
			break;
		w.p += w.len + 1;
	}
	if (n > 0)
		w.len = 0;
	return w;
}

static bool
is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' &&
	    p[2] >= '0' && p[2] <= '7';
}

static void
decode(struct bnd_str w, char path[static BND_NETNS_PATH])
{
	size_t i, n = 0;

	for (i = 0; i < w.len && n < BND_NETNS_PATH - 1; i++) {
		if (w.p[i] == '\\' && w.len - i > 3 && is_octal(w.p + i + 1)) {
			path[n++] = (char)((w.p[i + 1] - '0') * 64 +
			    (w.p[i + 2] - '0') * 8 + (w.p[i + 3] - '0'));
			i += 3;
		} else {
			path[n++] = w.p[i];
		}
	}
	path[i < w.len ? 0 : n] = '\0';
}

enum bnd_ns_kind
bnd_ns_mount(
    const char *line, uint64_t *inode, char path[static BND_NETNS_PATH])
{
	enum bnd_ns_kind kind;
	struct bnd_str root;

	path[0] = '\0';
	/* Of any other file system the root is a path. */
	root = word(line, 3);
	kind = bnd_ns_parse(root.p, root.len, inode);
	if (kind != BND_NS_NONE)
		decode(word(line, 4), path);
	return kind;
}
