#!/bin/bash
# mutants.t: a mutant that nothing sees, or that is none, is red
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
[[ $BND_BUILD == "$BND_TREE/build/release" ]] || skip_kernel_all "mutants are of the release build"
mkdir "$T/tables"

# The name is this process's own: two runs may meet.
name=test-$$
at_exit rm -rf "$BND_TREE/build/mutant-$name"
mutant() {
	printf '%s\n' "$1" >"$T/tables/area"
	run env -u BND_MUST_RUN MUTANT_DIR="$T/tables" JOBS=1 "$BND_TREE/tests/mutants"
}
mutant "$name | lib/lock.c | lock_by() 0 | unit/lock"
ok "control: a mutant that is seen is fine" status 0
mutant "$name | lib/lock.c | s/SPDX-License-Identifier/SPDX-Licence-Identifier/ | unit/lock"
ok "one that no test sees is red" status 1
ok "and named" like "$out" 'unit/lock does not see it'
mutant "$name | lib/lock.c | s/no such line// | unit/lock"
ok "a change that changes nothing is red" like "$status $out" '^1 .*changes nothing'
mutant "$name | lib/lock.c | s/^lock_by/gone_by/ | unit/lock"
ok "one that does not compile is red" like "$status $out" '^1 .*cannot be built'
mutant "$name | lib/lock.c | lock_by() 0 | unit/nothing-of-that-name"
ok "a test that is not there is red" status 1
mutant "$name | lib/lock.c | lock_by() 0 |"
ok "no test is red" status 1
mutant ""
ok "no mutants at all is red" status 1
all=$("$BND_TREE/tests/mutants" --list | wc -l)
half=$(SHARE=2 "$BND_TREE/tests/mutants" --list | wc -l)
ok "a share of two is half of $all" test "$half" -eq $(((all + 1) / 2))
tap_done
