#!/bin/bash
# mode-back.t: from LOCKDOWN with a state that is broken, back at the console
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../terminal.sh"
spine_up

forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
still() {
	is "$(kernel) $(published)" "$1 $1"
}
# What may have become of the state of a host that was in AIRGAP.
missing() {
	rm /run/bnd/state
}
emptied() {
	: >/run/bnd/state
}
cut_short() {
	truncate -s 60 /run/bnd/state
}
bit_flipped() {
	sed -i 's/^gen 2/gen 3/' /run/bnd/state
}
of_everybody() {
	chmod 0666 /run/bnd/state
}
of_another_boot() {
	sed -i 's/^boot ./boot 0/' /run/bnd/state
}
all_of_run_gone() {
	rm -rf /run/bnd
}

for damage in missing emptied cut_short bit_flipped of_everybody of_another_boot all_of_run_gone; do
	spine_again
	mode-set airgap >/dev/null
	$damage
	ok "state $damage: readers say LOCKDOWN" is "$(mode-set --get 2>/dev/null)" LOCKDOWN
	run "$tty" mode-set trusted </dev/null
	ok "$damage: nobody is asked before it is mended" is "$status $(kernel)" "9 LOCKDOWN"
	ok "$damage: recorded" like "$(last_record)" '"ev":"mode.recover".*"land":"LOCKDOWN"'
	ok "$damage: now the state is sound" still LOCKDOWN
	id=$(loosen hold "$T" 2 OPEN 2>&1)
	ok "$damage: to more than it came from there is no ceremony" like "$id" 'entered from AIRGAP'
	id=$(loosen hold "$T" 2 AIRGAP)
	run mode-set --ceremony "$id" airgap
	ok "$damage: back by a ceremony" is "$status $(kernel)" "0 AIRGAP"
	ok "$damage: the log verifies" verifies
done

# The whole of it at one terminal, two persons after another.
spine_again
mode-set airgap >/dev/null
mode-set --trip test >/dev/null
emptied
at_terminal mode-set airgap
left
ok "at the terminal, first: the state is mended" is "$status $(kernel)" "9 LOCKDOWN"
at_terminal mode-set airgap
type_phrase
type_approval 1
shown '1 of 2'
type_approval 2
ok "then people are asked" shown cool-down
forward 91
left
ok "and LOCKDOWN is left" is "$status $(tail -n 1 <<<"$out") $(kernel)" "0 AIRGAP AIRGAP"
chain-verify --approvals >"$T/who"
for n in 1 2; do
	ok "by approver$n, as the log says" grep -q "approver$n" "$T/who"
done
ok "the log verifies" verifies
tap_done
