/* unit/accepted: only a trusted, good list is used; else the one accepted last */
/* SPDX-License-Identifier: ISC */
#include "accepted.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define GOOD  "version 1\nin RESTRICTED proto=tcp dport=22\n"
#define OTHER "version 1\nin RESTRICTED proto=tcp dport=22\nvpn wg0/wireguard\n"
#define BAD   "version 1\nin RESTRICTED proto=tcp dport=0\nx\n"

static struct scratch sc;
static struct bnd_listfile *file;
static struct bnd_list_report wrong;

static char *
path(const char *name)
{
	static char text[2][160];
	static unsigned turn;

	turn ^= 1;
	(void)snprintf(text[turn], sizeof(text[turn]), "%s/%s", sc.dir, name);
	return text[turn];
}

static void
write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	int fd;

	(void)unlink(path(name));
	fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    fchmod(fd, mode) != 0)
		bail("cannot write a file");
	close(fd);
}

static void
list_is(const char *text)
{
	write_file(BND_LIST_PATH, text, strlen(text), 0644);
}

static void
check_trust(void)
{
	static const mode_t bad[] = { 0666, 0664, 0755, 0645, 0646, 0660 };
	struct bnd_err err = { 0 };
	char what[40];

	list_is(GOOD);
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == 0 &&
		file->list.lines == 1,
	    "a good file");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(BND_LIST_PATH, GOOD, strlen(GOOD), bad[i]);
		(void)snprintf(what, sizeof(what), "M47 mode %04o", bad[i]);
		ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
			err.kind == BND_E_UNSAFE && file->list.lines == 0 &&
			file->report.note[0].code == BND_LIST_FILE,
		    "%s: E_FILE", what);
	}
	list_is(GOOD);
	(void)!link(path(BND_LIST_PATH), path("twice"));
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "M47 two names");
	(void)unlink(path("twice"));
	(void)rename(path(BND_LIST_PATH), path("real"));
	(void)!symlink("../../real", path(BND_LIST_PATH));
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "M47 a link");
	(void)unlink(path(BND_LIST_PATH));
	(void)mkfifo(path(BND_LIST_PATH), 0600);
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "M47 a FIFO, at once");
	ok(bnd_listfile_lint(path(BND_LIST_PATH), file, &err) == -1 &&
		err.kind == BND_E_UNSAFE &&
		file->report.note[0].code == BND_LIST_FILE,
	    "M47 lint of a FIFO, at once");
	(void)unlink(path(BND_LIST_PATH));
	(void)mkdir(path(BND_LIST_PATH), 0755);
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "M47 a directory");
	(void)rmdir(path(BND_LIST_PATH));
	list_is(GOOD);
	(void)chmod(path("etc/bnd"), 0777);
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE,
	    "M47 a directory that others may write");
	(void)chmod(path("etc/bnd"), 0755);
	(void)unlink(path(BND_LIST_PATH));
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == 0 &&
		file->list.lines == 0 && file->len == 0,
	    "no file is the empty list");
}

static void
check_fallback(void)
{
	struct bnd_err err = { 0 };

	ok(bnd_accepted_load(&sc.root, file, &err) == -1 &&
		err.errnum == ENOENT && file->list.lines == 0,
	    "nothing was accepted yet");
	list_is(BAD);
	ok(bnd_list_for_apply(&sc.root, file, &wrong, &err) == -1 &&
		err.kind == BND_E_INPUT && file->list.lines == 0 &&
		wrong.errors == 2,
	    "a bad file: the empty list, and every error");
	list_is(OTHER);
	ok(bnd_list_for_apply(&sc.root, file, &wrong, &err) == 0 &&
		file->list.lines == 2 && wrong.errors == 0,
	    "a good file is used");
	ok(bnd_accepted_store(&sc.root, file, &err) == 0, "and accepted");
	ok(!bnd_list_is_edited(&sc.root, file), "it is what was accepted");
	list_is(BAD);
	ok(bnd_list_for_apply(&sc.root, file, &wrong, &err) == -1 &&
		file->list.lines == 2 && wrong.errors == 2,
	    "a bad file: what was accepted last");
	ok(bnd_list_is_edited(&sc.root, file), "T24 a bad file is edited");
	list_is(GOOD);
	ok(bnd_list_is_edited(&sc.root, file), "T24 another file is edited");
	(void)unlink(path(BND_LIST_PATH));
	ok(bnd_list_is_edited(&sc.root, file), "T24 a file that is gone, too");
	list_is(OTHER);
	ok(!bnd_list_is_edited(&sc.root, file), "the same bytes again are not");
}

/* Any bit of the copy, and any cut. */
static void
check_copy(void)
{
	static char copy[4096];
	struct bnd_err err = { 0 };
	FILE *f = fopen(path(BND_ACCEPTED_PATH), "r");
	size_t len, used = 0;

	if (f == NULL)
		bail("no accepted copy");
	len = fread(copy, 1, sizeof(copy), f);
	fclose(f);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		copy[bit / 8] ^= (char)(1 << bit % 8);
		write_file(BND_ACCEPTED_PATH, copy, len, 0600);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		used += bnd_accepted_load(&sc.root, file, &err) == 0 ||
		    file->list.lines != 0;
	}
	is_int(used, 0, "T24 no copy with a bit turned is used");
	for (size_t cut = 0; cut < len; cut++) {
		write_file(BND_ACCEPTED_PATH, copy, cut, 0600);
		used += bnd_accepted_load(&sc.root, file, &err) == 0 ||
		    file->list.lines != 0;
	}
	is_int(used, 0, "T24 no copy that was cut is used");
	write_file(BND_ACCEPTED_PATH, copy, len, 0600);
	ok(bnd_accepted_load(&sc.root, file, &err) == 0 &&
		file->list.lines == 2,
	    "the copy itself is");
	(void)rename(path(BND_ACCEPTED_PATH), path("real"));
	(void)!symlink("../../../real", path(BND_ACCEPTED_PATH));
	ok(bnd_accepted_load(&sc.root, file, &err) == -1 &&
		file->list.lines == 0,
	    "T24 a link in its place is not");
}

static void
check_size(void)
{
	static char big[BND_LIST_SIZE + 2];
	struct bnd_err err = { 0 };

	memset(big, '\n', sizeof(big));
	memcpy(big, GOOD, strlen(GOOD));
	write_file(BND_LIST_PATH, big, BND_LIST_SIZE, 0644);
	ok(bnd_listfile_read(&sc.root, NULL, file, &err) == 0, "65536 bytes");
	for (size_t more = 1; more <= 2; more++) {
		write_file(BND_LIST_PATH, big, BND_LIST_SIZE + more, 0644);
		ok(bnd_listfile_read(&sc.root, NULL, file, &err) == -1 &&
			file->report.note[0].code == BND_LIST_SIZE_E &&
			file->list.lines == 0,
		    "M45 %zu bytes too many", more);
	}
}

int
main(void)
{
	struct bnd_err err = { 0 };

	file = calloc(1, sizeof(*file));
	if (file == NULL || bnd_sign_init(&err) != 0)
		bail("no memory");
	scratch_make(&sc);
	if (bnd_root_mkdir(&sc.root, "etc/bnd", 0755, &err) != 0)
		bail(err.text);
	check_trust();
	check_fallback();
	check_copy();
	check_size();
	scratch_remove(&sc);
	free(file);
	return tap_done();
}
