/* who.c: who it is, and who it can become */
/* SPDX-License-Identifier: ISC */
/*
 *	who		ids, capabilities, no_new_privs, filter, namespaces, clocks
 *	who become	setuid(0) and everything like it, each told
 *	who stay	the first, then as stay
 */
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>

#include "payload.h"

static void
status(void)
{
	static const char *const want[] = { "Uid:", "Gid:", "Groups:", "Cap",
		"NoNewPrivs:", "Seccomp:", "SigBlk:", "SigIgn:", NULL };
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		for (int i = 0; want[i] != NULL; i++)
			if (strncmp(line, want[i], strlen(want[i])) == 0)
				fputs(line, stdout);
	if (f != NULL)
		fclose(f);
}

static void
clocks(void)
{
	struct timespec t;
	struct sysinfo info;
	struct utsname name;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("monotonic: %ld\n", (long)t.tv_sec);
	clock_gettime(CLOCK_BOOTTIME, &t);
	printf("boottime: %ld\n", (long)t.tv_sec);
	if (sysinfo(&info) == 0)
		printf("uptime: %ld\n", info.uptime);
	if (uname(&name) == 0)
		printf("node: %s\n", name.nodename);
}

static void
namespaces(void)
{
	static const char *const ns[] = { "user", "mnt", "pid", "net", "ipc",
		"uts", "cgroup", "time", NULL };
	char path[64], to[64];

	for (int i = 0; ns[i] != NULL; i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns[i]);
		ssize_t n = readlink(path, to, sizeof(to) - 1);
		to[n < 0 ? 0 : n] = '\0';
		printf("ns %s\n", to);
	}
}

static void
become(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { 0x200000, 0x200000, 0 } };
	gid_t none[1] = { 0 };

	close(open("/tmp/mine", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	told("chown", chown("/tmp/mine", 0, 0));
	told("give away", chown("/tmp/mine", 1234, (gid_t)-1));
	told("setuid 0", setuid(0));
	told("setreuid 0", setreuid(0, 0));
	told("setgid 0", setgid(0));
	told("setgroups", syscall(SYS_setgroups, 1, none));
	setfsuid(0);
	printf("fsuid: %d\n", setfsuid((uid_t)-1));
	told("capset", syscall(SYS_capset, &h, d));
	told("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0));
	told("bound", prctl(PR_CAPBSET_READ, 21, 0, 0, 0));
	told("securebits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	printf("euid: %d\n", (int)geteuid());
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);

	if (args[0] != NULL && strcmp(args[0], "become") == 0) {
		become();
		return 0;
	}
	printf("pid: %d\n", (int)getpid());
	status();
	namespaces();
	clocks();
	if (args[0] != NULL)
		payload_ready();
	return 0;
}
