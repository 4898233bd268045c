#!/bin/bash
# boot.t: what outlives a reboot and a power cut, and what does not
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs strace nft
vm_disk 32
log_file=/var/lib/bnd/log/000001.jsonl

# The real enforcer and kernel; both on the tests' clock, which begins with the
# boot's own, so that no cool-down is waited for.
tools() {
	vm_seal_modules
	install -m 0755 "$BND_BUILD/tests/helper/timed-mode-set" /usr/sbin/mode-set
	install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal
}
loosen() {
	"$BND_BUILD/tests/helper/loosen" "$@"
}
forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
mode() {
	mode-set --get 2>/dev/null
}
enforced() {
	net-seal check --json && mode-set --require "$1" && [[ $(mode) == "$1" ]]
}
last_record() {
	grep "\"ev\":\"$1\"" $log_file | tail -n 1
}
# What a host does first.
boots_into() {
	tools
	ok "$2: before --boot it is LOCKDOWN" is "$(mode)" LOCKDOWN
	run mode-set --boot
	ok "$2: boots into $1" is "$status $(mode)" "0 $1"
	ok "$2: which the kernel is in" enforced "$1"
	ok "$2: recorded" like "$(last_record mode.boot)" "\"mode\":\"$1\""
	ok "$2: the log verifies" chain-verify
	ok "$2: kernel, state and log agree" mode-set --check
}
# A ceremony for leaving the mode for $1, held and cooled down: its id
hold() {
	local id
	id=$(loosen open "$1" 2>&1 >"$T/text") || { echo "$id" >&2; return 1; }
	loosen approve "$id" 1 "$(loosen sign /disk 1 <"$T/text")" &&
	    loosen approve "$id" 2 "$(loosen sign /disk 2 <"$T/text")" && echo "$id"
}
# Loosen to $1, stopped after its Nth CALL; the power goes when it stands. Each
# record is two writes that are synced: the head, then the line.
stop_at() {
	local to=$1 call=$2 n=$3 id pid
	id=$(hold "$to") || bail "no ceremony"
	forward 91
	strace -o "$T/trace" -e "trace=$call" -e "inject=$call:signal=STOP:when=$n" \
	    "$BND_BUILD/tests/helper/loosen" finish "$id" "$to" &
	ok "stands after its $call number $n" until_true 60 grep -q 'stopped by SIGSTOP' "$T/trace"
	pid=$(pgrep -x loosen)
	ok "and is there" test -n "$pid"
}

first() {
	tools
	loosen init /disk 2 || bail "cannot initialise"
	sync
	run mode-set restricted
	ok "RESTRICTED is reported" is "$status $(mode)" "0 RESTRICTED"
	power_cut
}

restricted() {
	boots_into RESTRICTED "cut right after the answer"
	mode-set airgap >/dev/null
	hold TRUSTED >/disk/id || bail "no ceremony"
}

# The ceremony was held in another boot; then one of this boot is cut short, its
# intent on the disk.
void() {
	boots_into AIRGAP "orderly reboot"
	forward 3600
	run mode-set --ceremony "$(cat /disk/id)" TRUSTED
	ok "a ceremony of the boot before is void" is "$status $(mode)" "13 AIRGAP"
	stop_at TRUSTED fdatasync 2
	ok "the intent is on the log" like "$(tail -n 1 $log_file)" '"ev":"mode.intent"'
	power_cut
}

intent() {
	boots_into AIRGAP "cut between intent and relaxing"
	ok "the cut is on record" like "$(last_record mode.boot)" 'unfinished transaction'
	stop_at TRUSTED fdatasync 4
	ok "nothing but the commit's durability lacks" like "$(tail -n 1 $log_file)" '"ev":"mode.commit"'
	power_cut
}

commit() {
	boots_into TRUSTED "cut when the commit was durable"
	run mode-set lockdown
	ok "LOCKDOWN is reported" is "$status $(mode)" "0 LOCKDOWN"
	power_cut
}

lockdown() {
	boots_into LOCKDOWN "cut right after LOCKDOWN"
}

phase_cut first
phase restricted
phase_cut void
phase_cut intent
phase_cut commit
phase lockdown
tap_done
