/* tap.h: plain C that speaks TAP; every test includes it once */
/* SPDX-License-Identifier: ISC */
/*
 * A test is a main that calls ok(), is_int(), is_str(), is_mem() and ends with
 * `return tap_done();`.  What is missing is said with skip_all() or skip(),
 * before anything ran or in place of one line.
 *
 * With BND_MUST_RUN in the environment a skip is a bail-out, as the regular
 * run is made where everything can be had; skip_kernel_all() and skip_kernel()
 * are for what the kernel or the hardware lacks and stay skips.
 *
 * A test that ran to its end without a failure appends its name to
 * $BND_BUILD/ran, which tests/invariants joins with tests/INVARIANTS.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	unsigned count;
	unsigned failed;
	unsigned skipped;
} tap;

/* Say "ok N - what"; true if it was. */
__attribute__((format(printf, 5, 6), unused)) static bool
tap_ok(bool good, const char *file, int line, const char *expr, const char *fmt,
    ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++tap.count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (!good) {
		tap.failed++;
		printf("# %s:%d: %s\n", file, line, expr);
	}
	fflush(stdout);
	/*
	 * tests/mutants asks for no more than red.  The group is this test's
	 * own (tests/prove); a child left over would hold its output open.
	 */
	if (!good && getenv("BND_TAP_STOP"))
		kill(0, SIGKILL);
	return good;
}

/* ok(expr, fmt, ...) */
#define ok(expr, ...) tap_ok(!!(expr), __FILE__, __LINE__, #expr, __VA_ARGS__)

/* is_int(got, want, fmt, ...) */
#define is_int(got, want, ...)                                              \
	do {                                                                \
		long long tap_g = (long long)(got);                         \
		long long tap_w = (long long)(want);                        \
		if (!tap_ok(tap_g == tap_w, __FILE__, __LINE__, #got,       \
			__VA_ARGS__))                                       \
			printf("#  got %lld\n# want %lld\n", tap_g, tap_w); \
	} while (0)

/* is_str(got, want, fmt, ...); NULL is a value of its own */
#define is_str(got, want, ...)                                                \
	do {                                                                  \
		const char *tap_g = (got);                                    \
		const char *tap_w = (want);                                   \
		bool tap_same =                                               \
		    tap_g && tap_w ? !strcmp(tap_g, tap_w) : tap_g == tap_w;  \
		if (!tap_ok(tap_same, __FILE__, __LINE__, #got, __VA_ARGS__)) \
			tap_diff(tap_g, tap_w);                               \
	} while (0)

/* is_mem(got, want, size, fmt, ...) */
#define is_mem(got, want, size, ...)                                     \
	tap_ok(!memcmp((got), (want), (size)), __FILE__, __LINE__, #got, \
	    __VA_ARGS__)

__attribute__((unused)) static void
tap_diff(const char *got, const char *want)
{
	printf("#  got %s\n# want %s\n", got ? got : "(null)",
	    want ? want : "(null)");
	fflush(stdout);
}

__attribute__((format(printf, 1, 2), unused)) static void
diag(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

__attribute__((noreturn, unused)) static void
bail(const char *why)
{
	printf("Bail out! %s\n", why);
	fflush(stdout);
	exit(255);
}

/* "…tests/unit/text.c" ran: "unit/text", with " # SKIP why" if it was skipped */
__attribute__((unused)) static void
tap_ran(const char *file, const char *mark, const char *skipped)
{
	const char *dir = getenv("BND_BUILD");
	const char *at = strstr(file, "tests/");
	const char *name = at ? at + strlen("tests/") : file;
	const char *dot = strrchr(name, '.');
	int len = dot ? (int)(dot - name) : (int)strlen(name);
	char path[4096], line[512];
	int fd, n;

	if (dir == NULL)
		return;
	if (len < 0 || len > 150)
		bail("the name of the test is too long");
	n = snprintf(path, sizeof(path), "%s/ran", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		bail("BND_BUILD is too long");
	n = snprintf(line, sizeof(line), "%.*s%s%.300s\n", len, name,
	    skipped ? mark : "", skipped ? skipped : "");
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		bail("cannot write $BND_BUILD/ran");
	close(fd);
}

__attribute__((noreturn, unused)) static void
tap_skip_all(const char *file, const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	fflush(stdout);
	if (file != NULL)
		tap_ran(file, " # SKIP ", reason);
	exit(0);
}

#define skip_kernel_all(reason) tap_skip_all(__FILE__, (reason))

__attribute__((noreturn, unused)) static void
skip_all(const char *reason)
{
	if (getenv("BND_MUST_RUN"))
		bail(reason);
	tap_skip_all(NULL, reason);
}

__attribute__((unused)) static void
tap_skip(const char *file, const char *what, const char *reason, bool kernel)
{
	char said[300];

	if (!kernel && getenv("BND_MUST_RUN"))
		bail(reason);
	printf("ok %u - %s # SKIP %s\n", ++tap.count, what, reason);
	tap.skipped++;
	fflush(stdout);
	(void)snprintf(said, sizeof(said), "%s: %s", what, reason);
	tap_ran(file, " # skip ", said);
}

#define skip_kernel(what, reason) tap_skip(__FILE__, (what), (reason), true)
#define skip(what, reason)	  tap_skip(__FILE__, (what), (reason), false)

/* Print the plan; the exit status of the test. */
__attribute__((unused)) static int
tap_end(const char *file)
{
	printf("1..%u\n", tap.count);
	if (fflush(stdout) != 0 || tap.failed > 0)
		return 1;
	if (tap.count == 0) {
		printf("# nothing was tested\n");
		return 1;
	}
	tap_ran(file, " # SKIP ", tap.skipped < tap.count ? NULL : "all of it");
	return 0;
}

#define tap_done() tap_end(__FILE__)

#endif
