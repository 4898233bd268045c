/* box-payload.c: the payload, from its clone to execve */
/* SPDX-License-Identifier: ISC */
#include "box-payload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box-creds.h"
#include "box-fds.h"
#include "box-land.h"

#define FAILED	 125
#define PATH_LEN 4096

/* A session of its own has no controlling terminal. */
static int
session(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_box_said(setsid(), note);
}

/* Before the capabilities go: its proof needs one. */
static int
landlock(struct bnd_box_child *c, struct bnd_box_note *note)
{
	int r = bnd_land_restrict(c->job, note);

	c->land = (int)note->value;
	return r;
}

static int
ids(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_creds_ids(c->job->uid, c->job->gid), note);
}

static int
strip(struct bnd_box_child *c, struct bnd_box_note *note)
{
	(void)c;
	return bnd_box_said(bnd_creds_strip(), note);
}

static int
fds(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_fds_of_payload(c->job), note);
}

/* As the payload: a directory it may not enter is no place to begin. */
static int
cwd(struct bnd_box_child *c, struct bnd_box_note *note)
{
	umask(022);
	return bnd_box_said(chdir(c->job->cwd), note);
}

/*
 * The supervisor ignores SIGPIPE and SIGXFSZ, its caller whatever he likes, and
 * what it reads from a signalfd is blocked.  Two belong to the kernel; all
 * others begin as in the beginning, also the two that the C library keeps for
 * itself and that whoever uses posix_spawn() hands down ignored: so the bare
 * call, whose structure of zeros is the default disposition.  A personality is
 * handed down like them, and with it where memory lies and what is in its page 0.
 */
static int
signals(struct bnd_box_child *c, struct bnd_box_note *note)
{
	static const uint64_t dfl[8];
	static const struct timespec now;
	sigset_t none, all;

	(void)c;
	(void)personality(PER_LINUX);
	sigemptyset(&none);
	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &now) > 0)
		continue; /* sent to the caller's group, before it left that */
	for (int sig = 1; sig < NSIG; sig++)
		(void)!syscall(SYS_rt_sigaction, sig, dfl, NULL, NSIG / 8);
	return bnd_box_said(sigprocmask(SIG_SETMASK, &none, NULL), note);
}

static int
filter(struct bnd_box_child *c, struct bnd_box_note *note)
{
	return bnd_box_said(bnd_creds_filter(&c->job->filter), note);
}

const struct bnd_box_step bnd_box_payload_steps[] = {
	{ BND_STAGE_CREDS, 0, "begin a session", session, 0, 0, 0,
	    BND_HAS_SESSION },
	{ BND_STAGE_LANDLOCK, 0, "enter a Landlock domain", landlock,
	    BND_HAS_CAPS | BND_HAS_ROOT | BND_HAS_NO_NEW, 0, 0, BND_HAS_LAND },
	{ BND_STAGE_CREDS, 1, "take the payload's ids", ids,
	    BND_HAS_CAPS | BND_HAS_ROOT, BND_HAS_OWN_ID, 0, BND_HAS_OWN_ID },
	{ BND_STAGE_CREDS, 2, "drop capabilities", strip,
	    BND_HAS_CAPS | BND_HAS_BOUND | BND_HAS_OWN_ID, 0, BND_HAS_CAPS,
	    BND_HAS_PLAIN },
	{ BND_STAGE_FDS, 0, "place the descriptors", fds, BND_HAS_PLAIN, 0, 0,
	    BND_HAS_FDS },
	{ BND_STAGE_CHDIR, 0, "enter the directory", cwd,
	    BND_HAS_PLAIN | BND_HAS_ROOT, 0, 0, BND_HAS_CWD },
	{ BND_STAGE_CHDIR, 1, "reset signals and personality", signals, 0, 0, 0,
	    0 },
	{ BND_STAGE_SECCOMP, 0, "load the filter", filter,
	    BND_HAS_SESSION | BND_HAS_LAND | BND_HAS_PLAIN | BND_HAS_FDS |
		BND_HAS_CWD | BND_HAS_NO_NEW,
	    BND_HAS_CAPS | BND_HAS_FILTER, 0, BND_HAS_FILTER },
	{ 0 },
};

/* execve(2)'s types; it changes neither list nor strings. */
static int
exec(const char *path, const struct bnd_box_job *job)
{
	union {
		const char *const *ours;
		char *const *theirs;
	} argv = { .ours = job->argv }, envp = { .ours = job->envp };

	return execve(path, argv.theirs, envp.theirs);
}

/* ENOENT of a file that is there is its interpreter's. */
static uint32_t
is_there(const char *path)
{
	int saved = errno;
	bool there = saved == ENOENT && faccessat(AT_FDCWD, path, F_OK, 0) == 0;

	errno = saved;
	return there;
}

static const char *
path_of(const struct bnd_box_job *job)
{
	for (size_t i = 0; job->envp[i] != NULL; i++) {
		if (strncmp(job->envp[i], "PATH=", 5) == 0)
			return job->envp[i] + 5;
	}
	return "";
}

/* The first name along PATH that is not missing; errno and arg say why not. */
static void
exec_along(const struct bnd_box_job *job, uint32_t *arg)
{
	const char *file = job->argv[0], *dir, *end;
	char path[PATH_LEN];
	size_t len = strlen(file), n;
	int why = ENOENT;

	for (dir = path_of(job); *dir != '\0'; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		n = (size_t)(end - dir);
		/* An empty entry would be the directory it stands in. */
		if (*dir != '/' || n + len + 2 > sizeof(path))
			continue;
		memcpy(mempcpy(mempcpy(path, dir, n), "/", 1), file, len + 1);
		exec(path, job);
		*arg = is_there(path);
		if (*arg != 0 ||
		    (errno != ENOENT && errno != ENOTDIR && errno != EACCES))
			return;
		why = errno == EACCES ? EACCES : why;
	}
	errno = why;
}

_Noreturn void
bnd_box_payload(struct bnd_box_child *c)
{
	const struct bnd_box_job *job = c->job;
	struct bnd_box_note note = { .stage = BND_STAGE_EXEC };
	char byte;

	c->slot = 1;
	bnd_box_walk(bnd_box_payload_steps, c);
	note.value = c->land;
	if (bnd_box_tell(job->status, BND_NOTE_READY, &note) != 0 ||
	    read(job->go, &byte, 1) != 1)
		_exit(FAILED);
	if (strchr(job->argv[0], '/') != NULL) {
		exec(job->argv[0], job);
		note.arg = is_there(job->argv[0]);
	} else {
		exec_along(job, &note.arg);
	}
	note.errnum = errno;
	note.value = 0;
	(void)bnd_box_tell(job->go, BND_NOTE_FAILED, &note);
	_exit(FAILED);
}
