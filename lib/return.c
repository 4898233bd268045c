/* return.c: who brings a bounded loosening back when its time is over */
/* SPDX-License-Identifier: ISC */
#include "return.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "proc.h"
#include "scope.h"
#include "text.h"

#define SYSTEMD	    "run/systemd/system" /* as sd_booted(3) */
#define SYSTEMD_RUN "/usr/bin/systemd-run"
#define DEADLINE_MS 5000
#define SEEN_MAX    32
#define US	    UINT64_C(1000000)

static bool
has_systemd(const struct bnd_root *root)
{
	struct bnd_err err = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, SYSTEMD, O_PATH | O_DIRECTORY, 0, &err);

	return fd >= 0;
}

static int
is_watched(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[SEEN_MAX];
	struct bnd_str text = { buf, 0 };
	struct bnd_err why = { 0 };
	struct bnd_now now;
	uint64_t seen = 0;

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	if (bnd_file_read(root, BND_RETURN_SEEN, 0022, buf, sizeof(buf),
		&text.len, &why) == 0 &&
	    bnd_text_u64(text, UINT64_MAX / 2, &seen) && seen <= now.boot_us &&
	    now.boot_us - seen <= BND_RETURN_FRESH_S * US)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "nobody would bring it back: no systemd to set a timer, and no "
	    "mode-set --check has run in the last %d s",
	    BND_RETURN_FRESH_S);
}

int
bnd_return_can(const struct bnd_root *root, struct bnd_err *err)
{
	if (!has_systemd(root))
		return is_watched(root, err);
	if (access(SYSTEMD_RUN, X_OK) != 0)
		return bnd_fail_errno(
		    err, "nobody would bring it back: %s", SYSTEMD_RUN);
	return 0;
}

/*
 * The check acts on what is over by then and on nothing else, so a timer that
 * outlives its loosening does no harm.  The second more keeps it from coming
 * before the end that the record will name.
 */
static int
set_timer(uint64_t for_s, struct bnd_err *err)
{
	static const char mode_set[] = BND_SBIN "/mode-set";
	char when[48];
	const char *const argv[] = { "systemd-run", "--quiet", "--collect",
		when, "--timer-property=AccuracySec=100ms",
		"--property=SuccessExitStatus=1 11",
		"--description=End of a bounded loosening", "--", mode_set,
		"--check", NULL };
	char out[256];
	struct bnd_proc p = { .path = SYSTEMD_RUN,
		.argv = argv,
		.deadline_ms = DEADLINE_MS,
		.out = out,
		.out_size = sizeof(out) };

	(void)snprintf(
	    when, sizeof(when), "--on-active=%" PRIu64 "s", for_s + 1);
	if (bnd_proc_run(&p, err) != 0)
		return -1;
	if (p.status == 0 && !p.timed_out)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "no timer to bring it back: %s: %.120s", SYSTEMD_RUN,
	    p.timed_out ? "no answer" : p.errtext);
}

int
bnd_return_arm(const struct bnd_root *root, uint64_t for_s, struct bnd_err *err)
{
	return has_systemd(root) ? set_timer(for_s, err)
				 : is_watched(root, err);
}

int
bnd_return_seen(const struct bnd_root *root, struct bnd_err *err)
{
	char text[SEEN_MAX];
	struct bnd_now now;
	int n;

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	n = snprintf(text, sizeof(text), "%" PRIu64, now.boot_us);
	return bnd_file_replace(
	    root, BND_RETURN_SEEN, text, (size_t)n, 0644, err);
}
