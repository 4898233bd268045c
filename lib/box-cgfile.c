/* box-cgfile.c: the small files of a cgroup, below its directory */
/* SPDX-License-Identifier: ISC */
#include "box-cgfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scope.h"

#define FLAGS (O_CLOEXEC | O_NOFOLLOW)

bool
bnd_cg_file_has(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, 0) == 0;
}

int
bnd_cg_file_write(
    int dir, const char *name, const char *text, struct bnd_err *err)
{
	SCOPED_FD int fd = openat(dir, name, O_WRONLY | O_TRUNC | FLAGS);
	const size_t len = strlen(text);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	if (write(fd, text, len) != (ssize_t)len)
		return bnd_fail_errno(err, "cannot write %s to %s", text, name);
	return 0;
}

int
bnd_cg_file_read_fd(
    int fd, const char *name, char buf[static BND_CG_TEXT], struct bnd_err *err)
{
	ssize_t n = pread(fd, buf, BND_CG_TEXT - 1, 0);

	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", name);
	if (n == BND_CG_TEXT - 1)
		return bnd_fail(err, BND_E_SYS, "%s is too long", name);
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return 0;
}

int
bnd_cg_file_read(int dir, const char *name, char buf[static BND_CG_TEXT],
    struct bnd_err *err)
{
	SCOPED_FD int fd = openat(dir, name, O_RDONLY | FLAGS);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	return bnd_cg_file_read_fd(fd, name, buf, err);
}

int
bnd_cg_file_u64(int dir, const char *name, const char *key, uint64_t *n,
    struct bnd_err *err)
{
	char buf[BND_CG_TEXT];
	struct bnd_str rest, line, word;
	bool whole;

	if (bnd_cg_file_read(dir, name, buf, err) != 0)
		return -1;
	rest = (struct bnd_str){ buf, strlen(buf) };
	while (bnd_text_line(&rest, &line, &whole)) {
		if (key != NULL &&
		    (!bnd_text_word(&line, &word) || !bnd_str_is(word, key)))
			continue;
		if (bnd_text_word(&line, &word) &&
		    bnd_text_u64(word, UINT64_MAX, n))
			return 0;
	}
	return bnd_fail(
	    err, BND_E_SYS, "no %s in %s", key != NULL ? key : "number", name);
}

bool
bnd_cg_has_word(const char *text, const char *word)
{
	struct bnd_str rest = { text, strlen(text) }, s;

	while (bnd_text_word(&rest, &s))
		if (bnd_str_is(s, word))
			return true;
	return false;
}
