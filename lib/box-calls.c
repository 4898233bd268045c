/* box-calls.c: which system calls are in which group, and with what arguments */
/* SPDX-License-Identifier: ISC */
#include "box-calls.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Of <asm/prctl.h>, which x86 alone has. */
#define ARCH_SET_GS	    0x1001
#define ARCH_SET_FS	    0x1002
#define ARCH_GET_FS	    0x1003
#define ARCH_GET_GS	    0x1004
#define ARCH_GET_XCOMP_SUPP 0x1021
#define ARCH_GET_XCOMP_PERM 0x1022
#define ARCH_REQ_XCOMP_PERM 0x1023
/* Newer than the headers of the reference platform, or of none. */
#define PR_SET_MDWE_	    65
#define PR_GET_MDWE_	    66
#define PR_SET_VMA_	    0x53564d41
#define MFD_NOEXEC_SEAL_    0x8U
#define MFD_EXEC_	    0x10U
#define FS_IOC_FIEMAP_	    0xc020660b
#define TCGETS2_	    0x802c542a
#define TCSETS2_FIRST	    0x402c542b /* TCSETS2, TCSETSW2, TCSETSF2 */

enum {
	/* clang-format off */
	BASE = BND_CALLS_BASE, FILES = BND_CALLS_FILE, PROC = BND_CALLS_PROC,
	THREAD = BND_CALLS_THREAD, NET = BND_CALLS_NET, UNIX = BND_CALLS_UNIX,
	IPC = BND_CALLS_IPC, TTY = BND_CALLS_TTY,
	SOCK = NET | UNIX, STREAMS = PROC | SOCK,
	/* clang-format on */
	SET_ID = S_ISUID | S_ISGID,
	MAKES = O_CREAT | (O_TMPFILE & ~O_DIRECTORY),
	NEW_NS = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
	WX_NONE = 1 << BND_WX_NONE,
	WX_SOME = 1 << BND_WX_MEM | 1 << BND_WX_ALL,
	SOCK_TYPE = 0xf,
	/* AF_INET and AF_INET6 differ in this bit alone. */
	INETS = AF_INET ^ AF_INET6,
};

/* clang-format off */
#define ALL			UINT32_MAX
#define IS(a, m, v)		{ BND_CALL_IS, (a), (m), (uint32_t)(v) }
#define NOT(a, m, v)		{ BND_CALL_IS_NOT, (a), (m), (uint32_t)(v) }
#define NONE_OF(a, m)		IS(a, m, 0)
#define ZERO(a)			{ BND_CALL_NULL, (a), 0, 0 }
#define CALL(g, n)		{ n, g, 0, { { 0 } } }
#define WHEN(g, n, ...)		{ n, g, 0, { __VA_ARGS__ } }
#define WHEN_WX(g, n, w, ...)	{ n, g, w, { __VA_ARGS__ } }
#define IOCTL(g, v)		WHEN(g, "ioctl", IS(1, ALL, v))
#define PRCTL(v)		WHEN(BASE, "prctl", IS(0, ALL, v))
#define ARCH(v)			WHEN(BASE, "arch_prctl", IS(0, ALL, v))
#define SOCKET(t, p)		WHEN(NET, "socket", \
	IS(0, ~(uint32_t)INETS, AF_INET), IS(1, SOCK_TYPE, t), IS(2, ALL, p))
#define B(n)			CALL(BASE, n)
#define F(n)			CALL(FILES, n)
#define P(n)			CALL(PROC, n)
#define T(n)			CALL(THREAD, n)
#define S(n)			CALL(SOCK, n)
#define I(n)			CALL(IPC, n)
#define NO(n)			CALL(0, n)

const struct bnd_call bnd_calls[] = {
	/*
	 * @base: a program that was started, has memory, and reads and writes
	 * what it was given.  execve is here because it must be able to start.
	 */
	B("read"), B("write"), B("readv"), B("writev"), B("pread64"), B("pwrite64"),
	B("preadv"), B("pwritev"), B("preadv2"), B("pwritev2"), B("lseek"), B("close"),
	B("close_range"), B("dup"), B("dup2"), B("dup3"), B("fcntl"), B("pipe"),
	B("pipe2"), B("fstat"), B("poll"), B("ppoll"), B("select"), B("pselect6"),
	B("epoll_create"), B("epoll_create1"), B("epoll_ctl"), B("epoll_wait"),
	B("epoll_pwait"), B("epoll_pwait2"), B("eventfd"), B("eventfd2"),
	B("signalfd"), B("signalfd4"), B("timerfd_create"), B("timerfd_settime"),
	B("timerfd_gettime"),
	B("brk"), B("munmap"), B("mremap"), B("madvise"), B("msync"), B("mincore"),
	B("mlock"), B("mlock2"), B("munlock"), B("mlockall"), B("munlockall"),
	B("pkey_alloc"), B("pkey_free"), B("membarrier"),
	B("execve"), B("exit"), B("exit_group"), B("uname"), B("getrandom"),
	B("getpid"), B("getppid"), B("gettid"), B("getpgid"), B("getpgrp"), B("getsid"),
	B("getuid"), B("geteuid"), B("getgid"), B("getegid"), B("getresuid"),
	B("getresgid"), B("getgroups"), B("capget"), B("getrlimit"), B("getrusage"),
	B("getpriority"), B("times"), B("sysinfo"), B("getcpu"),
	B("sched_yield"), B("sched_getaffinity"), B("sched_getparam"),
	B("sched_getscheduler"), B("sched_getattr"), B("sched_get_priority_max"),
	B("sched_get_priority_min"), B("sched_rr_get_interval"),
	B("rt_sigaction"), B("rt_sigprocmask"), B("rt_sigreturn"), B("rt_sigpending"),
	B("rt_sigtimedwait"), B("rt_sigsuspend"), B("rt_sigqueueinfo"),
	B("rt_tgsigqueueinfo"), B("sigaltstack"), B("tgkill"), B("tkill"), B("pause"),
	B("restart_syscall"),
	B("nanosleep"), B("clock_nanosleep"), B("clock_gettime"), B("clock_getres"),
	B("gettimeofday"), B("time"), B("alarm"), B("getitimer"), B("setitimer"),
	B("timer_create"), B("timer_settime"), B("timer_gettime"),
	B("timer_getoverrun"), B("timer_delete"),
	B("futex"), B("set_robust_list"), B("set_tid_address"), B("rseq"),
	/*
	 * Huge pages are the host's and charged to no cgroup.  With `wx none`
	 * what was written is never executed: not at once, nor one after the
	 * other, nor by a second mapping of the same memory.
	 */
	WHEN_WX(BASE, "mmap", WX_SOME, NONE_OF(3, MAP_HUGETLB)),
	WHEN_WX(BASE, "mmap", WX_NONE, NONE_OF(3, MAP_HUGETLB),
	    NOT(2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC)),
	WHEN_WX(BASE, "mprotect", WX_SOME, { 0 }),
	WHEN_WX(BASE, "mprotect", WX_NONE, NONE_OF(2, PROT_EXEC)),
	WHEN_WX(BASE, "pkey_mprotect", WX_SOME, { 0 }),
	WHEN_WX(BASE, "pkey_mprotect", WX_NONE, NONE_OF(2, PROT_EXEC)),
	WHEN_WX(BASE, "memfd_create", WX_SOME, NONE_OF(1,
	    ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL_ | MFD_EXEC_))),
	/* A core dump of one byte keeps the host's helper from being run; of none it does not. */
	WHEN(BASE, "setrlimit", NOT(0, ALL, RLIMIT_CORE)),
	WHEN(BASE, "prlimit64", NOT(1, ALL, RLIMIT_CORE)),
	WHEN(BASE, "prlimit64", ZERO(2)),
	/* READ_IMPLIES_EXEC would undo `wx none`. */
	WHEN(BASE, "personality", IS(0, ALL, PER_LINUX)),
	WHEN(BASE, "personality", IS(0, ALL, PER_LINUX32)),
	WHEN(BASE, "personality", IS(0, ALL, ADDR_NO_RANDOMIZE)),
	WHEN(BASE, "personality", IS(0, ALL, UINT32_MAX)),
	ARCH(ARCH_SET_FS), ARCH(ARCH_GET_FS), ARCH(ARCH_SET_GS), ARCH(ARCH_GET_GS),
	ARCH(ARCH_GET_XCOMP_SUPP), ARCH(ARCH_GET_XCOMP_PERM), ARCH(ARCH_REQ_XCOMP_PERM),
	PRCTL(PR_SET_NAME), PRCTL(PR_GET_NAME), PRCTL(PR_SET_PDEATHSIG),
	PRCTL(PR_GET_PDEATHSIG), PRCTL(PR_SET_DUMPABLE), PRCTL(PR_GET_DUMPABLE),
	PRCTL(PR_SET_NO_NEW_PRIVS), PRCTL(PR_GET_NO_NEW_PRIVS), PRCTL(PR_GET_SECCOMP),
	PRCTL(PR_GET_KEEPCAPS), PRCTL(PR_GET_SECUREBITS), PRCTL(PR_CAPBSET_READ),
	PRCTL(PR_SET_TIMERSLACK), PRCTL(PR_GET_TIMERSLACK),
	PRCTL(PR_SET_CHILD_SUBREAPER), PRCTL(PR_GET_CHILD_SUBREAPER),
	PRCTL(PR_SET_THP_DISABLE), PRCTL(PR_GET_THP_DISABLE), PRCTL(PR_SET_VMA_),
	PRCTL(PR_GET_SPECULATION_CTRL), PRCTL(PR_SET_MDWE_), PRCTL(PR_GET_MDWE_),
	/* What asks a descriptor what it is; no driver, no file system's own. */
	IOCTL(BASE, TCGETS), IOCTL(BASE, TIOCGWINSZ), IOCTL(BASE, FIONREAD),
	IOCTL(BASE, TIOCOUTQ), IOCTL(BASE, FIONBIO), IOCTL(BASE, FIOASYNC),
	IOCTL(BASE, FIOCLEX), IOCTL(BASE, FIONCLEX), IOCTL(BASE, FIOQSIZE),
	IOCTL(BASE, TIOCGPGRP),

	/* @file: names, and what is done to files. */
	F("stat"), F("lstat"), F("newfstatat"), F("statx"), F("access"), F("faccessat"),
	F("faccessat2"), F("readlink"), F("readlinkat"), F("getdents"), F("getdents64"),
	F("getcwd"), F("chdir"), F("fchdir"), F("statfs"), F("fstatfs"), F("umask"),
	F("rename"), F("renameat"), F("rmdir"), F("link"), F("linkat"), F("unlink"),
	F("unlinkat"), F("symlink"), F("symlinkat"), F("chown"), F("fchown"),
	F("lchown"), F("fchownat"), F("utime"), F("utimes"), F("futimesat"),
	F("utimensat"), F("truncate"), F("ftruncate"), F("fallocate"), F("flock"),
	F("fsync"), F("fdatasync"), F("sync_file_range"), F("fadvise64"), F("readahead"),
	F("copy_file_range"), F("sendfile"), F("splice"), F("tee"),
	F("getxattr"), F("lgetxattr"), F("fgetxattr"), F("listxattr"), F("llistxattr"),
	F("flistxattr"), F("setxattr"), F("lsetxattr"), F("fsetxattr"), F("removexattr"),
	F("lremovexattr"), F("fremovexattr"),
	F("inotify_init"), F("inotify_init1"), F("inotify_add_watch"),
	F("inotify_rm_watch"),
	/*
	 * No set-id bit: through an idmapped bind it would be one on the host.
	 * The mode of open() counts only where a file is made.
	 */
	WHEN(FILES, "open", NONE_OF(1, MAKES)), WHEN(FILES, "open", NONE_OF(2, SET_ID)),
	WHEN(FILES, "openat", NONE_OF(2, MAKES)), WHEN(FILES, "openat", NONE_OF(3, SET_ID)),
	WHEN(FILES, "creat", NONE_OF(1, SET_ID)), WHEN(FILES, "chmod", NONE_OF(1, SET_ID)),
	WHEN(FILES, "fchmod", NONE_OF(1, SET_ID)), WHEN(FILES, "fchmodat", NONE_OF(2, SET_ID)),
	WHEN(FILES, "fchmodat2", NONE_OF(2, SET_ID)), WHEN(FILES, "mkdir", NONE_OF(1, SET_ID)),
	WHEN(FILES, "mkdirat", NONE_OF(2, SET_ID)),
	/* No device: not even 0:0, which anybody may make and an overlay obeys. */
	WHEN(FILES, "mknod", IS(1, S_IFMT | SET_ID, 0)),
	WHEN(FILES, "mknod", IS(1, S_IFMT | SET_ID, S_IFREG)),
	WHEN(FILES, "mknod", IS(1, S_IFMT | SET_ID, S_IFIFO)),
	WHEN(FILES, "mknod", IS(1, S_IFMT | SET_ID, S_IFSOCK)),
	WHEN(FILES, "mknodat", IS(2, S_IFMT | SET_ID, 0)),
	WHEN(FILES, "mknodat", IS(2, S_IFMT | SET_ID, S_IFREG)),
	WHEN(FILES, "mknodat", IS(2, S_IFMT | SET_ID, S_IFIFO)),
	WHEN(FILES, "mknodat", IS(2, S_IFMT | SET_ID, S_IFSOCK)),
	WHEN(FILES, "renameat2", NONE_OF(4, RENAME_WHITEOUT)),
	IOCTL(FILES, FICLONE), IOCTL(FILES, FICLONERANGE), IOCTL(FILES, FS_IOC_GETFLAGS),
	IOCTL(FILES, FS_IOC_FIEMAP_),

	/* @proc: children. */
	P("fork"), P("vfork"), P("wait4"), P("waitid"), P("kill"), P("execveat"),
	P("setpgid"), P("setsid"), P("setpriority"), P("pidfd_open"),
	P("pidfd_send_signal"),
	/* What posix_spawn() makes of POSIX_SPAWN_RESETIDS, and make(1) asks for. */
	WHEN(PROC, "setresuid", IS(0, ALL, -1), IS(2, ALL, -1)),
	WHEN(PROC, "setresgid", IS(0, ALL, -1), IS(2, ALL, -1)),
	WHEN(PROC, "clone", NONE_OF(0, NEW_NS | CLONE_THREAD)),
	/*
	 * A stream pair: a datagram one can be connected anew, to any path.
	 * The calls on it take an address, too, which only a socket minds.
	 */
	WHEN(STREAMS, "socketpair", IS(0, ALL, AF_UNIX), IS(1, SOCK_TYPE, SOCK_STREAM)),
	WHEN(STREAMS, "socketpair", IS(0, ALL, AF_UNIX), IS(1, SOCK_TYPE, SOCK_SEQPACKET)),
	CALL(STREAMS, "sendto"), CALL(STREAMS, "recvfrom"), CALL(STREAMS, "sendmsg"),
	CALL(STREAMS, "recvmsg"), CALL(STREAMS, "shutdown"), CALL(STREAMS, "getsockname"),
	CALL(STREAMS, "getpeername"), CALL(STREAMS, "getsockopt"),
	/* The options numbered to 23: a BPF program is attached by a later one. */
	WHEN(STREAMS, "setsockopt", IS(1, ALL, SOL_SOCKET), NONE_OF(2, ~UINT32_C(15))),
	WHEN(STREAMS, "setsockopt", IS(1, ALL, SOL_SOCKET), IS(2, ~UINT32_C(7), 16)),
	WHEN(SOCK, "setsockopt", NOT(1, ALL, SOL_SOCKET)),

	/* @thread: threads, and where they run. */
	WHEN(THREAD, "clone", IS(0, NEW_NS | CLONE_THREAD, CLONE_THREAD)),
	T("futex_waitv"), T("futex_wait"), T("futex_wake"), T("futex_requeue"),
	T("sched_setaffinity"), T("sched_setparam"), T("sched_setscheduler"),

	/* @net and @unix: sockets with an address; TCP and UDP, nothing raw. */
	SOCKET(SOCK_STREAM, 0), SOCKET(SOCK_STREAM, IPPROTO_TCP),
	SOCKET(SOCK_DGRAM, 0), SOCKET(SOCK_DGRAM, IPPROTO_UDP),
	WHEN(UNIX, "socket", IS(0, ALL, AF_UNIX)),
	S("bind"), S("connect"), S("listen"), S("accept"), S("accept4"), S("sendmmsg"),
	S("recvmmsg"),
	IOCTL(NET, SIOCATMARK), IOCTL(NET, SIOCGIFNAME), IOCTL(NET, SIOCGIFCONF),
	IOCTL(NET, SIOCGIFFLAGS), IOCTL(NET, SIOCGIFADDR), IOCTL(NET, SIOCGIFNETMASK),
	IOCTL(NET, SIOCGIFMTU), IOCTL(NET, SIOCGIFINDEX),

	/* @ipc: System V and POSIX queues, of the sandbox's own namespace. */
	I("semget"), I("semop"), I("semctl"), I("semtimedop"), I("shmctl"), I("shmdt"),
	I("msgget"), I("msgsnd"), I("msgrcv"), I("msgctl"), I("mq_open"),
	I("mq_unlink"), I("mq_timedsend"), I("mq_timedreceive"), I("mq_notify"),
	I("mq_getsetattr"),
	WHEN(IPC, "shmget", NONE_OF(2, SHM_HUGETLB)),
	WHEN_WX(IPC, "shmat", WX_SOME, { 0 }),
	WHEN_WX(IPC, "shmat", WX_NONE, NONE_OF(2, SHM_EXEC)),

	/*
	 * @tty: a terminal of one's own.  TIOCSTI types into it, TIOCLINUX
	 * pastes, TIOCSETD loads a driver: they are not here.
	 */
	IOCTL(TTY, TCSETS), IOCTL(TTY, TCSETSW), IOCTL(TTY, TCSETSF), IOCTL(TTY, TCGETA),
	IOCTL(TTY, TCSETA), IOCTL(TTY, TCSETAW), IOCTL(TTY, TCSETAF), IOCTL(TTY, TCSBRK),
	IOCTL(TTY, TCSBRKP), IOCTL(TTY, TCXONC), IOCTL(TTY, TCFLSH), IOCTL(TTY, TIOCEXCL),
	IOCTL(TTY, TIOCNXCL), IOCTL(TTY, TIOCSCTTY), IOCTL(TTY, TIOCNOTTY),
	IOCTL(TTY, TIOCSPGRP), IOCTL(TTY, TIOCGSID), IOCTL(TTY, TIOCSWINSZ),
	IOCTL(TTY, TIOCGETD), IOCTL(TTY, TIOCPKT), IOCTL(TTY, TIOCGPTN),
	IOCTL(TTY, TIOCSPTLCK), IOCTL(TTY, TIOCGPTPEER), IOCTL(TTY, TCGETS2_),
	IOCTL(TTY, TCSETS2_FIRST), IOCTL(TTY, TCSETS2_FIRST + 1),
	IOCTL(TTY, TCSETS2_FIRST + 2),

	/*
	 * In no group.  A call that is neither above nor here is one nobody
	 * has thought about, and the tests say so.
	 */
	/* other processes, and what guards them */
	NO("ptrace"), NO("process_vm_readv"), NO("process_vm_writev"), NO("pidfd_getfd"),
	NO("kcmp"), NO("process_madvise"), NO("process_mrelease"), NO("get_robust_list"),
	NO("seccomp"), NO("landlock_create_ruleset"), NO("landlock_add_rule"),
	NO("landlock_restrict_self"),
	/* arguments behind pointers, where a second thread may change them */
	NO("clone3"), NO("openat2"),
	/* namespaces, roots, mounts */
	NO("unshare"), NO("setns"), NO("chroot"), NO("pivot_root"), NO("mount"),
	NO("umount2"), NO("open_tree"), NO("move_mount"), NO("fsopen"), NO("fsconfig"),
	NO("fsmount"), NO("fspick"), NO("mount_setattr"), NO("open_tree_attr"),
	NO("statmount"), NO("listmount"),
	/* keys, memory and rings that have their own history */
	NO("add_key"), NO("request_key"), NO("keyctl"), NO("userfaultfd"),
	NO("memfd_secret"), NO("io_uring_setup"), NO("io_uring_enter"),
	NO("io_uring_register"), NO("vmsplice"), NO("remap_file_pages"),
	NO("map_shadow_stack"), NO("mseal"),
	/* one limit for the whole host */
	NO("io_setup"), NO("io_destroy"), NO("io_getevents"), NO("io_submit"),
	NO("io_cancel"), NO("io_pgetevents"), NO("sync"), NO("syncfs"),
	/* the kernel itself, its watching and its log */
	NO("bpf"), NO("perf_event_open"), NO("init_module"), NO("finit_module"),
	NO("delete_module"), NO("kexec_load"), NO("kexec_file_load"), NO("reboot"),
	NO("syslog"), NO("acct"), NO("swapon"), NO("swapoff"), NO("quotactl"),
	NO("quotactl_fd"), NO("fanotify_init"), NO("fanotify_mark"),
	NO("name_to_handle_at"), NO("open_by_handle_at"), NO("lookup_dcookie"),
	NO("cachestat"), NO("vhangup"), NO("lsm_get_self_attr"), NO("lsm_set_self_attr"),
	NO("lsm_list_modules"),
	/* the clock, the name, the ids: set before the start */
	NO("settimeofday"), NO("clock_settime"), NO("clock_adjtime"), NO("adjtimex"),
	NO("sethostname"), NO("setdomainname"), NO("setuid"), NO("setgid"),
	NO("setreuid"), NO("setregid"),
	NO("setfsuid"), NO("setfsgid"), NO("setgroups"), NO("capset"),
	/* placement on the host's nodes, disks and processors */
	NO("mbind"), NO("set_mempolicy"), NO("get_mempolicy"), NO("migrate_pages"),
	NO("move_pages"), NO("set_mempolicy_home_node"), NO("ioprio_set"),
	NO("ioprio_get"), NO("sched_setattr"),
	/* ports, segments, and what only a 32-bit program has */
	NO("iopl"), NO("ioperm"), NO("modify_ldt"), NO("set_thread_area"),
	NO("get_thread_area"), NO("uretprobe"),
	/* by path and at: newer spellings of what is above, not yet asked for */
	NO("setxattrat"), NO("getxattrat"), NO("listxattrat"), NO("removexattrat"),
	NO("file_getattr"), NO("file_setattr"),
	/* long gone */
	NO("uselib"), NO("ustat"), NO("sysfs"), NO("_sysctl"), NO("create_module"),
	NO("get_kernel_syms"), NO("query_module"), NO("nfsservctl"), NO("getpmsg"),
	NO("putpmsg"), NO("afs_syscall"), NO("tuxcall"), NO("security"),
	NO("vserver"), NO("epoll_ctl_old"), NO("epoll_wait_old"),
	{ 0 },
};
/* clang-format on */

bool
bnd_call_known(struct bnd_str name)
{
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++)
		if (!strncmp(c->name, name.p, name.len) &&
		    c->name[name.len] == '\0')
			return true;
	return false;
}
