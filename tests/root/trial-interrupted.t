#!/bin/bash
# trial-interrupted.t: a trial that is interrupted leaves nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../snapshot.sh"
why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"

snapshot >"$T/before"
# Its processes, all of them, carry our mark.
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
# 8: in the cool-down.
for after in 0.3 1.5 3 8; do
	for sig in INT TERM KILL; do
		BND_MARK=$$ env --default-signal "$BND_TREE/tests/trial" >/dev/null 2>&1 &
		job=$!
		sleep $after
		ok "control: there is something to end" test "$(mine)"
		kill -$sig $job 2>/dev/null
		wait $job 2>/dev/null
		ok "SIG$sig after $after s ends all of it" settled
	done
done
snapshot >"$T/after"
ok "and leaves nothing" diff "$T/before" "$T/after"
tap_done
