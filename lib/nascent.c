/* nascent.c: where a successor of the log waits for its approvers */
/* SPDX-License-Identifier: ISC */
#include "nascent.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "scope.h"

int
bnd_nascent_open(
    const struct bnd_root *host, struct bnd_root *nascent, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_openat(
	    host, BND_NASCENT_DIR, O_PATH | O_DIRECTORY, 0, err);
	struct stat st;

	*nascent = (struct bnd_root){ .fd = -1, .owner = host->owner };
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat /" BND_NASCENT_DIR);
	if (st.st_uid != host->owner || (st.st_mode & 0077) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "/" BND_NASCENT_DIR " belongs to uid %u and has mode %04o",
		    (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777));
	nascent->fd = take_fd(&fd);
	return 0;
}

int
bnd_nascent_verify(
    const struct bnd_root *nascent, struct bnd_verdict *v, struct bnd_err *err)
{
	struct bnd_verify in = { .root = nascent, .nascent = true };

	return bnd_verify(&in, v, err);
}

/* Proven up to its end, or with no more against it than a crash's repair. */
static bool
is_whole(const struct bnd_verdict *v)
{
	return v->exit == 0 || v->exit == 6;
}

int
bnd_nascent_or_live(const struct bnd_root *host, struct bnd_root *nascent,
    const struct bnd_root **at, struct bnd_verdict *v, struct bnd_err *err)
{
	struct bnd_err none = { 0 };
	int rc = bnd_verify_live(host, v, err);

	*at = host;
	*nascent = (struct bnd_root){ .fd = -1 };
	if ((rc == 0 && is_whole(v)) ||
	    bnd_nascent_open(host, nascent, &none) != 0)
		return rc;
	*at = nascent;
	return bnd_nascent_verify(nascent, v, err);
}
