#!/bin/bash
# layers.t: the tree keeps its rules, and tests/layers sees a departure from each
. "${0%/*}/../tap.sh"
layers=$BND_TREE/tests/layers

run "$layers"
ok "the tree departs nowhere" status 0
ok "and nothing is said" is "$out" ""

# plant PATH: a tree with one more file of the given lines; layers looks at it.
plant() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/tests" "$T/tree/lib" "$T/tree/cmd" "$T/tree/pam"
	printf '%s\n' '0 low' '1 high' >"$T/tree/tests/ranks"
	printf '/* %s: a promise */\n/* SPDX-License-Identifier: ISC */\n' low.h >"$T/tree/lib/low.h"
	printf '/* %s: a promise */\n/* SPDX-License-Identifier: ISC */\n' high.h >"$T/tree/lib/high.h"
	printf '/* %s: a promise */\n/* SPDX-License-Identifier: ISC */\n#include <sodium.h>\n#include "low.h"\n' \
	    cmd.c >"$T/tree/cmd/cmd.c"
	{
		printf '/* %s: a promise */\n/* SPDX-License-Identifier: ISC */\n' "${1##*/}"
		cat
	} >"$T/tree/$1"
	run "$layers" "$T/tree"
}
own='#include "low.h"'

plant lib/low.c <<<"$own"
ok "control: a good file" is "$status $out" "0 "
plant lib/low.c <<<"$own
/* exit( printf( \"high.h\" */ const char *bnd_x = \"system(\";"
ok "control: words in comments and strings are free" is "$status $out" "0 "

refused() {
	ok "$1" status 1
	ok "... and says why" like "$out" "$2"
}
plant lib/low.c <<<"$own
#include \"high.h\""
refused "an upward include" 'rank 0 includes high.h of rank 1'
plant lib/other.c <<<'#include "other.h"'
refused "a module without a rank" 'no rank'
plant lib/low.c <<<'#include <stdio.h>'
refused "own header not first" 'own header'
plant lib/low.c <<<"$own
#include <sodium.h>"
refused "a second file with the same library" 'more than one file'
plant lib/high.h <<<'#include <libmnl/libmnl.h>'
refused "a library's types in a header" 'in a header'
for call in 'exit(1);' 'abort();' 'printf("x");' 'fputs("x", stderr);' 'puts("x");' 'x = getenv("X");' \
    'y = secure_getenv("X");' 'strcpy(a, b);' 'sprintf(a, "x");' 'n = atoi(a);' 'system("ls");' 'popen("ls", "r");' 'wordexp(a, &w, 0);' \
    'execvp(a, b);' 'execl("/bin/sh", "sh", "-c", a, NULL);' 'posix_spawnp(&p, a, 0, 0, b, c);'; do
	plant lib/low.c <<<"$own
void bnd_x(void) { $call }"
	refused "$call in lib" 'lib/low.c:4:'
done
for call in 'syscall(39);' 'prctl(38, 1, 0, 0, 0);' 'ioctl(fd, 0x5412, &c);' 'kill(pid, 9);' 'fcntl(fd, 4, 0);' \
    'fcntl(dup(0), 2, 1);' 'setns(fd, 0x20000000);' 'unshare(0x20000);' 'signal(15, f);' 'x = CAP_KILL | 040;'; do
	plant cmd/x.c <<<"void x(void) { $call }"
	refused "$call" 'a number that has a name'
done
plant cmd/x.c <<<'void x(void) { prctl(PR_SET_DUMPABLE, 0); kill(pid, SIGTERM); kill(pid, 0); a[7] = f(x, 12); }'
ok "control: names, and 0 for none" is "$status $out" "0 "
plant lib/low.c <<<"$own
int
bnd_low(void)
{
}"
refused "a function that nothing calls" 'nothing calls bnd_low'
echo $'void\nx(void)\n{\n\tbnd_low();\n}' >>"$T/tree/cmd/cmd.c"
run "$layers" "$T/tree"
ok "control: one that something calls" is "$status $out" "0 "
for word in TODO FIXME XXX; do
	plant lib/low.c <<<"$own
/* $word: later */"
	refused "$word" 'not finished'
done
plant pam/pam_x.c <<<'void bnd_x(void) { exit(1); }'
refused "exit in pam" 'do not exit'
plant cmd/secret.c <<<'void bnd_x(void) { (void)memcmp(a, b, 3); }'
refused "a comparison of secrets that stops early" 'compared by bnd_same'
plant cmd/secret.c <<<'void bnd_x(void) { (void)bnd_same(a, b, 3); }'
ok "control: bnd_same is free" is "$status $out" "0 "
plant cmd/x.c <<<'void bnd_x(void) { exit(1); printf("x"); }'
ok "control: commands may exit and print" is "$status $out" "0 "
plant cmd/x.c <<<'void bnd_x(void) { strcat(a, b); }'
refused "strcat in a command" 'banned'
plant cmd/x.c < <(echo 'void'; echo 'x(void)'; echo '{'; for i in {1..60}; do echo "	x$i();"; done; echo '}')
ok "control: a function of 60 lines" is "$status $out" "0 "
plant cmd/x.c < <(echo 'void'; echo 'x(void)'; echo '{'; for i in {1..61}; do echo "	x$i();"; done; echo '}')
refused "one of 61" 'a function of 61 lines'
plant cmd/x.c <<<"/* $(printf '%0100d' 0) */"
refused "more than 100 columns" '100 columns'
plant lib/low.c <<<"$own"
sed -i 1d "$T/tree/lib/low.c"
run "$layers" "$T/tree"
refused "a file without its promise" 'promise'
tap_done
