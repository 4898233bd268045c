#!/bin/bash
# usb-peer.t: rules and hashes beside USBGuard's own daemon, on the same devices
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
. "${0%/*}/usbguard.sh"
usb_machine

# Devices of every kind that a rule may tell apart: no drivers, so that they come
# and go quickly.
stand() {
	fake 0 id=1209:0001 prod=Stick serial=A1 config if=08:06:62
	fake 15 id=1209:0001 prod=Stick serial=A2 config if=08:06:62 if=08:06:62
	fake 30 id=1209:abcd prod='Board "8"' serial='back\slash' config if=03:00:00
	fake 45 id=1209:0003 prod=$'two\nlines' config if=08:06:62 if=03:00:00
	fake 60 id=1209:0004 prod=€uro serial16=00d8 config if=03:00:00 if=03:00:00 if=08:06:62
	fake 75 id=abcd:0001 man=Maker prod= serial= config if=ff:00:00 config if=e0:01:01
	fake 90 id=abcd:0002 dev=ef:02:01 prod=Many config if=02:02:01 if=0a:00:00 if=0a:00:00 alt=1 num=1
	fake 105 id=0001:0001 serial=0 config if=ff:ff:ff if=ff:42:01
	plug usb-hub h 1
	plug usb-mouse m 1.1
	plug usb-ccid c 2
	all_ports=(1-1 1-2)
	for p in "${!faked[@]}"; do all_ports+=("$(at "$p")"); done
	for p in "${all_ports[@]}"; do until_true 30 there "$p"; done
}

# rule | why it may be safer here, or freer: only in the case of an id
pairs() {
	local v op
	cat <<-'END'
	allow id 1209:ABCD|freer
	allow id one-of { 1209:abcd abcd:* }|
	allow id none-of { 1209:0001 abcd:0001 }|
	allow name "two\x0alines"|
	allow name "Board \"8\""|
	allow serial ""|
	allow serial one-of { "A1" "0" } with-interface one-of { 08:*:* ff:*:* }|
	allow via-port "1-2" with-connect-type "unknown"|
	allow with-interface one-of { 03:*:* } if !true|
	allow if one-of { true false } with-interface 03:00:00|
	block with-interface equals { 03:*:* 03:*:* }|
	END
	for op in all-of none-of equals equals-ordered match-all; do
		for v in '03:*:* 08:*:*' '03:*:* 03:*:*'; do
			case $op in
			equals) echo "allow with-interface $op { $v }|safer" ;;
			*) echo "allow with-interface $op { $v }|" ;;
			esac
		done
	done
}
# rule_file RULE: what a block rule does not hit, another lets in
rule_file() {
	echo "$1"
	[[ $1 != block* ]] || echo allow
}
verdicts() {
	local p
	for p in "${all_ports[@]}"; do attr "$p" authorized || echo -; done | tr -d '\n'
}
# The first policy that is read counts, as after a boot.
ours() {
	rules "$(rule_file "$1")"
	rm -f /run/bnd/usb/policy
	usb-guard apply -q || diag "apply: $?"
	verdicts
}
theirs() {
	local lines
	mapfile -t lines < <(rule_file "$1")
	usbguard_up "${lines[@]}"
	verdicts
	usbguard_down
}
# compare RULE OURS THEIRS WHY
compare() {
	local i a b
	for ((i = 0; i < ${#all_ports[@]}; i++)); do
		a=${2:i:1} b=${3:i:1}
		number=$((number + 1))
		[[ $a != "$b" ]] || continue
		[[ $4 == safer && $a$b == 01 || $4 == freer && $a$b == 10 ]] && differ=$((differ + 1)) && continue
		echo "$1: ${all_ports[i]}: here $a, there $b"
		wrong=$((wrong + 1))
	done
}
rules_differ() {
	local rule why number=0 wrong=0 differ=0 mine
	while IFS='|' read -r rule why; do
		mine=$(ours "$rule")
		compare "$rule" "$mine" "$(theirs "$rule")" "$why"
	done < <(pairs)
	diag "$number pairs, $differ of them differ on purpose"
	ok "UR-19: at least 200 pairs" test "$number" -ge 200
	ok "UR-19: what is let in is what USBGuard lets in, but for the list" is "$wrong" 0
	ok "UR-19: control: some on the list do differ" test "$differ" -gt 0
}
# A device as both print it.
hashes() {
	grep -oE '(allow|block) id .*' | sed 's/^[a-z]* //' | grep -v 'via-port "usb' | sort
}
prints() {
	local them
	usb-guard apply -q
	until_true 10 there 1-1.1
	usbguard_up allow
	them=$(usbguard list-devices | hashes)
	usbguard_down
	usb-guard apply -q
	is "$(usb-guard status -v | hashes)" "$them"
}
all() {
	usb_modules
	usbguard_unpack || return
	usb_host
	rules allow
	to RESTRICTED
	stand
	ok "UR-20: hashes, those of parents, and all else: printed alike, ${#all_ports[@]} devices" prints
	rules_differ
}
phase all
tap_done
