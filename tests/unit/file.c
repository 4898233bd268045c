/* file.c: files are read whole or not at all, and replaced whole */
/* SPDX-License-Identifier: ISC */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scope.h"
#include "scratch.h"
#include "tap.h"

static void
bounds(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	char buf[8];
	size_t len;

	ok(bnd_file_replace(&s->root, "f", "12345678", 8, 0600, &err) == 0,
	    "write eight bytes");
	ok(bnd_file_read(&s->root, "f", 0077, buf, 8, &len, &err) == 0 &&
		len == 8 && memcmp(buf, "12345678", 8) == 0,
	    "read them back");
	ok(bnd_file_read(&s->root, "f", 0077, buf, 7, &len, &err) == -1 &&
		err.kind == BND_E_INPUT,
	    "one too many is an error, not a cut");
	ok(bnd_file_read(&s->root, "none", 0077, buf, 7, &len, &err) == -1 &&
		len == 0,
	    "a missing file gives nothing");
}

static void
final_mode(const struct scratch *s)
{
	static const mode_t modes[] = { 0600, 0644, 0640 };
	struct bnd_err err = { 0 };
	struct stat st = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s/m", s->dir);
	for (size_t i = 0; i < 3; i++) {
		umask(i == 0 ? 0 : 077);
		ok(bnd_file_replace(&s->root, "m", "x", 1, modes[i], &err) ==
			    0 &&
			stat(path, &st) == 0 &&
			(st.st_mode & 07777) == modes[i],
		    "mode as asked, whatever the umask");
	}
}

static unsigned
entries(const char *dir)
{
	unsigned n = 0;
	DIR *d = opendir(dir);

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

/* Readers see one whole file or the other, never a mixture or nothing. */
static void
whole_or_other(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	char a[3000], b[3000], buf[4000];
	unsigned odd = 0;
	pid_t pid;

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	ok(bnd_file_replace(&s->root, "w", a, sizeof(a), 0600, &err) == 0,
	    "start");
	pid = fork();
	if (pid == 0)
		for (;;)
			if (bnd_file_replace(
				&s->root, "w", b, sizeof(b), 0600, NULL) != 0 ||
			    bnd_file_replace(
				&s->root, "w", a, sizeof(a), 0600, NULL) != 0)
				_exit(1);
	for (int i = 0; i < 2000; i++) {
		size_t len = 0;

		odd += bnd_file_read(&s->root, "w", 0077, buf, sizeof(buf),
			   &len, &err) != 0;
		odd += len != sizeof(a) ||
		    (memcmp(buf, a, len) != 0 && memcmp(buf, b, len) != 0);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(odd, 0, "2000 readers beside a writer, none saw half a file");
}

static void
failure_leaves_nothing(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	char path[128];
	unsigned before;

	snprintf(path, sizeof(path), "%s/sub", s->dir);
	if (mkdir(path, 0700) != 0 || mkdirat(s->root.fd, "sub/dir", 0700) != 0)
		return;
	before = entries(path);
	ok(bnd_file_replace(&s->root, "sub/dir", "x", 1, 0600, &err) == -1,
	    "a directory cannot be replaced");
	is_int(entries(path), before, "no temporary file is left behind");
	ok(bnd_file_unlink(&s->root, "sub/none", &err) == 0,
	    "removing what is not there is success");
	ok(bnd_file_unlink(&s->root, "gone/none", &err) == 0,
	    "nor its directory");
}

/* Runs after failure_leaves_nothing(), which made sub and sub/dir. */
static void
never_over_another(const struct scratch *s)
{
	struct bnd_err err = { 0 };

	ok(bnd_file_replace(&s->root, "sub/here", "x", 1, 0600, &err) == 0 &&
		bnd_file_move(&s->root, "sub/here", "there", &err) == 0,
	    "a file gets another name");
	ok(bnd_file_move(&s->root, "sub/here", "other", &err) != 0 &&
		err.errnum == ENOENT,
	    "what is not there does not");
	ok(bnd_file_move(&s->root, "sub/dir", "there", &err) != 0 &&
		err.errnum == EEXIST,
	    "nor what would stand over another");
	ok(bnd_file_move(&s->root, "sub/dir", "dir", &err) == 0,
	    "a directory does");
	ok(bnd_file_move(&s->root, "dir", "gone/dir", &err) != 0,
	    "but not into one that is not there");
}

int
main(void)
{
	struct scratch s;

	scratch_make(&s);
	bounds(&s);
	final_mode(&s);
	failure_leaves_nothing(&s);
	never_over_another(&s);
	whole_or_other(&s);
	scratch_remove(&s);
	return tap_done();
}
