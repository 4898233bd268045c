/* box-key.c: every key of a policy, a row each; parser and page follow it */
/* SPDX-License-Identifier: ISC */
#include "box-key.h"

#define W(...)                    \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define FLOORS (BND_PLACE_FLOOR | BND_PLACE_TEXT)
#define LIMITS (FLOORS | BND_PLACE_PROFILE | BND_PLACE_OPTION)
#define OWN    (BND_PLACE_PROFILE | BND_PLACE_OPTION | BND_PLACE_TEXT)

#define MIN(k, n, u, l, v, h)                                      \
	{                                                          \
		.key = BND_BOX_##k, .name = (n), .places = LIMITS, \
		.lattice = BND_LATTICE_MIN, .unit = BND_UNIT_##u,  \
		.least = (l), .value = (v), .help = (h)            \
	}
#define MAX(k, n, u, l, p, v, h)                                  \
	{                                                         \
		.key = BND_BOX_##k, .name = (n), .places = (p),   \
		.lattice = BND_LATTICE_MAX, .unit = BND_UNIT_##u, \
		.least = (l), .value = (v), .help = (h)           \
	}
#define ORDER(k, n, p, w, v, h)                                           \
	{                                                                 \
		.key = BND_BOX_##k, .name = (n), .places = (p),           \
		.lattice = BND_LATTICE_ORDER, .words = (w), .value = (v), \
		.help = (h)                                               \
	}
#define SET(k, n, l, s, v, h)                                         \
	{                                                             \
		.key = BND_BOX_##k, .name = (n), .places = LIMITS,    \
		.lattice = BND_LATTICE_##l, .set = (s), .value = (v), \
		.help = (h)                                           \
	}
#define AT(field) offsetof(struct bnd_box_policy, field)

const struct bnd_box_keydef bnd_box_keys[] = {
	{ .key = BND_BOX_VERSION,
	    .name = "version",
	    .places = BND_PLACE_PROFILE | FLOORS,
	    .value = "1",
	    .help = "of this grammar" },
	{ .key = BND_BOX_BASE,
	    .name = "base",
	    .places = BND_PLACE_PROFILE,
	    .value = "NAME",
	    .help = "the profile this one tightens" },
	MIN(MEM, "mem", BYTES, 4 << 20, "SIZE|max", "memory of the whole tree"),
	MIN(SWAP, "swap", BYTES, 0, "SIZE|max", "swap beside it"),
	MIN(PIDS, "pids", COUNT, 1, "N|max", "processes and threads"),
	MIN(CPU, "cpu", CPU, 1, "N%|max", "100% is one processor"),
	MIN(TIME, "time", MS, 1, "SPAN|max", "processor time of the tree"),
	MIN(WALL, "wall", MS, 1, "SPAN|max", "time that passes"),
	MIN(IDLE, "idle", MS, 1, "SPAN|max", "time without processor use"),
	MIN(GRACE, "grace", MS, 0, "SPAN", "between SIGTERM and SIGKILL"),
	MIN(SETUP, "setup", MS, 1, "SPAN", "until the command runs"),
	MIN(OUT, "out", BYTES, 0, "SIZE|max", "output on 1 and 2 together"),
	MIN(TMP, "tmp", BYTES, 64 << 10, "SIZE FILES",
	    "/tmp, /var/tmp and /dev/shm together"),
	MIN(FSIZE, "fsize", BYTES, 0, "SIZE|max", "of one file"),
	MIN(NOFILE, "nofile", COUNT, 8, "N|max", "open files of a process"),
	MAX(LANDLOCK, "landlock", COUNT, 1, LIMITS, "N",
	    "Landlock ABI at least"),
	MAX(MODE_MIN, "mode-min", MODE, BND_OPEN, OWN, "MODE",
	    "runs in this mode and stricter ones only"),
	ORDER(NET, "net", LIMITS, W("none", "loop", "allow"), "none|loop|allow",
	    "network"),
	ORDER(PROC, "proc", LIMITS, W("none", "pid"), "none|pid", "/proc"),
	ORDER(STDIN, "stdin", LIMITS, W("null", "pipe", "any"), "null|pipe|any",
	    "what may be descriptor 0"),
	ORDER(WX, "wx", LIMITS, W("none", "mem", "all"), "none|mem|all",
	    "what may be writable and executable"),
	ORDER(OUT_OVER, "out-over", LIMITS, W("kill", "truncate"),
	    "kill|truncate", "at more output than out"),
	ORDER(ON_TIGHTEN, "on-tighten", LIMITS, W("kill", "freeze"),
	    "kill|freeze", "when the mode no longer allows it"),
	ORDER(LOG, "log", LIMITS, W("all", "none"), "all|none",
	    "start and end in the event log"),
	ORDER(PROFILES, "profiles", FLOORS, W("system", "any"), "system|any",
	    "whose profiles"),
	SET(SYSCALLS, "syscalls", SUBSET, 0, "@GROUP...",
	    "groups of system calls"),
	SET(DEV, "dev", SUBSET, AT(dev), "NODE...|none", "nodes in /dev"),
	SET(FDS_KEY, "fds", SUBSET, 0, "N...|none",
	    "descriptors beside 0, 1 and 2"),
	SET(PASS_ENV, "pass-env", SUBSET, AT(pass_env), "NAME...|none",
	    "variables of the caller's"),
	SET(ALLOW, "allow", SUBSET, AT(allow), "HOST:PORT...|none",
	    "what net allow reaches"),
	SET(DENY, "deny", SUPERSET, AT(deny), "CALL...|none",
	    "system calls taken out of the groups"),
	SET(HIDE, "hide", SUPERSET, AT(hide), "PATH...|none",
	    "no bind shows one of these"),
	SET(PROTECT, "protect", SUPERSET, AT(protect), "PATH|NAME...|none",
	    "no writable bind holds one of these"),
	{ .key = BND_BOX_BIND,
	    .name = "bind",
	    .lattice = BND_LATTICE_MAP,
	    .places = OWN,
	    .repeats = true,
	    .value = "RIGHTS SOURCE [PATH]",
	    .help = "what of the host is shown, and where" },
	{ .key = BND_BOX_ENV,
	    .name = "env",
	    .places = OWN,
	    .repeats = true,
	    .value = "NAME=VALUE",
	    .help = "a variable" },
	{ .key = BND_BOX_CWD,
	    .name = "cwd",
	    .places = OWN,
	    .value = "PATH",
	    .help = "where the command starts" },
	{ .key = BND_BOX_NONE },
};

const char *const bnd_box_groups[] = { "@base", "@file", "@proc", "@thread",
	"@net", "@unix", "@ipc", "@tty", NULL };

const struct bnd_box_keydef *
bnd_box_key_of(enum bnd_box_key key)
{
	return &bnd_box_keys[(int)key - (int)BND_BOX_VERSION];
}

const struct bnd_box_keydef *
bnd_box_key_named(struct bnd_str name)
{
	const struct bnd_box_keydef *k = bnd_box_keys;

	if (name.len == 0)
		return NULL;
	/* The first byte tells most apart. */
	while (k->key != BND_BOX_NONE &&
	    (k->name[0] != name.p[0] || !bnd_str_is(name, k->name)))
		k++;
	return k->key != BND_BOX_NONE ? k : NULL;
}

const struct bnd_text_unit *
bnd_box_suffixes(enum bnd_box_unit unit)
{
	static const struct bnd_text_unit bytes[] = { { "G", 1 << 30 },
		{ "M", 1 << 20 }, { "K", 1 << 10 }, { "", 1 }, { NULL, 0 } };
	static const struct bnd_text_unit ms[] = { { "d", 86400000 },
		{ "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
		{ NULL, 0 } };
	static const struct bnd_text_unit cpu[] = { { "%", 1 }, { NULL, 0 } };
	static const struct bnd_text_unit count[] = { { "", 1 }, { NULL, 0 } };

	switch (unit) {
	case BND_UNIT_BYTES:
		return bytes;
	case BND_UNIT_MS:
		return ms;
	case BND_UNIT_CPU:
		return cpu;
	case BND_UNIT_NONE:
	case BND_UNIT_COUNT:
	case BND_UNIT_MODE:
		break;
	}
	return count;
}

const struct bnd_box_names *
bnd_box_set_of(const struct bnd_box_policy *p, enum bnd_box_key key)
{
	size_t at = bnd_box_key_of(key)->set;

	return at != 0 ? (const void *)((const char *)p + at) : NULL;
}

struct bnd_box_names *
bnd_box_set(struct bnd_box_policy *p, enum bnd_box_key key)
{
	size_t at = bnd_box_key_of(key)->set;

	return at != 0 ? (void *)((char *)p + at) : NULL;
}
