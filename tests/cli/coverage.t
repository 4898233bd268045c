#!/bin/bash
# coverage.t: a public function that no test calls turns make coverage red
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
command -v gcov >/dev/null || skip_all "no gcov"

# A tree of one module: one function that is called, one that is not, one inline.
mkdir -p "$T/tree/lib" "$T/build/lib"
cat >"$T/tree/lib/low.h" <<'EOT'
static inline int bnd_low_half(int n) { return n / 2; }
int bnd_low_used(int n);
int bnd_low_unused(int n);
EOT
cat >"$T/tree/lib/low.c" <<'EOT'
#include "low.h"
int
bnd_low_used(int n)
{
	return bnd_low_half(n);
}
int
bnd_low_unused(int n)
{
	return n + 1;
}
int
main(int c, char **v)
{
	(void)v;
	return c > 1 ? bnd_low_unused(c) : bnd_low_used(c);
}
EOT
: >"$T/none"
(cd "$T/tree" && ${CC:-cc} --coverage -Ilib -c -o "$T/build/lib/low.o" lib/low.c &&
    ${CC:-cc} --coverage -o "$T/low" "$T/build/lib/low.o") || skip_all "no --coverage here"
judge() {
	"$T/low" "${@:2}"
	run env BND_TREE="$T/tree" "$BND_TREE/tests/coverage" "$T/build" "$T/$1"
}
judge none
ok "a function that nothing called is red" status 1
ok "and named" is "$(grep -v ' % ' <<<"$out")" 'coverage: nothing calls bnd_low_unused()'
run env BND_TREE="$T/tree" "$BND_TREE/tests/coverage" "$T/build"
ok "without a list only lines are told" is "$status $(grep -c ' % ' <<<"$out")" "0 2"
echo 'bnd_low_unused root/x.t' >"$T/list"
judge list
ok "one that cannot be counted is listed" status 0
echo 'bnd_low_gone root/x.t' >>"$T/list"
judge list
ok "a list that has aged is red" like "$status $out" '1 .*there is no bnd_low_gone'
judge none more
ok "control: called, all is well" is "$status $(grep -v ' % ' <<<"$out")" "0 "

# What the list of this tree says of itself.
while read -r f tests; do
	[[ $f == bnd_* ]] || continue
	grep -qw "$f" "$BND_TREE"/lib/*.h || echo "no $f"
	for t in $tests; do [[ -x $BND_TREE/tests/$t ]] || echo "$f: no test $t"; done
	[[ $tests ]] || echo "$f: no test"
done <"$BND_TREE/tests/data/uncounted" >"$T/aged"
ok "each that is listed is there, with a test that shows it" is "$(cat "$T/aged")" ''

# A floor of a file.
mkdir -p "$T/tree/tests"
floor() {
	printf '%s\n' '# head' "$@" >"$T/tree/tests/FLOORS"
	run env BND_TREE="$T/tree" "$BND_TREE/tests/coverage" "$T/build"
}
run env BND_TREE="$T/tree" "$BND_TREE/tests/coverage" "$T/build"
share=$(sed -n 's/^coverage: lib\/low\.c *\([0-9]*\)\..*/\1/p' <<<"$out" | head -n 1)
floor "lib/low.c $share"
ok "control: a file at its floor is green" status 0
floor "lib/low.c $((share + 1))"
ok "one below it is red" status 1
ok "and named" like "$out" "lib/low.c is below its floor of $((share + 1)) %: $share"
floor "lib/gone.c 10"
ok "so is one that is not there" like "$status $out" '^1 .*lib/gone.c is below its floor of 10 %: not there'
ok "each floor is of a file there is" is \
    "$(grep -vE '^(#|$)' "$BND_TREE/tests/FLOORS" | while read -r f _; do [[ -e $BND_TREE/$f ]] || echo "$f"; done)" ''
ok "and there are floors" test "$(grep -cvE '^(#|$)' "$BND_TREE/tests/FLOORS")" -gt 40
tap_done
