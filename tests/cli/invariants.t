#!/bin/bash
# invariants.t: an id is shown by a test that ran, or the check is red
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
mkdir -p "$T/data" "$T/cli" "$T/unit"
printf '%s\n' S0-01 S0-02 XB-01 >"$T/data/ids"
: >"$T/cli/a.t"
: >"$T/unit/b.c"
echo 'cli/a.t 1' >"$T/SKIPS"

# judge RAN-LINES INVARIANTS-LINES [VARIABLE=VALUE]
judge() {
	printf '%b' "$1" >"$T/ran"
	printf '%b' "$2" >"$T/INVARIANTS"
	run env -u BND_MUST_RUN "${3:-A=b}" TESTS_DIR="$T" "$BND_TREE/tests/invariants" "$T/ran"
}
judge 'cli/a.t\nunit/b\n' '# head\nL01  unit/b\nS0-01  cli/a.t unit/b\nS0-02  unit/b\n'
ok "control: all ran" status 0
ok "and it is counted" like "$out" '2 of 3 ids and 1 others'
judge 'cli/a.t\n' 'S0-01  cli/a.t unit/b\n' BND_MUST_RUN=1
ok "one of two tests is enough" status 0
judge 'unit/b\n' 'S0-01  cli/a.t\n'
ok "a test that did not run is told" like "$out" 'S0-01 is not shown here'
judge 'unit/b\n' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
ok "and red where it could have run" status 1
judge 'cli/a.t # SKIP no such kernel\n' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
ok "but for the kernel" status 0
ok "which is told" like "$out" 'not shown here: no such kernel'
judge 'cli/a.t # skip a tide: no moon\ncli/a.t # skip an ebb: no sea\ncli/a.t\nunit/b # SKIP no such kernel\n' 'S0-01  cli/a.t\n'
ok "what was skipped is counted" like "$out" $'\ninvariants: skipped 1 tests and 2 lines of others\n'
ok "and told, each with its reason" is "$(grep -c ': an\? [a-z]*: no [a-z]*$\|unit/b: no such kernel$' <<<"$out")" 3
# What may skip is a list.
printf '%s\n' '# head' 'cli/a.t 2' 'odd.sh 1' >"$T/SKIPS"
echo '. "${0%/*}/../odd.sh"' >"$T/cli/o.t"
judge 'cli/a.t\ncli/a.t # skip a tide: no moon\ncli/o.t # skip a tide: no moon\nvm/v.t # SKIP left out by VM=\n' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
ok "control: those that may skip" status 0
judge 'cli/a.t\nunit/b # skip a tide: no moon\n' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
ok "one that may not is red where everything can be had" status 1
ok "and told" like "$out" 'unit/b may not skip anything: a tide'
judge 'cli/a.t\nunit/b # SKIP no moon\n' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
ok "also one that skips all" status 1
judge 'cli/a.t\nunit/b # SKIP no moon\n' 'S0-01  cli/a.t\n'
ok "elsewhere it is told" is "$status" 0
places() {
	(cd "$1" && grep -cE '(^|[^a-z_])skip_kerne[l](_all)?([ (]|$)' -- */*.t */*.c *.sh *.h vm/*.sh | grep -v ':0$' | grep -vE '^tap\.' | sed 's/:/ /' | sort)
}
ok "the list is of all places that can skip, and of no more" is "$(places "$BND_TREE/tests")" "$(grep -v '^#' "$BND_TREE/tests/SKIPS")"
judge 'cli/a.t\n' 'S0-01  cli/gone.t\n'
ok "a test that does not exist is red" status 1
judge 'cli/a.t\n' 'S0-01\n'
ok "an id without a test is red" status 1
judge 'cli/a.t\n' 'S0-09  cli/a.t\n'
ok "an unknown id is red" status 1
judge 'cli/a.t\n' 'S0-01  cli/a.t\nS0-01  cli/a.t\n'
ok "an id listed twice is red" status 1
judge 'cli/a.t\n' 'S0-02  cli/a.t\nS0-01  cli/a.t\n'
ok "disorder is red" status 1
judge 'cli/a.t\n' 'S0-01  cli/a.t\n' INVARIANTS_ALL=1
ok "with INVARIANTS_ALL a missing id is red" status 1
judge '' 'S0-01  cli/a.t\n' BND_MUST_RUN=1
rm "$T/ran"
run env BND_MUST_RUN=1 TESTS_DIR="$T" "$BND_TREE/tests/invariants" "$T/ran"
ok "nothing ran at all: red" status 1
tap_done
