/* box-result.c: one reason, one status, one line whatever the bytes */
/* SPDX-License-Identifier: ISC */
#include "box-result.h"

#include "json-read.h"
#include "tap.h"

static struct bnd_box_result r;
static char buf[65536];
static size_t len;

static void
make(enum bnd_box_reason reason)
{
	memset(&r, 0, sizeof(r));
	strcpy(r.id, "0123456789abcdef0123456789abcdef");
	r.mode = BND_TRUSTED;
	strcpy(r.profile, "judge");
	strcpy(r.argv0, "/bin/x");
	r.reason = reason;
}

static void
test_status(void)
{
	static const struct {
		enum bnd_box_reason reason;
		const char *word;
		int status;
	} all[] = {
		{ BND_WHY_EXITED, "exited", 7 },
		{ BND_WHY_SIGNALED, "signaled", 128 + 11 },
		{ BND_WHY_SECCOMP, "seccomp-kill", 128 + 11 },
		{ BND_WHY_WALL, "wall-limit", 124 },
		{ BND_WHY_CPU, "cpu-limit", 124 },
		{ BND_WHY_IDLE, "idle-limit", 124 },
		{ BND_WHY_MEMORY, "memory-limit", 124 },
		{ BND_WHY_OUTPUT, "output-limit", 124 },
		{ BND_WHY_MODE, "mode-change", 124 },
		{ BND_WHY_CANCELLED, "cancelled", 128 + 11 },
		{ BND_WHY_EXEC, "exec-error", 126 },
		{ BND_WHY_REFUSED, "refused", 125 },
		{ BND_WHY_SETUP, "setup-error", 125 },
		{ BND_WHY_SETUP_TIME, "setup-timeout", 125 },
		{ BND_WHY_STUCK, "kill-stuck", 125 },
		{ BND_WHY_INTERNAL, "internal-error", 125 },
		{ BND_WHY_NONE, "none", 125 },
	};

	is_int(sizeof(all) / sizeof(all[0]), BND_WHYS, "every reason");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		make(all[i].reason);
		r.exit_code = 7;
		r.signal = 11;
		r.errnum = EACCES;
		is_str(bnd_box_reason_word(r.reason), all[i].word, "word");
		is_int(bnd_box_exit(&r), all[i].status, "%s", all[i].word);
	}
	make(BND_WHY_SECCOMP);
	r.signal = SIGSYS;
	is_int(bnd_box_exit(&r), 159, "SIGSYS");
	make(BND_WHY_EXEC);
	r.errnum = ENOENT;
	is_int(bnd_box_exit(&r), 127, "no such program");
	r.interpreter = true;
	is_int(bnd_box_exit(&r), 126, "no such interpreter");
	make((enum bnd_box_reason)BND_WHYS);
	is_int(bnd_box_exit(&r), 125, "no such reason");
	is_str(bnd_box_reason_word(r.reason), "none", "nor a word for it");
}

static struct bnd_str
member(const char *key)
{
	struct bnd_str v = { "", 0 };

	(void)bnd_json_get((struct bnd_str){ buf, len - 1 }, key, &v);
	return v;
}

static bool
has(const char *key, const char *value)
{
	struct bnd_str v = member(key);
	bool same = bnd_str_is(v, value);

	if (!same)
		printf("# %s is %.*s\n", key, (int)v.len, v.p);
	return same;
}

static void
test_json(void)
{
	make(BND_WHY_EXITED);
	r.ended = r.started = true;
	r.exit_code = 3;
	r.wall_ms = 12;
	r.used.has_cpu = true;
	r.used.cpu_us = 5999;
	r.narrowed[BND_BOX_MEM] = true;
	ok(bnd_box_result_json(&r, buf, sizeof(buf), &len), "it fits");
	ok(buf[len - 1] == '\n' && strchr(buf, '\n') == buf + len - 1,
	    "one line, whole");
	ok(has("v", "1"), "version");
	ok(has("reason", "\"exited\""), "reason");
	ok(has("exit_code", "3"), "code");
	ok(has("signal", "null"), "no signal");
	ok(has("status", "3"), "status");
	ok(has("wall_ms", "12"), "time");
	ok(has("cpu_ms", "5"), "CPU");
	ok(has("mem_peak", "null"), "no counter is null, not 0");
	ok(has("narrowed", "[\"mem\"]"), "narrowed");
	ok(has("enforced", "null"), "nothing was read back, nothing is said");
	ok(has("output", "\"complete\""), "output");
	ok(has("policy", "null"), "no policy yet");
	ok(has("cleanup", "\"ok\""), "cleanup");
	r.truncated = true;
	r.out_lost = 5;
	ok(bnd_box_result_json(&r, buf, sizeof(buf), &len) &&
		has("output", "\"truncated\""),
	    "truncated");
	r.truncated = false;
	ok(bnd_box_result_json(&r, buf, sizeof(buf), &len) &&
		has("output", "\"lost\""),
	    "lost");
	make(BND_WHY_WALL);
	ok(bnd_box_result_json(&r, buf, sizeof(buf), &len) &&
		has("exit_code", "null"),
	    "an end that was not seen has no code");
}

/* The name of the command and of the profile are anybody's. */
static void
test_hostile(void)
{
	make(BND_WHY_EXEC);
	for (size_t i = 0; i < sizeof(r.argv0) - 1; i++)
		r.argv0[i] = (char)(i + 1);
	memset(r.profile, '"', sizeof(r.profile) - 1);
	memset(r.detail, 0xff, sizeof(r.detail) - 1);
	memset(r.missing, '\\', sizeof(r.missing) - 1);
	ok(bnd_box_result_json(&r, buf, sizeof(buf), &len), "it fits");
	ok(strspn(buf,
	       " !\"#$%&'()*+,-./0123456789:;<=>?@"
	       "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
	       "abcdefghijklmnopqrstuvwxyz{|}~") == len - 1,
	    "every byte is printable");
	ok(member("argv0").len > 0, "and it is JSON");
	ok(!bnd_box_result_json(&r, buf, 600, &len), "never cut");
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len), "meta");
	ok(strstr(buf, "\ndetail:\\xff") != NULL, "spelled out there");
	ok(!bnd_box_result_meta(&r, buf, 40, &len), "nor is that cut");
}

static void
test_meta(void)
{
	make(BND_WHY_EXITED);
	r.ended = r.started = true;
	r.wall_ms = 1234;
	r.used.has_cpu = r.used.has_mem = true;
	r.used.cpu_us = 56789;
	r.used.mem_peak = 3 << 20;
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len), "it fits");
	is_str(buf, "time:0.056\ntime-wall:1.234\ncg-mem:3072\nexitcode:0\n",
	    "success has no status");
	r.exit_code = 2;
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len) &&
		strstr(buf, "\nexitcode:2\nstatus:RE\n") != NULL,
	    "an exit code");
	make(BND_WHY_WALL);
	r.signal = 9;
	r.killed = r.ended = true;
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len) &&
		strstr(buf, "exitsig:9\nkilled:1\nstatus:TO\n") != NULL,
	    "a limit");
	make(BND_WHY_SETUP);
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len) &&
		strstr(buf, "status:XX\nmessage:setup-error\n") != NULL,
	    "trouble of ours");
	make(BND_WHY_MEMORY);
	r.used.has_oom = true;
	r.used.oom_kill = 1;
	ok(bnd_box_result_meta(&r, buf, sizeof(buf), &len) &&
		strstr(buf, "cg-oom-killed:1\n") != NULL,
	    "memory");
}

int
main(void)
{
	test_status();
	test_json();
	test_hostile();
	test_meta();
	return tap_done();
}
