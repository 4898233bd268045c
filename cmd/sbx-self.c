/* sbx-self.c: --selftest: the same attempts, outside and inside */
/* SPDX-License-Identifier: ISC */
/*
 * sbx-probe is run twice: as it is, which shows that an attempt can work on this
 * host, and in a sandbox.  One that fails outside, too, shows nothing and is
 * called unproven, not contained.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "json.h"
#include "pen.h"
#include "sbx-run.h"
#include "scope.h"
#include "sign.h"
#include "text.h"

#define PROBE	  BND_LIBEXEC "/sbx-probe"
#define RUN_MS	  20000
#define OUT_MAX	  4096
#define WORD	  32
#define JSON_MAX  8192
/* No number that a process inside could have as well. */
#define PID_LEAST 200

static const struct {
	const char *name, *what;
} probes[] = {
	{ "shadow", "read /etc/shadow" },
	{ "etc", "make a directory in /etc" },
	{ "see", "look at a process of the host" },
	{ "signal", "signal it" },
	{ "trace", "trace it" },
	{ "memory", "read its memory" },
	{ "enter", "enter its network namespace" },
	{ "descriptor", "read a descriptor left open" },
	{ "environment", "read a secret in the environment" },
	{ "core", "open core_pattern for writing" },
	{ "symbols", "read the kernel's symbols" },
	{ "device", "make a device node" },
	{ "root", "become uid 0" },
	{ "setuid", "make a set-uid file" },
	{ "userns", "make a user namespace" },
	{ "mountns", "make a mount namespace" },
	{ "chroot", "change the root directory" },
	{ "abstract", "reach the host's abstract socket" },
	{ "loopback", "reach the host's 127.0.0.1" },
	{ "packet", "open a packet socket" },
	{ "key", "add a key to the kernel" },
	{ "uring", "make an io_uring" },
	{ "foreign", "call by i386 numbers" },
};

#define PROBES (sizeof(probes) / sizeof(probes[0]))

struct answers {
	char word[PROBES][WORD]; /* empty: it did not say */
};

/* What the attempts are at. */
struct bait {
	char nonce[33];
	pid_t process;
	int file, abstract, loopback;
	uint16_t port;
	char secret; /* what process_vm_readv would read */
};

/* ---- what there is to be reached ---- */

/* A sleeping child whose number is none of a small pid namespace. */
static int
make_process(struct bait *b, struct bnd_err *err)
{
	do {
		b->process = fork();
		if (b->process == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (getpid() >= PID_LEAST)
				pause();
			_exit(0);
		}
		if (b->process < 0)
			return bnd_fail_errno(err, "cannot fork");
		if (b->process < PID_LEAST)
			(void)waitpid(b->process, NULL, 0);
	} while (b->process < PID_LEAST);
	return 0;
}

static int
make_sockets(struct bait *b, struct bnd_err *err)
{
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	struct sockaddr_in i = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(i);

	memcpy(u.sun_path + 1, b->nonce, sizeof(b->nonce) - 1);
	b->abstract = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	b->loopback = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->abstract < 0 ||
	    bind(b->abstract, (const struct sockaddr *)&u,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    sizeof(b->nonce))) != 0 ||
	    listen(b->abstract, 8) != 0)
		return bnd_fail_errno(err, "cannot make an abstract socket");
	if (b->loopback < 0 ||
	    bind(b->loopback, (const struct sockaddr *)&i, sizeof(i)) != 0 ||
	    listen(b->loopback, 8) != 0 ||
	    getsockname(b->loopback, (struct sockaddr *)&i, &len) != 0)
		return bnd_fail_errno(err, "cannot listen on 127.0.0.1");
	b->port = ntohs(i.sin_port);
	return 0;
}

static int
lay_bait(struct bait *b, struct bnd_err *err)
{
	uint8_t bin[16];

	bnd_random(bin, sizeof(bin));
	bnd_text_to_hex(bin, sizeof(bin), b->nonce);
	/* On purpose without O_CLOEXEC: it is what a caller forgets. */
	b->file = open("/etc/passwd", O_RDONLY | O_NOFOLLOW);
	if (b->file < 0)
		return bnd_fail_errno(err, "cannot open /etc/passwd");
	if (make_sockets(b, err) == -1)
		return -1;
	return make_process(b, err);
}

static void
take_bait(struct bait *b)
{
	if (b->process > 0) {
		(void)kill(b->process, SIGKILL);
		(void)waitpid(b->process, NULL, 0);
	}
	bnd_close_fd(&b->file);
	bnd_close_fd(&b->abstract);
	bnd_close_fd(&b->loopback);
}

/* ---- a run of the probe ---- */

_Noreturn static void
become(const struct bait *b, const char *profile, bool inside, int out)
{
	char pid[16], at[24], fd[16], port[16];
	const char *argv[16] = { NULL };
	const char *envp[] = { "BND_PROBE_SECRET=bait", NULL };
	size_t n = 0;
	union {
		const char **ours;
		char **theirs;
	} u = { .ours = argv }, e = { .ours = envp };

	(void)snprintf(pid, sizeof(pid), "%d", (int)b->process);
	(void)snprintf(at, sizeof(at), "%" PRIxPTR, (uintptr_t)&b->secret);
	(void)snprintf(fd, sizeof(fd), "%d", b->file);
	(void)snprintf(port, sizeof(port), "%u", (unsigned)b->port);
	if (inside) {
		argv[n++] = cmd_prog;
		if (profile != NULL) {
			argv[n++] = "--profile";
			argv[n++] = profile;
		}
		argv[n++] = "--";
	}
	argv[n++] = PROBE;
	argv[n++] = b->nonce;
	argv[n++] = pid;
	argv[n++] = at;
	argv[n++] = fd;
	argv[n] = port;
	if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO)
		execve(inside ? "/proc/self/exe" : PROBE, u.theirs, e.theirs);
	_exit(127);
}

/* Until end of file, or it is too late. */
static int
drain(int fd, char *buf, size_t *len)
{
	uint64_t end = bnd_clock_ms() + RUN_MS, now;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = 1;

	*len = 0;
	while (n > 0 && *len < OUT_MAX) {
		now = bnd_clock_ms();
		if (now >= end || poll(&p, 1, (int)(end - now)) <= 0)
			return -1;
		n = read(fd, buf + *len, OUT_MAX - *len);
		*len += n > 0 ? (size_t)n : 0;
	}
	return n == 0 ? 0 : -1;
}

static void
take_answer(struct bnd_str line, struct answers *a)
{
	struct bnd_str name, word;

	if (!bnd_text_word(&line, &name) || !bnd_text_word(&line, &word))
		return;
	for (size_t i = 0; i < PROBES; i++)
		if (bnd_str_is(name, probes[i].name))
			(void)bnd_str_copy(word, a->word[i], WORD);
}

/* It says the nonce first, or it did not run. */
static int
read_answers(const struct bait *b, struct bnd_str text, const char *where,
    struct answers *a, struct bnd_err *err)
{
	struct bnd_str line;
	bool whole;

	*a = (struct answers){ 0 };
	if (!bnd_text_line(&text, &line, &whole) || !bnd_str_is(line, b->nonce))
		return bnd_fail(err, BND_E_SYS, PROBE " did not run %s", where);
	while (bnd_text_line(&text, &line, &whole))
		take_answer(line, a);
	for (size_t i = 0; i < PROBES; i++)
		if (a->word[i][0] == '\0')
			return bnd_fail(err, BND_E_SYS,
			    PROBE " ended early %s: no word on %s", where,
			    probes[i].name);
	return 0;
}

static int
run_probe(const struct bait *b, const char *profile, bool inside,
    struct answers *a, struct bnd_err *err)
{
	const char *where = inside ? "inside" : "outside";
	char buf[OUT_MAX];
	size_t len;
	int pipes[2], rc;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return bnd_fail_errno(err, "cannot make a pipe");
	pid = fork();
	if (pid == 0)
		become(b, profile, inside, pipes[1]);
	close(pipes[1]);
	rc = pid < 0 ? -1 : drain(pipes[0], buf, &len);
	close(pipes[0]);
	if (pid > 0 && rc == -1)
		(void)kill(pid, SIGKILL);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	if (rc == -1)
		return bnd_fail(err, BND_E_SYS, PROBE " did not end %s", where);
	return read_answers(b, (struct bnd_str){ buf, len }, where, a, err);
}

/* ---- what it came to ---- */

static bool
works(const char *word)
{
	return strcmp(word, "ok") == 0;
}

static const char *
verdict_of(const struct answers *out, const struct answers *in, size_t i)
{
	if (works(in->word[i]))
		return "ESCAPED";
	return works(out->word[i]) ? "contained" : "unproven";
}

static unsigned
count(const struct answers *out, const struct answers *in, const char *verdict)
{
	unsigned n = 0;

	for (size_t i = 0; i < PROBES; i++)
		n += strcmp(verdict_of(out, in, i), verdict) == 0;
	return n;
}

static int
print_json(const struct answers *out, const struct answers *in, int status)
{
	char buf[JSON_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "probes", PROBES);
	bnd_json_int(&j, "contained", count(out, in, "contained"));
	bnd_json_int(&j, "escaped", count(out, in, "ESCAPED"));
	bnd_json_int(&j, "unproven", count(out, in, "unproven"));
	bnd_json_open(&j, "probe", '[');
	for (size_t i = 0; i < PROBES; i++) {
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "name", probes[i].name);
		bnd_json_str(&j, "what", probes[i].what);
		bnd_json_str(&j, "outside", out->word[i]);
		bnd_json_str(&j, "inside", in->word[i]);
		bnd_json_str(&j, "verdict", verdict_of(out, in, i));
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

static enum ink
ink_of(const char *verdict)
{
	if (strcmp(verdict, "contained") == 0)
		return INK_GOOD;
	return strcmp(verdict, "ESCAPED") == 0 ? INK_BAD : INK_WARN;
}

static void
print_table(const struct answers *out, const struct answers *in)
{
	struct pen pen = pen_take();

	printf("%-34s %-14s %-14s\n", "", "outside", "inside");
	for (size_t i = 0; i < PROBES; i++) {
		const char *v = verdict_of(out, in, i);

		printf("%-34s %-14s %-14s ", probes[i].what, out->word[i],
		    in->word[i]);
		pen_write(&pen, ink_of(v), v, (int)strlen(v));
		printf("\n");
	}
	printf("%zu attempts: %u contained, %u escaped, %u unproven here\n",
	    PROBES, count(out, in, "contained"), count(out, in, "ESCAPED"),
	    count(out, in, "unproven"));
}

static int
try_all(const struct bait *b, const struct opt_args *args, struct bnd_err *err)
{
	struct answers out, in;
	int status;

	if (run_probe(b, NULL, false, &out, err) == -1 ||
	    run_probe(b, args->value[SBX_ID_PROFILE], true, &in, err) == -1)
		return cmd_fail(err);
	status =
	    count(&out, &in, "ESCAPED") > 0 ? bnd_kind_exit(BND_E_DENIED) : 0;
	if (args->seen[OPT_ID_JSON])
		return print_json(&out, &in, status);
	if (!args->seen[OPT_ID_QUIET])
		print_table(&out, &in);
	return status;
}

int
sbx_selftest(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	struct bait b = { .process = -1,
		.file = -1,
		.abstract = -1,
		.loopback = -1,
		.secret = 's' };
	int status;

	if (!root->real) {
		(void)bnd_fail(err, BND_E_INPUT,
		    "sandboxes run on the real root only (without -R)");
		return cmd_fail(err);
	}
	status =
	    lay_bait(&b, err) == 0 ? try_all(&b, args, err) : cmd_fail(err);
	take_bait(&b);
	return status;
}
