/* box-creds.c: ids, capabilities and filter of a child, each in one place */
/* SPDX-License-Identifier: ISC */
#include "box-creds.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKED                                                           \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | \
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |    \
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

int
bnd_creds_ids(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0)
		return -1;
	return setresuid(uid, uid, uid);
}

int
bnd_creds_bound(void)
{
	unsigned long cap = 0;

	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	/* EINVAL: one past the last that this kernel knows. */
	if (errno != EINVAL || cap <= CAP_AUDIT_READ)
		return -1;
	return prctl(PR_SET_SECUREBITS, LOCKED, 0, 0, 0);
}

/* These of the first 32, no others. */
static int
have_only(uint32_t caps)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct set[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = caps, .permitted = caps }
	};

	return (int)syscall(SYS_capset, &head, set);
}

int
bnd_creds_strip(void)
{
	return have_only(0);
}

int
bnd_creds_only_kill(void)
{
	/* Its user is root's: an execve would bring all of them back. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return have_only(UINT32_C(1) << CAP_KILL);
}

static bool
are_files(const struct bnd_box_user *user)
{
	gid_t group[BND_USER_GROUPS];
	int n = getgroups(BND_USER_GROUPS, group);

	if (n < 0 || (size_t)n != user->groups)
		return false;
	while (n-- > 0)
		if (!bnd_box_user_has(user, group[n]))
			return false;
	/* Neither call fails: they answer with what was before. */
	return setfsgid((gid_t)-1) == (int)user->gid &&
	    setfsuid((uid_t)-1) == (int)user->uid;
}

/* By the bare call: the library's would be for all threads of a process. */
int
bnd_creds_files(const struct bnd_box_user *user)
{
	if (syscall(SYS_setgroups, user->groups, user->group) != 0)
		return -1;
	(void)setfsgid(user->gid);
	(void)setfsuid(user->uid);
	if (bnd_creds_strip() != 0)
		return -1;
	errno = EPERM;
	return are_files(user) ? 0 : -1;
}

int
bnd_creds_filter(const struct bnd_box_filter *f)
{
	union {
		const void *code;
		struct sock_filter *at;
	} u = { .code = f->code };
	struct sock_fprog prog = { .len = f->len, .filter = u.at };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}
