/* box-fault.c: stand-in for lib/box-fault.c: one step of a start goes wrong */
/* SPDX-License-Identifier: ISC */
/*
 * /run/.bnd-test-fault holds "STAGE STEP WHAT": WHAT is skip (it is not done and
 * nobody says so), fail (EIO), stall (for ever) or die (of whoever takes it).
 * Read once, by the supervisor: its children have no such file.
 *
 * Whoever leaves by exit() adds to /run/.bnd-test-left, a line each: where its
 * descriptors lead, and whether it has a child that nobody waited for.
 */
#include "box-fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAULT "/run/.bnd-test-fault"
#define LEFT  "/run/.bnd-test-left"

static struct {
	bool read;
	char stage[16], what[8];
	unsigned step;
} fault;

static void
read_fault(void)
{
	FILE *f = fopen(FAULT, "re");

	fault.read = true;
	if (f == NULL)
		return;
	if (fscanf(f, "%15s %u %7s", fault.stage, &fault.step, fault.what) != 3)
		fault.stage[0] = '\0';
	fclose(f);
}

/* A signal it sends itself does not reach pid 1; a trap does. */
_Noreturn static void
die(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (getpid() != 1)
		raise(SIGKILL);
	__builtin_trap();
}

enum bnd_step_fault
bnd_box_fault(enum bnd_box_stage s, unsigned step)
{
	if (!fault.read)
		read_fault();
	if (strcmp(fault.stage, bnd_box_stage_word(s)) != 0 ||
	    fault.step != step)
		return BND_FAULT_NONE;
	if (strcmp(fault.what, "skip") == 0)
		return BND_FAULT_SKIP;
	if (strcmp(fault.what, "die") == 0)
		die();
	while (strcmp(fault.what, "stall") == 0)
		pause();
	return BND_FAULT_FAIL;
}

__attribute__((destructor)) static void
tell_what_is_left(void)
{
	siginfo_t si;
	bool child = waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 ||
	    errno != ECHILD;
	FILE *f = fopen(LEFT, "ae");

	if (f == NULL)
		return;
	for (int fd = 3; fd < 1024; fd++) {
		char name[32], to[200];
		ssize_t n;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		n = readlink(name, to, sizeof(to));
		if (n > 0 && fd != fileno(f))
			fprintf(f, "%.*s\n", (int)n, to);
	}
	fprintf(f, "%s\n", child ? "a child" : "no child");
	fclose(f);
}
