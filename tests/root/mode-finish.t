#!/bin/bash
# mode-finish.t: mode-set --ceremony finishes what people held, and asks nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

still() {
	is "$(kernel) $(published)" "$1 $1"
}
# A ceremony for MODE that the approvers named have signed: $id
held() {
	id=$(loosen open "$1" 2>&1 >"$T/text") || { diag "open: $id"; return 1; }
	local n
	for n in "${@:2}"; do
		loosen approve "$id" "$n" "$(loosen sign "$T" "$n" <"$T/text")" || return 1
	done
}
forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}

mode-set coldroom >/dev/null
held AIRGAP 1
run mode-set --ceremony "$id" airgap
ok "one of two approvals: pending" status 12
ok "says how many" like "$err" '1 of 2 persons'
loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$T/text")"
run mode-set --ceremony "$id" airgap
ok "before its time: pending" status 12
ok "with the seconds that are left" like "$err" '(89|90) s left'
ok "nothing on stdout" is "$out" ''
ok "all the while" still COLDROOM
run mode-set --ceremony "$id" trusted
ok "another mode than was approved" status 13
run mode-set --ceremony 0123456789abcdef airgap
ok "an id nobody opened" status 13
for bad in '' 0123 "${id}0" "x${id:1}" ../../etc; do
	run mode-set --ceremony "$bad" airgap
	ok "no id: '$bad'" status 2
done
run mode-set --ceremony "$id"
ok "no mode" status 2
run mode-set --ceremony "$id" --check
ok "or something else beside it" status 2
forward 91
ok "still" still COLDROOM
mode-set --json --ceremony "$id" airgap <&- >"$T/out" 2>"$T/err"
ok "in its time, with stdin closed" is "$? $(kernel)" "0 AIRGAP"
ok "as JSON" like "$(cat "$T/out")" '"exit":0,"from":"COLDROOM","mode":"AIRGAP"'
ok "and without a word" is "$(cat "$T/err")" ''
run mode-set --ceremony "$id" airgap
ok "the same once more: used" status 13
run mode-set --ceremony "$id" open
ok "or for more" status 13
ok "nothing came of it" still AIRGAP

held TRUSTED 1
forward 661
run mode-set --ceremony "$id" trusted
ok "after its window: expired" status 13
ok "nothing came of that" still AIRGAP
held TRUSTED 1
loosen end "$id" cancelled
forward 61
run mode-set --ceremony "$id" trusted
ok "cancelled" status 13
held TRUSTED 1
forward 61
mode-set --trip test >/dev/null
run mode-set --ceremony "$id" trusted
ok "a LOCKDOWN in the cool-down stands" is "$status $(kernel)" "1 LOCKDOWN"
ok "a ceremony is no way to tighten" is "$(mode-set --ceremony "$id" lockdown 2>/dev/null; echo $?)" 13
ok "the log verifies" verifies
tap_done
