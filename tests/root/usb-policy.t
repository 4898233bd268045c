#!/bin/bash
# usb-policy.t: an edited policy is taken in by a ceremony, or where none is needed
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

accepted() {
	cut -d' ' -f1 < <(sed -n 2p /run/bnd/usb/policy 2>/dev/null)
}
# What the last commit on the chain says of USB: mode and policy.
committed() {
	grep '"ev":"mode.commit"' $log_file | tail -1 |
	    sed -nE 's/.*"usb":\{"mode":"([A-Z]*)".*"policy":"([0-9a-f]*)".*/\1 \2/p'
}
edit() {
	mkdir -p /etc/bnd/usb.d
	(umask 077; printf 'block # %s\n' "$1" >/etc/bnd/usb.d/x.rules)
}

edit 1
run mode-set open
ok "a policy, and a change of the mode" status 0
first=$(accepted)
ok "takes it in" like "$first" '^[0-9a-f]{64}$'
ok "and the commit record has it" is "$(committed)" "OPEN $first"
run usb-guard apply
ok "an apply of somebody's is fine with it" status 0

edit 2
run usb-guard apply --json
ok "UP-09: edited in OPEN, and applied by hand: not taken in" is "$(accepted)" "$first"
mode-set --check >/dev/null 2>&1
ok "UP-09: nor by the timer's check" is "$(accepted)" "$first"
run mode-set open
second=$(accepted)
ok "UP-09: a re-assert in OPEN takes it in" isnt "$second" "$first"
ok "and is on record" is "$status $(committed)" "0 OPEN $second"
edit 3
run mode-set airgap
third=$(accepted)
ok "so does a tightening of OPEN" is "$([[ $third != "$second" ]] && committed)" "AIRGAP $third"

edit 4
for m in airgap coldroom; do
	run mode-set $m
	ok "UP-09: edited in AIRGAP, mode-set $m: done" is "$(mode-set --get)" "${m^^}"
	ok "UP-09: and not taken in" is "$(accepted)" "$third"
	ok "UP-09: the record has no digest of it" is "$(committed)" ''
done
run loosen to "$T" 2 AIRGAP
fourth=$(accepted)
ok "UP-09: a ceremony takes it in" is "$status $([[ $fourth != "$third" ]] && echo new)" "0 new"
ok "UP-09: the record has it, of the mode that was left" is "$(committed)" "COLDROOM $fourth"
run loosen to "$T" 2 OPEN
edit 5
run mode-set --trip test
ok "UP-09: a trip takes in nothing, in OPEN either" is "$(mode-set --get) $(accepted)" "LOCKDOWN $fourth"
edit 4
run usb-guard apply --json
ok "what was taken in counts as soon as it is back" is "$(grep -o '"policy":"[0-9a-f]*"' <<<"$out")" "\"policy\":\"$fourth\""
ok "the log verifies" verifies
tap_done
