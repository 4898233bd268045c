# succeed.sh: hosts whose log cannot go on, and what is left of them
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154 # log_file is spine.sh's
#
# Sourced after tap.sh, need_host and spine.sh.

dir=/var/lib/bnd/log
pin=/etc/bnd/log.pin
pin_kept=$T/pin

forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
free_log() {
	chattr -a $log_file 2>/dev/null || :
}

# ---- what happens to a log; each leaves $pin_kept as the operator's copy

damage() {
	cp $pin "$pin_kept"
	[[ $1 == *_pin ]] || free_log
	"$@"
}
flip() {
	local at=$(($(stat -c %s $log_file) - 200))
	printf '!' | dd of=$log_file bs=1 seek=$at conv=notrunc status=none
}
cut_back() {
	head -n -1 $log_file >"$T/cut"
	cat "$T/cut" >$log_file
}
cut_to_genesis() {
	head -n 1 $log_file >"$T/cut"
	cat "$T/cut" >$log_file
}
empty() {
	: >$log_file
}
lose_head() {
	rm $dir/head
}
spoil_head() {
	head -c 8192 /dev/urandom >$dir/head
}
lose_var() {
	rm -rf /var/lib/bnd
	mkdir -m 0755 /var/lib/bnd
}
lose_pin() {
	rm $pin
}
# What stands in the files is then worse than that there is no pin.
lose_pin_and_attribute() {
	chmod 0644 $log_file
	rm $pin
}
spoil_pin() {
	echo junk >>$pin
}

# ---- what must hold

# As if the power had gone before anybody looked; then as it was.
boot_from_here() {
	rm -rf "$T/run"
	cp -a /run/bnd "$T/run"
	cp /run/fake/net "$T/net"
	cp /var/lib/bnd/floor "$T/floor" 2>/dev/null || rm -f "$T/floor"
	rm -rf /run/bnd
	run mode-set --boot
	ok "$1: a boot lands in LOCKDOWN" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
	rm -rf /run/bnd
	cp -a "$T/run" /run/bnd
	cp "$T/net" /run/fake/net
	[[ ! -e $T/floor ]] || cat "$T/floor" >/var/lib/bnd/floor
}

# Nothing verifies; a check, a boot, a wish to loosen all end in LOCKDOWN.
in_lockdown() {
	local before
	before=$(cat $log_file 2>/dev/null | sha256sum)
	run chain-verify
	ok "$1: it does not verify" test "$status" -ne 0
	run loosen to "$T" 2 OPEN
	ok "$1: no ceremony stands on it" test "$status" -ne 0
	boot_from_here "$1"
	run mode-set --check
	ok "$1: LOCKDOWN is in force after a check" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
	ok "$1: and committed" grep -q '^mode LOCKDOWN' /run/bnd/state
	rm -rf /run/bnd
	run mode-set --get
	ok "$1: without a state readers are told 9" is "$status $out" "9 LOCKDOWN"
	run mode-set --boot
	ok "$1: booted into it again" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
	ok "$1: not a byte of the old log is changed" is "$(cat $log_file 2>/dev/null | sha256sum)" "$before"
}
still_locked() {
	[[ "$(kernel) $(published)" == "LOCKDOWN LOCKDOWN" ]] || { echo "$(kernel) $(published)"; return 1; }
}

# Root alone.
no_way_out() {
	run loosen bare OPEN
	ok "$1: bare" test "$status" -ne 0
	run loosen to "$T" 2 COLDROOM
	ok "$1: an ordinary ceremony is refused" test "$status" -ne 0
	run mode-set --init --enroll mallory --kind raw --key /dev/null
	ok "$1: nor is a new log begun" test "$status" -ne 0
	run chain-keep succeed --ceremony 0123456789abcdef
	ok "$1: no succession without a beginning" test "$status" -ne 0
	ok "$1: still LOCKDOWN" still_locked
}

# Begin: $id and $T/text.
begin() {
	chain-keep succeed >"$T/text" 2>"$T/said" || { cat "$T/said"; return 1; }
	id=$(sed -n 's/.*--ceremony \([0-9a-f]*\)$/\1/p' "$T/said")
}
approve() {
	local n
	for n; do
		loosen approve "$id" "$n" "$(loosen sign "$T" "$n" <"$T/text")" || return 1
	done
}
succession() {
	ok "$1: a succession is begun" begin
	ok "$1: the old log stays" not test -e /var/lib/bnd/log.old-*
	run chain-keep succeed --ceremony "$id"
	ok "$1: nobody has approved: pending" status 12
	ok "$1: one approves" approve 1
	run chain-keep succeed --ceremony "$id"
	ok "$1: one of two: pending" status 12
	ok "$1: the other approves" approve 2
	run chain-keep succeed --ceremony "$id"
	ok "$1: the cool-down runs: pending" status 12
	ok "$1: still LOCKDOWN" still_locked
	forward 91
	run chain-keep succeed --ceremony "$id"
	ok "$1: done" status 0
	ok "$1: it prints the new genesis" like "$out" '^genesis [A-Za-z0-9_-]{43}$'
	ok "$1: LOCKDOWN all the time" still_locked
	ok "$1: the new log verifies" verifies
	ok "$1: and so does the state" chain-verify -q --state /run/bnd/state
	ok "$1: nothing is left half-way" not test -e /var/lib/bnd/succession
	run chain-keep succeed
	ok "$1: a second succession is refused" status 1
	run chain-verify --pin "$pin_kept"
	ok "$1: the old pin: FORKED" status 4
}
# $2: the mode that LOCKDOWN counts as entered from.
way_out() {
	local to=$2 further=AIRGAP
	[[ $to == COLDROOM ]] || further=TRUSTED
	run mode-set --check
	ok "$1: a check finds nothing" status 0
	run loosen to "$T" 2 $further
	ok "$1: not further than $to" status 1
	run loosen to "$T" 2 "$to"
	ok "$1: LOCKDOWN is left by a ceremony" is "$status $out" "0 $to"
	ok "$1: $to is in force" is "$(kernel) $(published)" "$to $to"
	run loosen to "$T" 2 OPEN
	ok "$1: and on" is "$status $out" "0 OPEN"
	ok "$1: the new log verifies to the end" verifies
}
