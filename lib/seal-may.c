/* seal-may.c: who may change the network at all */
/* SPDX-License-Identifier: ISC */
#include "seal-may.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scope.h"

#define USER_NS_INITIAL 4026531837u /* PROC_USER_INIT_INO */

static ino_t
inode_of(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

int
bnd_seal_may_touch(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_FD int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	SCOPED_FD int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	SCOPED_FD int owner = -1;

	if (root->real) {
		if (geteuid() == 0)
			return 0;
		return bnd_fail(err, BND_E_ROOT, "needs root");
	}
	if (net >= 0)
		owner = ioctl(net, NS_GET_USERNS);
	if (user < 0 || owner < 0 || inode_of(user) == USER_NS_INITIAL ||
	    inode_of(user) != inode_of(owner))
		return bnd_fail(err, BND_E_DENIED,
		    "with -R the kernel is changed only inside a user namespace of one's own");
	return 0;
}
