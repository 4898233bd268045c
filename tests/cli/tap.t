#!/bin/bash
# tap.t: the harness turns red for a test that fails, dies, hangs or is not there
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
tests=$BND_TREE/tests
mkdir "$T/tests" "$T/build"

# A test of the given lines, below a tree of its own.
plant() {
	local file=$T/tests/$1.t
	{
		echo '#!/bin/bash'
		echo ". $tests/tap.sh"
		cat
	} >"$file"
	chmod +x "$file"
}
harness() {
	run env -u HARNESS_ACTIVE -u HARNESS_VERSION -u BND_MUST_RUN BND_TREE="$T" BND_BUILD="$T/build" \
	    TESTTIME=2 "${extra[@]}" "$tests/prove" "$T/tests/$1.t"
}
extra=(A=b)

plant good <<<'ok "fine" true; tap_done'
harness good
ok "control: a good test is green" status 0
ok "and is known to have run" grep -qx good.t "$T/build/ran"

plant fails <<<'ok "not fine" false; tap_done'
harness fails
ok "a failing test is red" isnt "$status" 0
plant later <<<'ok "not fine" false; ok "fine" true; tap_done'
harness later
ok "also when it ends well" isnt "$status" 0
plant dies <<<'ok "fine" true; exit 0'
harness dies
ok "one that ends before tap_done is red" isnt "$status" 0
plant unset <<<'ok "fine" true; echo "$nothing_of_that_name"; tap_done'
harness unset
ok "one that uses what is not set is red" isnt "$status" 0
plant empty <<<'tap_done'
harness empty
ok "one that tests nothing is red" isnt "$status" 0
plant hangs <<<'ok "fine" true; sleep 60; tap_done'
harness hangs
ok "one that hangs is red" isnt "$status" 0
harness absent
ok "one that is not there is red" isnt "$status" 0
printf 'ok "fine" true; tap_done' | plant inert
chmod -x "$T/tests/inert.t"
harness inert
ok "one that cannot be executed is red" isnt "$status" 0

plant skips <<<'skip_all "no moon"'
harness skips
ok "control: a skip is green" status 0
ok "with its reason" like "$out" 'no moon'
extra=(BND_MUST_RUN=1)
harness skips
ok "with BND_MUST_RUN it is red" isnt "$status" 0
plant kernel <<<'skip_kernel_all "no such kernel"'
harness kernel
ok "but for what the kernel lacks" status 0
ok "no test but the good one is known to have run" is "$(grep -v SKIP "$T/build/ran")" good.t
ok "and the skip is told" grep -qx "kernel.t # SKIP no such kernel" "$T/build/ran"
plant two <<<'ok "fine" true; skip "a tide" "no moon"; skip_kernel "an ebb" "no sea"; tap_done'
harness two
ok "a line that is skipped is red there, too" isnt "$status" 0
extra=(A=b)
harness two
ok "control: and green otherwise" status 0
ok "each is told, with what it would have shown" is "$(grep '^two.t' "$T/build/ran" | tail -n 3)" \
    $'two.t # skip a tide: no moon\ntwo.t # skip an ebb: no sea\ntwo.t'

# The same for C.
cc_test() {
	{
		echo '#include "tap.h"'
		echo "int main(void) { $2 return tap_done(); }"
	} >"$T/tests/$1.c"
	${CC:-cc} -D_GNU_SOURCE -I"$tests" -o "$T/tests/$1.t" "$T/tests/$1.c" || bail "no compiler"
}
extra=(A=b)
cc_test cgood 'ok(1, "fine"); is_int(2, 2, "two"); is_str("a", "a", "a"); is_mem("a", "a", 1, "m");'
harness cgood
ok "C: a good test is green" status 0
ok "C: and is known to have run" grep -qx cgood "$T/build/ran"
cc_test cint 'is_int(1, 2, "one is two");'
harness cint
ok "C: a wrong number is red" isnt "$status" 0
cc_test cstr 'is_str("a", NULL, "a is nothing");'
harness cstr
ok "C: a wrong string is red" isnt "$status" 0
cc_test cdies 'ok(1, "fine"); exit(0);'
harness cdies
ok "C: ending before tap_done is red" isnt "$status" 0
cc_test cskip 'skip_all("no moon");'
harness cskip
ok "C: a skip is green" status 0
extra=(BND_MUST_RUN=1)
harness cskip
ok "C: with BND_MUST_RUN it is red" isnt "$status" 0
cc_test cline 'ok(1, "fine"); skip("a tide", "no moon");'
harness cline
ok "C: so is a line" isnt "$status" 0
extra=(A=b)
harness cline
ok "C: which is told" is "$(grep '^cline' "$T/build/ran" | tail -n 2)" $'cline # skip a tide: no moon\ncline'
tap_done
