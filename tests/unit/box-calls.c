/* box-calls.c: every system call is a decision, and none contradicts another */
/* SPDX-License-Identifier: ISC */
#include "box-calls.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static uint32_t
groups_of(const char *name)
{
	uint32_t g = 0;

	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++)
		if (!strcmp(c->name, name))
			g |= c->groups;
	return g;
}

/* What this libseccomp knows and the table does not: somebody has to think. */
static void
complete(void)
{
	unsigned missing = 0, n = 0;

	for (int nr = 0; nr < 1024; nr++) {
		char *name =
		    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

		if (name == NULL)
			continue;
		n++;
		if (!bnd_call_known(str(name))) {
			diag("%s (%d) is in no group, and not said to be", name,
			    nr);
			missing++;
		}
		free(name);
	}
	ok(missing == 0 && n > 300,
	    "all %u calls of libseccomp are in the table", n);
}

static void
numbers(void)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < bnd_call_nrs_n; i++) {
		const char *name = bnd_calls[bnd_call_nrs[i].row].name;

		wrong +=
		    seccomp_syscall_resolve_name(name) != bnd_call_nrs[i].nr;
		wrong += i > 0 && bnd_call_nrs[i - 1].nr > bnd_call_nrs[i].nr;
	}
	ok(wrong == 0 && bnd_call_nrs_n > 400 &&
		bnd_call_nrs_n <= BND_CALL_NRS_MAX,
	    "the build's %zu numbers are libseccomp's, in order",
	    bnd_call_nrs_n);
}

static bool
overlap(const struct bnd_call *a, const struct bnd_call *b)
{
	return a != b && !strcmp(a->name, b->name) &&
	    (a->groups & b->groups) != 0 &&
	    (a->wx == 0 || b->wx == 0 || (a->wx & b->wx) != 0);
}

/* One row of a name free and another with tests: the tests would be for show. */
static void
consistent(void)
{
	unsigned bad = 0;

	for (const struct bnd_call *a = bnd_calls; a->name != NULL; a++) {
		bool ended = false;

		for (const struct bnd_call *b = bnd_calls; b->name != NULL; b++)
			if ((overlap(a, b) &&
				a->test[0].kind == BND_CALL_ANY) ||
			    (a != b && !strcmp(a->name, b->name) &&
				(a->groups == 0 || b->groups == 0))) {
				diag("%s: its rows contradict each other",
				    a->name);
				bad++;
			}
		bad += (a->groups & ~(uint32_t)BND_CALLS_ALL) != 0;
		for (unsigned i = 0; i < BND_CALL_TESTS; i++) {
			const struct bnd_call_test *t = &a->test[i];

			if (t->kind == BND_CALL_ANY) {
				ended = true;
				continue;
			}
			bad += ended || t->arg > 5 ||
			    (t->kind != BND_CALL_NULL &&
				(t->mask == 0 || (t->value & ~t->mask) != 0));
			for (unsigned j = 0; j < i; j++)
				bad += a->test[j].arg == t->arg;
			if (bad > 0 && ended)
				diag("%s: a test after the last", a->name);
		}
	}
	is_int(bad, 0, "no row contradicts another or asks what cannot be");
}

/* In no group, by name: whoever puts one there changes this. */
static void
never(void)
{
	static const char *const names[] = { "add_key", "request_key", "keyctl",
		"io_uring_setup", "io_uring_enter", "io_uring_register",
		"userfaultfd", "bpf", "perf_event_open", "ptrace",
		"process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
		"process_madvise", "mount", "umount2", "pivot_root",
		"open_tree", "move_mount", "fsopen", "fsconfig", "fsmount",
		"fspick", "mount_setattr", "setns", "unshare", "chroot",
		"init_module", "finit_module", "delete_module", "create_module",
		"query_module", "kexec_load", "kexec_file_load", "quotactl",
		"quotactl_fd", "open_by_handle_at", "name_to_handle_at",
		"memfd_secret", "settimeofday", "clock_settime",
		"clock_adjtime", "adjtimex", "swapon", "swapoff", "syslog",
		"seccomp", "clone3", "openat2", "iopl", "ioperm", "modify_ldt",
		"lookup_dcookie", "reboot", "acct", "fanotify_init", "setuid",
		"setgid", "setgroups", "setreuid", "setfsuid", "capset",
		"vmsplice", "sethostname", "vhangup", "io_setup" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(bnd_call_known(str(names[i])) && groups_of(names[i]) == 0,
		    "%s is in no group", names[i]);
}

/* What a program of its kind cannot do without, and nothing of it elsewhere. */
static void
apart(void)
{
	static const struct {
		const char *name;
		uint32_t groups;
	} t[] = {
		{ "read", BND_CALLS_BASE },
		{ "execve", BND_CALLS_BASE },
		{ "exit_group", BND_CALLS_BASE },
		{ "futex", BND_CALLS_BASE },
		{ "open", BND_CALLS_FILE },
		{ "openat", BND_CALLS_FILE },
		{ "chmod", BND_CALLS_FILE },
		{ "fork", BND_CALLS_PROC },
		{ "kill", BND_CALLS_PROC },
		{ "clone", BND_CALLS_PROC | BND_CALLS_THREAD },
		{ "socket", BND_CALLS_NET | BND_CALLS_UNIX },
		{ "connect", BND_CALLS_NET | BND_CALLS_UNIX },
		{ "bind", BND_CALLS_NET | BND_CALLS_UNIX },
		{ "sendmmsg", BND_CALLS_NET | BND_CALLS_UNIX },
		{ "socketpair",
		    BND_CALLS_PROC | BND_CALLS_NET | BND_CALLS_UNIX },
		{ "shmget", BND_CALLS_IPC },
		{ "mq_open", BND_CALLS_IPC },
		{ "ioctl",
		    BND_CALLS_BASE | BND_CALLS_FILE | BND_CALLS_NET |
			BND_CALLS_TTY },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		is_int(groups_of(t[i].name), t[i].groups,
		    "%s is where it belongs", t[i].name);
}

/* ---- sbx-profile(5), SYSTEM CALLS ------------------------------------------ */

static char page[128 << 10];

/* The section, blanks and ends of lines alike. */
static void
read_page(void)
{
	const char *tree = getenv("BND_TREE");
	char path[4096], *from, *to;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/sbx-profile.5",
	    tree != NULL ? tree : ".");
	f = fopen(path, "r");
	if (f == NULL)
		bail("no man/sbx-profile.5");
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	page[n] = '\0';
	from = strstr(page, ".Sh SYSTEM CALLS\n");
	to = from != NULL ? strstr(from + 1, ".Sh ") : NULL;
	if (to == NULL)
		bail("no section of system calls");
	*to = '\0';
	memmove(page, from, (size_t)(to - from) + 1);
	for (char *c = page; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
}

static bool
listed(const struct bnd_call *c, uint32_t group)
{
	return group != 0 ? (c->groups & group) != 0 : c->groups == 0;
}

/* head, the names of a group in the table's order, tail. */
static void
has_list(const char *head, uint32_t group, const char *tail)
{
	static char want[16 << 10];
	size_t n = 0;

	n += (size_t)snprintf(want, sizeof(want), "%s", head);
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++) {
		const struct bnd_call *b = bnd_calls;

		while (b < c &&
		    (strcmp(b->name, c->name) != 0 || !listed(b, group)))
			b++;
		if (b == c && listed(c, group))
			n += (size_t)snprintf(
			    &want[n], sizeof(want) - n, " %s", c->name);
		if (n >= sizeof(want))
			bail("a group is too large");
	}
	snprintf(&want[n], sizeof(want) - n, " %s", tail);
	if (!ok(strstr(page, want) != NULL, "the page has the calls of %s",
		head))
		diag("%s", want);
}

/* Each call with tests is told, after .It Cm, and no other is. */
static void
has_arguments(void)
{
	char *at = strstr(page, "With these arguments alone:");
	char *end = strstr(page, "In no group:");
	unsigned bad = 0, told = 0;

	if (at == NULL || end == NULL)
		bail("no list of arguments");
	for (const struct bnd_call *c = bnd_calls; c->name != NULL; c++) {
		bool tests = c->test[0].kind != BND_CALL_ANY, here = false;
		char word[64];

		snprintf(word, sizeof(word), " %s ", c->name);
		for (char *i = at;
		     (i = strstr(i, ".It Cm ")) != NULL && i < end; i++) {
			const char *w = strstr(i + 6, word);
			const char *stop = strpbrk(i + 7, ".,;");

			/* Names, then the sentence: near the beginning. */
			here = here ||
			    (w != NULL && w - i < 64 &&
				(stop == NULL || w < stop));
		}
		told += tests && here;
		if (tests && !here && ++bad > 0)
			diag("the page does not tell the arguments of %s",
			    c->name);
	}
	ok(bad == 0 && told > 30, "the page tells which arguments are granted");
}

static void
manual(void)
{
	static const char *const head[] = { ".It Cm @base", ".It Cm @file",
		".It Cm @proc", ".It Cm @thread", ".It Cm @net", ".It Cm @unix",
		".It Cm @ipc", ".It Cm @tty" };

	read_page();
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		has_list(head[i], UINT32_C(1) << i, i < 7 ? ".It" : ".El");
	has_list(".Bd -filled -offset indent", 0, ".Ed");
	has_arguments();
}

int
main(void)
{
	complete();
	numbers();
	consistent();
	never();
	apart();
	manual();
	return tap_done();
}
