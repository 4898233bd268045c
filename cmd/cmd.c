/* cmd.c: the voice of every command */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

#define MESSAGE_LEN 1024

const char *cmd_prog = "bnd";

/* A file opened as descriptor 1 would get our output written into it. */
static void
open_standard_fds(void)
{
	/* The lowest that is free is the one that is missing. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)!open("/dev/null", O_RDWR);
}

void
cmd_start(const char *prog)
{
	cmd_prog = prog;
	open_standard_fds();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* A parent that ignores its children would hide the fate of ours. */
	signal(SIGCHLD, SIG_DFL);
	setlocale(LC_ALL, "C");
	umask(077);
}

void
cmd_lift_limits(void)
{
	static const struct {
		int what;
		rlim_t least;
	} limits[] = {
		{ RLIMIT_AS, RLIM_INFINITY },
		{ RLIMIT_CPU, RLIM_INFINITY },
		{ RLIMIT_DATA, RLIM_INFINITY },
		{ RLIMIT_FSIZE, RLIM_INFINITY },
		{ RLIMIT_NOFILE, 256 },
		{ RLIMIT_STACK, 8 << 20 },
	};
	struct rlimit l, more;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (getrlimit(limits[i].what, &l) != 0 ||
		    l.rlim_cur >= limits[i].least)
			continue;
		more.rlim_cur = limits[i].least;
		more.rlim_max =
		    l.rlim_max > more.rlim_cur ? l.rlim_max : more.rlim_cur;
		l.rlim_cur = l.rlim_max;
		/* Without CAP_SYS_RESOURCE only up to the hard limit. */
		if (setrlimit(limits[i].what, &more) != 0)
			(void)setrlimit(limits[i].what, &l);
	}
}

int
cmd_keep_secrets(struct bnd_err *err)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return bnd_fail_errno(err, "cannot keep secrets out of cores");
	/* Under a limit the memory of a derivation would be refused. */
	if (setrlimit(RLIMIT_MEMLOCK, &all) == 0)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	return 0;
}

void
cmd_warn(const char *fmt, ...)
{
	char text[MESSAGE_LEN], shown[MESSAGE_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bnd_text_show(
	    (struct bnd_str){ text, strlen(text) }, shown, sizeof(shown));
	fprintf(stderr, "%s: %s\n", cmd_prog, shown);
}

void
cmd_warn_err(const struct bnd_err *err)
{
	cmd_warn("%s", err->text);
}

int
cmd_fail(const struct bnd_err *err)
{
	cmd_warn_err(err);
	return bnd_kind_exit(err->kind);
}

int
cmd_root(struct bnd_root *root, const char *dir, struct bnd_err *err)
{
	if (dir != NULL && getauxval(AT_SECURE) != 0)
		return bnd_fail(err, BND_E_DENIED,
		    "--root is refused to a program with raised privilege");
	return bnd_root_open(root, dir, err);
}

bool
cmd_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && isatty(fileno(f));
}

int
cmd_put_json(struct bnd_json *j, int status)
{
	if (!bnd_json_end(j)) {
		cmd_warn("the answer is too long");
		return 2;
	}
	printf("%s\n", j->buf);
	return status;
}

int
cmd_end(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	cmd_warn("cannot write the output: %m");
	return status != 0 ? status : 2;
}
