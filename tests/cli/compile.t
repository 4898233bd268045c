#!/bin/bash
# compile.t: what the compiler and the formatter are asked to refuse, they refuse
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
[[ $BND_BUILD == */release ]] || skip_kernel_all "the flags of the release build are looked at"
cd "$BND_TREE" || bail "no tree"

# ---- the flags ----

# As the makefile would compile lib/err.c with WERROR=1, but another file.
mapfile -t words < <(env -u MAKEFLAGS -u MAKELEVEL make -n V=1 WERROR=1 CC="${CC:-gcc}" O="$T/b" "$T/b/lib/err.o" |
    sed -n '/ -c -o /{s/-MMD -MP//; s/ -c -o .*//; p}' | tail -n 1 | xargs -n 1)
ok "there is a command that compiles" test "${#words[@]}" -gt 30
compiles() {
	{
		printf '%s\n' '#include "err.h"' 'int bnd_x(int n, struct bnd_err *err) BND_CHECK;' 'int bnd_y(int n);'
		cat
	} >"$T/x.c"
	run "${words[@]}" -c -o "$T/x.o" "$T/x.c"
}
refused() {
	ok "$1: refused" isnt "$status" 0
	ok "$1: as what it is" like "$err" "$2"
}
compiles <<<'int bnd_y(int n) { return bnd_x(n, 0); }'
ok "control: a good one compiles: $err" status 0
compiles <<<'int bnd_y(int n) { bnd_x(n, 0); return n; }'
refused "a result that nobody looks at" 'unused-result'
compiles <<<'int bnd_y(int n) { (void)bnd_x(n, 0); return n; }'
[[ $(${CC:-gcc} --version) == *clang* ]] || refused "or only says not to" 'unused-result'
compiles <<<'int bnd_y(int n) { { int n = 3; return n; } }'
refused "a name that hides another" 'shadow'
compiles <<<'static int z(void) { return 1; } int bnd_y(int n) { return n; }'
refused "a function that nothing calls" 'unused-function'
compiles <<<'int bnd_y(int n) { int m = n; return 1; }'
refused "a variable that nothing reads" 'unused-variable'
compiles <<<'int bnd_y(int n) { return 1; }'
refused "an argument that nothing reads" 'unused-parameter'
compiles <<<'int bnd_z(int n) { return n; }'
refused "a function that no header has" 'missing-prototypes'
compiles <<<'int bnd_y(int n) { char v[n]; return (int)sizeof(v); }'
refused "an array as large as asked for" 'vla'
ok "and the regular run compiles so" grep -qE '^gcc\(\)|WERROR=1 tests' .ci/run

# ---- what can fail must be looked at ----

# Prototypes that take an error to fill, give something back, and may be ignored.
# Those of bnd_fail's kind give back -1; the sockets are tried for in each pass.
ignorable() {
	awk 'FNR == 1 { buf = "" }
	/^(#|\/\*| \*|})/ { next }
	/^[a-z].*\(/ || buf != "" {
		buf = buf " " $0
		if (buf ~ /;/) {
			if (buf ~ /[^t] struct bnd_err \*|\(struct bnd_err \*/ && buf !~ /BND_CHECK|typedef|^ (static )?(inline )?void [a-z]/)
				print buf
			buf = ""
		}
	}' "$@" | grep -oE '[a-z_0-9]+\(' | grep -vxE '(bnd_fail|bnd_fail_errno|bnd_box_fail_looser|bnd_lex_complain|bnd_lex_too_long|bnd_job_sockets)\('
}
printf '%s\n' 'int bnd_a(int n, struct bnd_err *err) BND_CHECK;' 'void bnd_b(struct bnd_err *err);' \
    'int bnd_c(const struct bnd_err *err);' 'int bnd_d(' '    int n, struct bnd_err *err);' >"$T/x.h"
ok "control: one that may be ignored is seen, and no other" is "$(ignorable "$T/x.h")" 'bnd_d('
ok "no function that can fail may be ignored" is "$(ignorable lib/*.h | xargs)" ''
ok "control: there are such" test "$(grep -c BND_CHECK lib/*.h | awk -F: '{ n += $2 } END { print n }')" -gt 300

# ---- the formatter ----

if ! command -v clang-format >/dev/null; then
	skip "the formatter" "no clang-format"
	tap_done
fi
run env -u MAKEFLAGS -u MAKELEVEL make -s lint-format
ok "every source is as the formatter has it: $(head -n 1 <<<"$err")" status 0
run env -u MAKEFLAGS -u MAKELEVEL make -n -s lint
ok "which the regular run looks at, too" like "$out" 'clang-format --dry-run -Werror .*lib/err\.c .*lib/err\.h .*tests/unit/err\.c'
cp .clang-format "$T/"
sed '0,/^\t/s/^\t/        /' lib/err.c >"$T/x.c"
run clang-format --dry-run -Werror "$T/x.c"
ok "control: one that drifted is seen" isnt "$status" 0
tap_done
