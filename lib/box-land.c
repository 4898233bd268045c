/* box-land.c: a Landlock domain from the bind table, and the proof that it holds */
/* SPDX-License-Identifier: ISC */
#include "box-land.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"

#define READ_RIGHTS (BND_LL_READ_FILE | BND_LL_READ_DIR)
/* All but device nodes; a file has the first two of them only. */
#define WRITE_RIGHTS                                                 \
	(BND_LL_WRITE_FILE | BND_LL_TRUNCATE | BND_LL_REMOVE_DIR |   \
	    BND_LL_REMOVE_FILE | BND_LL_MAKE_DIR | BND_LL_MAKE_REG | \
	    BND_LL_MAKE_SOCK | BND_LL_MAKE_FIFO | BND_LL_MAKE_SYM |  \
	    BND_LL_REFER)
#define FILE_RIGHTS                                              \
	(BND_LL_EXECUTE | BND_LL_WRITE_FILE | BND_LL_READ_FILE | \
	    BND_LL_TRUNCATE | BND_LL_IOCTL_DEV)

/* The rights that came with each ABI. */
static const struct {
	int abi;
	struct bnd_ll_ruleset has;
} grown[] = {
	{ 1, { .fs = (BND_LL_MAKE_SYM << 1) - 1 } },
	{ 2, { .fs = BND_LL_REFER } },
	{ 3, { .fs = BND_LL_TRUNCATE } },
	{ 4, { .net = BND_LL_BIND_TCP | BND_LL_CONNECT_TCP } },
	{ 5, { .fs = BND_LL_IOCTL_DEV } },
	{ 6, { .scoped = BND_LL_SCOPE_ABSTRACT | BND_LL_SCOPE_SIGNAL } },
	{ 9, { .fs = BND_LL_RESOLVE_UNIX } },
};

int
bnd_land_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

struct bnd_ll_ruleset
bnd_land_handled(int abi, bool net)
{
	struct bnd_ll_ruleset all = { .fs = 0 };

	for (size_t i = 0; i < sizeof(grown) / sizeof(grown[0]); i++)
		if (grown[i].abi <= abi) {
			all.fs |= grown[i].has.fs;
			all.net |= net ? 0 : grown[i].has.net;
			all.scoped |= grown[i].has.scoped;
		}
	return all;
}

static size_t
size_of(int abi)
{
	if (abi < 4)
		return offsetof(struct bnd_ll_ruleset, net);
	return abi < 6 ? offsetof(struct bnd_ll_ruleset, scoped)
		       : sizeof(struct bnd_ll_ruleset);
}

uint64_t
bnd_land_rights(const struct bnd_box_tree *t)
{
	uint64_t rights = 0;

	if (t->device)
		return BND_LL_READ_FILE | BND_LL_WRITE_FILE;
	if (t->rights & BND_BIND_R)
		rights |= READ_RIGHTS;
	if (t->rights & BND_BIND_W)
		rights |= WRITE_RIGHTS;
	if (t->rights & BND_BIND_X)
		rights |= BND_LL_EXECUTE;
	return t->dir ? rights : rights & FILE_RIGHTS;
}

/* What the ABI does not know it does not handle either. */
static int
allow(int rules, int fd, uint64_t rights, const struct bnd_ll_ruleset *handled)
{
	const struct landlock_path_beneath_attr beneath = {
		.allowed_access = rights & handled->fs,
		.parent_fd = fd,
	};

	if (beneath.allowed_access == 0)
		return 0;
	return (int)syscall(SYS_landlock_add_rule, rules,
	    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int
allow_at(int rules, const char *path, uint64_t rights,
    const struct bnd_ll_ruleset *handled)
{
	int SCOPED_FD fd =
	    open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* A tree may have taken a scratch directory's place. */
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	return allow(rules, fd, rights, handled);
}

/*
 * The queues of this IPC namespace are files on a mount that nobody sees, and a
 * rule is about the directory, wherever it is mounted: also nowhere.
 */
static int
allow_queues(int rules, const struct bnd_ll_ruleset *handled)
{
	int SCOPED_FD fs = fsopen("mqueue", FSOPEN_CLOEXEC);
	int SCOPED_FD mnt = -1;

	if (fs == -1)
		return errno == ENODEV ? 0 : -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1)
		return -1;
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mnt == -1)
		return -1;
	return allow(rules, mnt, BND_LL_READ_FILE | BND_LL_WRITE_FILE, handled);
}

static int
add_rules(int rules, const struct bnd_box_job *job,
    const struct bnd_ll_ruleset *handled, struct bnd_box_note *note)
{
	static const char *const scratch[] = { "/tmp", "/var/tmp", "/dev/shm" };

	note->arg = BND_LAND_RULE;
	if (allow_at(rules, "/", READ_RIGHTS, handled) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(scratch) / sizeof(scratch[0]); i++)
		if (allow_at(rules, scratch[i], WRITE_RIGHTS, handled) == -1)
			return -1;
	note->arg = BND_LAND_QUEUES;
	if ((job->policy->calls & BND_CALLS_IPC) != 0 &&
	    allow_queues(rules, handled) == -1)
		return -1;
	for (size_t i = 0; i < job->trees; i++) {
		const struct bnd_box_tree *t = &job->tree[i];

		note->arg = (uint32_t)i;
		if (allow(rules, t->fd, bnd_land_rights(t), handled) == -1)
			return -1;
	}
	return 0;
}

/* Needs CAP_SYS_ADMIN of the namespace, and changes nothing: it is private. */
static int
probe(void)
{
	return mount(NULL, "/", NULL, MS_PRIVATE, NULL);
}

static int
restrict_self(const struct bnd_box_job *job, struct bnd_box_note *note)
{
	const struct bnd_ll_ruleset handled = bnd_land_handled(
	    job->landlock_abi, job->policy->num[BND_BOX_NET] != BND_NET_NONE);
	int SCOPED_FD rules = -1;

	note->arg = BND_LAND_CREATE;
	rules = (int)syscall(SYS_landlock_create_ruleset, &handled,
	    size_of(job->landlock_abi), 0);
	if (rules == -1 || add_rules(rules, job, &handled, note) == -1)
		return -1;
	note->arg = BND_LAND_BEFORE;
	if (probe() == -1)
		return -1;
	note->arg = BND_LAND_RESTRICT;
	return (int)syscall(SYS_landlock_restrict_self, rules,
	    job->landlock_abi >= 7 ? BND_LL_LOG_SAME_EXEC_OFF : 0);
}

int
bnd_land_restrict(const struct bnd_box_job *job, struct bnd_box_note *note)
{
	if (restrict_self(job, note) == -1) {
		note->errnum = errno;
		return -1;
	}
	note->arg = BND_LAND_AFTER;
	note->value = probe() == 0 ? 0 : errno;
	/* Not denied, or not by Landlock. */
	note->errnum = note->value == EPERM ? 0 : ENOTRECOVERABLE;
	return note->errnum == 0 ? 0 : -1;
}

/* Ports are what the kernel can hold it to; addresses it cannot. */
static int
allow_port(int rules, uint16_t port)
{
	const struct bnd_ll_port rule = { .allowed = BND_LL_CONNECT_TCP,
		.port = port };

	return (int)syscall(
	    SYS_landlock_add_rule, rules, BND_LL_RULE_PORT, &rule, 0);
}

static int
shut(int abi, const struct bnd_dials *d)
{
	const struct bnd_ll_ruleset handled = bnd_land_handled(abi, false);
	SCOPED_FD int rules = (int)syscall(
	    SYS_landlock_create_ruleset, &handled, size_of(abi), 0);

	if (rules == -1)
		return -1;
	for (size_t i = 0; handled.net != 0 && i < d->n; i++)
		if (allow_port(rules, d->at[i].port) == -1)
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, rules,
	    abi >= 7 ? BND_LL_LOG_SAME_EXEC_OFF : 0);
}

/* 0, or the errno. */
static int
open_top(void)
{
	SCOPED_FD int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd == -1 ? errno : 0;
}

int
bnd_land_shut(int abi, const struct bnd_dials *d, int *denied)
{
	*denied = 0;
	errno = open_top();
	if (errno != 0 || shut(abi, d) == -1)
		return -1;
	*denied = open_top();
	errno = ENOTRECOVERABLE;
	return *denied == EACCES ? 0 : -1;
}

const char *
bnd_land_part_name(unsigned arg)
{
	static const char *const names[] = {
		"landlock_create_ruleset",
		"landlock_add_rule",
		"mount before landlock_restrict_self",
		"landlock_restrict_self",
		"mount after landlock_restrict_self",
		"landlock_add_rule for message queues",
	};

	if (arg < BND_LAND_CREATE || arg > BND_LAND_QUEUES)
		return "";
	return names[arg - BND_LAND_CREATE];
}
