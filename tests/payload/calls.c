/* calls.c: system calls that nobody in a sandbox needs, one try each */
/* SPDX-License-Identifier: ISC */
/*
 *	calls		all of the table
 *	calls NAME...	these
 *	calls nr N...	by number, all arguments 0
 *
 * With arguments that the kernel takes, so that as root on a bare host what can
 * work does ("ok"), or fails by the argument and not by the lack of the call.
 * Nothing here changes a host for good.
 */
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "payload.h"

static char buf[4096];
static struct perf_event_attr perf = { .type = PERF_TYPE_SOFTWARE,
	.size = sizeof(perf),
	.config = PERF_COUNT_SW_TASK_CLOCK };
static union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 1 };
static struct io_uring_params ring;

#define P(x) ((long)(x))

static const struct call {
	const char *name;
	long nr, arg[6];
} calls[] = {
	{ "add_key", SYS_add_key,
	    { P("user"), P("bnd-test"), P("x"), 1, KEY_SPEC_THREAD_KEYRING } },
	{ "bpf", SYS_bpf, { BPF_MAP_CREATE, P(&map), sizeof(map) } },
	{ "chroot", SYS_chroot, { P("/") } },
	{ "fsopen", SYS_fsopen, { P("tmpfs") } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, P(&ring) } },
	{ "ioperm", SYS_ioperm, { 0x80, 1, 0 } },
	{ "iopl", SYS_iopl, { 0 } },
	{ "kcmp", SYS_kcmp, { 0, 0, 0, 0, 0 } },
	{ "keyctl", SYS_keyctl,
	    { KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1 } },
	{ "memfd_secret", SYS_memfd_secret, { 0 } },
	{ "modify_ldt", SYS_modify_ldt, { 0, P(buf), sizeof(buf) } },
	{ "mount", SYS_mount, { P("none"), P("/tmp"), P("tmpfs"), 0, 0 } },
	{ "mount_setattr", SYS_mount_setattr,
	    { AT_FDCWD, P("/tmp"), 0, 0, 0 } },
	{ "move_mount", SYS_move_mount, { -1, P(""), -1, P(""), 0 } },
	{ "name_to_handle_at", SYS_name_to_handle_at,
	    { AT_FDCWD, P("/"), P(buf), P(buf + 2048), 0 } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { AT_FDCWD, P(buf), 0 } },
	{ "open_tree", SYS_open_tree, { AT_FDCWD, P("/"), 1 } },
	{ "perf_event_open", SYS_perf_event_open, { P(&perf), 0, -1, -1, 0 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, { -1, 0, 0 } },
	{ "process_vm_readv", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 } },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME } },
	{ "quotactl", SYS_quotactl, { 0x80000700, 0, 0, 0 } },
	{ "request_key", SYS_request_key, { P("user"), P("bnd-none"), 0, 0 } },
	{ "setns", SYS_setns, { -1, 0 } },
	{ "swapoff", SYS_swapoff, { P("/nothing") } },
	{ "syslog", SYS_syslog, { 10 } },
	{ "umount2", SYS_umount2, { P("/nothing"), 0 } },
	{ "unshare", SYS_unshare, { CLONE_NEWNS } },
	{ "unshare_user", SYS_unshare, { CLONE_NEWUSER } },
	{ "userfaultfd", SYS_userfaultfd, { 1 } },
	{ "finit_module", SYS_finit_module, { -1, P(""), 0 } },
	{ "delete_module", SYS_delete_module, { P("bnd-none"), O_NONBLOCK } },
	{ "kexec_load", SYS_kexec_load, { 0, 99, 0, 0 } },
	{ "clock_settime", SYS_clock_settime, { 99, P(buf) } },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 } },
	{ "acct", SYS_acct, { P("/nothing") } },
	{ "fanotify_init", SYS_fanotify_init, { 0, 0 } },
	{ "pivot_root", SYS_pivot_root, { P("/nothing"), P("/nothing") } },
};

/* Each in a child: what it does to its caller is over then. */
static void
try(const char *name, long nr, const long *a)
{
	fflush(stdout);
	pid_t pid = fork();
	int st = 0;

	if (pid == 0) {
		told(name, syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	if (WIFSIGNALED(st))
		printf("%s: signal %d\n", name, WTERMSIG(st));
}

static void
named(const char *name)
{
	bool all = name == NULL;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (all || strcmp(calls[i].name, name) == 0)
			try(calls[i].name, calls[i].nr, calls[i].arg);
}

int
main(int argc, char **argv)
{
	static const long none[6];
	char **args = payload(argc, argv);

	if (args[0] == NULL)
		named(NULL);
	else if (strcmp(args[0], "nr") == 0)
		while (*++args != NULL)
			try(*args, strtol(*args, NULL, 0), none);
	else
		for (; *args != NULL; args++)
			named(*args);
	return 0;
}
