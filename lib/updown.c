/* updown.c: links go down with what they lose kept, and up with it again */
/* SPDX-License-Identifier: ISC */
#include "updown.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "image.h"
#include "scope.h"
#include "snap-proof.h"
#include "snap-replay.h"
#include "snap.h"

#define SNAPS_MAX 4096

static bool
chosen(const struct bnd_link *l, unsigned index)
{
	if (!bnd_link_is_up(l) || (l->flags & IFF_LOOPBACK) != 0)
		return false;
	return index == 0 ? l->real : l->id.index == index;
}

/* Nothing that cannot be kept may keep a link up. */
static void
save(const struct bnd_root *root, const char *dir, struct bnd_nl *nl,
    const struct bnd_link *l, struct bnd_image *image, bool *have,
    struct bnd_notes *notes)
{
	struct bnd_err why = { 0 };

	if (!*have)
		*have = bnd_image_read(nl, image, &why) == 0;
	if (!*have || bnd_snap_save(root, dir, l, image, &why) == -1)
		bnd_note(notes, "link.unsaved", "%s: %s", l->id.name, why.text);
}

int
bnd_links_down(const struct bnd_root *root, const char *dir, struct bnd_nl *nl,
    const struct bnd_links *l, unsigned index, unsigned *count,
    struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_IMAGE struct bnd_image image = { 0 };
	struct bnd_err why = { 0 };
	bool have = false;
	int r = 0;
	size_t i;

	*count = 0;
	for (i = 0; i < l->n; i++) {
		const struct bnd_link *k = &l->v[i];

		if (!chosen(k, index))
			continue;
		save(root, dir, nl, k, &image, &have, notes);
		if (bnd_link_set_up(nl, k->id.index, false, &why) == 0)
			++*count;
		else if (why.errnum != ENODEV)
			r = bnd_fail(err, BND_E_ENFORCER,
			    "cannot take down %s: %s", k->id.name, why.text);
	}
	return r;
}

static void
drop(const struct bnd_root *root, const char *path, struct bnd_notes *notes)
{
	struct bnd_err why = { 0 };

	if (bnd_file_unlink(root, path, &why) == -1)
		bnd_note(notes, "link.snapshot", "%s", why.text);
}

/* A sound file of a link that is still that link, or a note and no file. */
static bool
take_one(const struct bnd_root *root, const char *dir,
    const struct bnd_links *l, const char *name, uint64_t now_us,
    struct bnd_snap *s, struct bnd_notes *notes)
{
	const struct bnd_link *is;
	struct bnd_err why = { 0 };
	char path[BND_SNAP_PATH + 256], mine[BND_SNAP_PATH];
	int n = snprintf(path, sizeof path, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof path) {
		bnd_note(notes, "link.snapshot", "a file that is not ours");
		return false;
	}
	if (bnd_snap_load(root, path, s, &why) == -1) {
		bnd_note(notes, "link.snapshot", "%s", why.text);
		drop(root, path, notes);
		return false;
	}
	bnd_snap_path(dir, s->was.id.index, mine);
	is = bnd_links_find(l, s->was.id.index);
	if (strcmp(path, mine) == 0 && is != NULL &&
	    bnd_snap_is_of(is, &s->was) && s->boot_us <= now_us)
		return true;
	bnd_note(notes, "link.snapshot", "%s: %s is not the link it was", path,
	    s->was.id.name);
	drop(root, path, notes);
	return false;
}

static int
take_all(const struct bnd_root *root, const char *name,
    const struct bnd_links *l, struct bnd_snaps *s, struct bnd_notes *notes,
    struct bnd_err *err)
{
	int fd = bnd_root_openat(root, name, O_RDONLY | O_DIRECTORY, 0, err);
	struct dirent *e;
	DIR *dir;

	if (fd == -1)
		return err->errnum == ENOENT ? 0 : -1;
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return bnd_fail_errno(err, "cannot read %s", name);
	}
	while (s->n < SNAPS_MAX && (e = readdir(dir)) != NULL) {
		struct bnd_snap *one = &s->v[s->n];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		*one = (struct bnd_snap){ 0 };
		if (take_one(root, name, l, e->d_name, s->boot_us, one, notes))
			s->n++;
		else
			bnd_snap_free(one);
	}
	closedir(dir);
	return 0;
}

static void
raise_all(struct bnd_nl *nl, const struct bnd_snaps *s, unsigned *count,
    struct bnd_notes *notes)
{
	struct bnd_err why = { 0 };
	size_t i;

	for (i = 0; i < s->n; i++)
		if (bnd_link_set_up(nl, s->v[i].was.id.index, true, &why) == 0)
			++*count;
		else
			bnd_note(notes, "link.return", "%s stays down: %s",
			    s->v[i].was.id.name, why.text);
}

int
bnd_snap_return(const struct bnd_root *root, const char *dir, struct bnd_nl *nl,
    unsigned *count, struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_LINKS struct bnd_links l = { 0 };
	SCOPED_SNAPS struct bnd_snaps s = { 0 };
	struct bnd_now now;
	char path[BND_SNAP_PATH];
	int r;
	size_t i;

	*count = 0;
	s.v = calloc(SNAPS_MAX, sizeof *s.v);
	if (s.v == NULL)
		return bnd_fail_errno(err, "list of links");
	if (bnd_links_read(nl, &l, err) == -1 || bnd_clock_now(&now, err) == -1)
		/* cppcheck-suppress memleak ; it is SCOPED_SNAPS */
		return -1;
	s.boot_us = now.boot_us;
	if (take_all(root, dir, &l, &s, notes, err) == -1)
		return -1;
	raise_all(nl, &s, count, notes);
	bnd_snap_replay(nl, &s);
	r = bnd_snap_prove(nl, &s, notes, err);
	for (i = 0; i < s.n; i++) {
		bnd_snap_path(dir, s.v[i].was.id.index, path);
		drop(root, path, notes);
	}
	return r;
}
