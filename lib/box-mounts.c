/* box-mounts.c: a line of mountinfo */
/* SPDX-License-Identifier: ISC */
#include "box-mounts.h"

#include <string.h>

static bool
is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' &&
	    p[2] >= '0' && p[2] <= '7';
}

/* Blank, tab, LF and backslash are three octal digits. */
static bool
decode(struct bnd_str s, char path[static BND_MOUNT_PATH])
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '\\' && s.len - i > 3 && is_octal(s.p + i + 1)) {
			c = (char)((s.p[i + 1] - '0') * 64 +
			    (s.p[i + 2] - '0') * 8 + (s.p[i + 3] - '0'));
			i += 3;
		}
		if (c == '\0' || n == BND_MOUNT_PATH - 1)
			return false;
		path[n++] = c;
	}
	path[n] = '\0';
	return n > 0;
}

bool
bnd_mount_parse(struct bnd_str line, struct bnd_mount_line *m)
{
	struct bnd_str word[5], more;

	for (size_t i = 0; i < 5; i++)
		if (!bnd_text_word(&line, &word[i]))
			return false;
	if (!bnd_text_word(&line, &m->options) || !bnd_text_word(&line, &more))
		return false;
	m->shared = !bnd_str_is(more, "-");
	while (!bnd_str_is(more, "-"))
		if (!bnd_text_word(&line, &more))
			return false;
	m->device = word[2];
	return bnd_text_word(&line, &m->fstype) &&
	    bnd_text_u64(word[0], UINT32_MAX, &m->id) &&
	    bnd_text_u64(word[1], UINT32_MAX, &m->parent) &&
	    decode(word[3], m->root) && decode(word[4], m->point);
}

bool
bnd_mount_has(struct bnd_str options, const char *word)
{
	while (options.len > 0) {
		struct bnd_str one = bnd_str_until(options, ',');

		if (bnd_str_is(one, word))
			return true;
		options = bnd_str_from(options, one.len);
		if (options.len > 0)
			options = bnd_str_from(options, 1);
	}
	return false;
}
