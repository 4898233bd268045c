#!/bin/bash
# trial.t: the trial shows what it says, and leaves nothing, interrupted or not
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../snapshot.sh"
why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"

snapshot >"$T/before"
run "$BND_TREE/tests/trial"
ok "the trial succeeds" status 0
ok "it says so" like "$out" 'All of it was so'
ok "nothing is not so" unlike "$out" 'NOT SO'
ok "it fits a screen" test "$(wc -l <<<"$out")" -le 40
ok "and its lines do" is "$(grep -cE '.{81}' <<<"$out")" 0
snapshot >"$T/after"
ok "nothing of it is here" cmp "$T/before" "$T/after"

# Interrupted at some points: no process of it goes on, and nothing is here.
mine() {
	grep -lsz "^BND_MARK=$$\$" /proc/[0-9]*/environ
}
settled() {
	local i
	for ((i = 0; i < 50; i++)); do
		[[ $(mine) ]] || return 0
		sleep 0.1
	done
	mine
	return 1
}
for after in 0.2 1 2 4; do
	for sig in INT TERM KILL; do
		BND_MARK=$$ env --default-signal "$BND_TREE/tests/trial" >/dev/null 2>&1 &
		job=$!
		sleep $after
		kill -$sig $job 2>/dev/null
		wait $job 2>/dev/null
		ok "SIG$sig after $after s ends all of it" settled
	done
done
snapshot >"$T/after"
ok "and leaves nothing" cmp "$T/before" "$T/after"
tap_done
