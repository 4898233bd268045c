#!/bin/bash
# transition-faults.t: an enforcer that fails, hangs, dies, lies or is not there
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

back_to() {
	fault
	[[ $(mode-set --get) == LOCKDOWN ]] || mode-set lockdown >/dev/null 2>&1
	spine_again
	[[ $1 == OPEN ]] || mode-set "$1" >/dev/null
}

# Tightening: the mode is not entered, LOCKDOWN is, and the exit says so.
for f in fail die lie absent garbage silent other nineteen unsealed hang; do
	back_to RESTRICTED
	fault "$f AIRGAP"
	run mode-set airgap
	ok "$f: a tightening escalates" status 17
	ok "$f: and says which enforcer" like "$err" 'net'
	ok "$f: LOCKDOWN in the kernel and published" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
	ok "$f: recorded as failed" like "$(last_record)" '"ev":"mode.fail".*"land":"LOCKDOWN".*"failed":\["net"\]'
	run chain-verify
	ok "$f: the log verifies" status 0
done

# The same for every mode: LOCKDOWN itself failing has a status of its own.
for f in fail lie absent; do
	back_to OPEN
	fault "$f"
	run mode-set trusted
	ok "$f everywhere: not even LOCKDOWN" status 18
	ok "$f everywhere: readers are told LOCKDOWN" is "$(published)" LOCKDOWN
	run mode-set --require LOCKDOWN
	ok "$f everywhere: but nobody is promised it" status 1
	fault
	run mode-set --at-least OPEN
	ok "$f everywhere: the next call repairs" is "$status $(kernel) $(published)" "0 LOCKDOWN LOCKDOWN"
	run mode-set --require LOCKDOWN
	ok "$f everywhere: and then it is promised" status 0
	run chain-verify
	ok "$f everywhere: the log verifies" status 0
done

# Loosening: the mode it came from, or LOCKDOWN.
for f in fail die lie absent garbage silent other nineteen unsealed; do
	back_to COLDROOM
	fault "$f AIRGAP"
	run loosen to "$T" 2 AIRGAP
	ok "$f: a loosening is restored" status 16
	ok "$f: the old mode, in the kernel and published" is "$(kernel) $(published)" "COLDROOM COLDROOM"
	ok "$f: recorded with where it landed" like "$(last_record)" '"ev":"mode.fail".*"land":"COLDROOM"'
	fault
	run loosen to "$T" 2 AIRGAP
	ok "$f: the next ceremony gets there" is "$status $(kernel)" "0 AIRGAP"
	run chain-verify
	ok "$f: the log verifies" status 0
done
back_to COLDROOM
fault fail
run loosen to "$T" 2 AIRGAP
ok "when the old mode cannot be had either: LOCKDOWN, not verified" status 18
ok "and readers are told LOCKDOWN" is "$(published)" LOCKDOWN
fault
run mode-set --check
ok "which the next check makes true" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
run mode-set --check
ok "then all agree" status 0

# A finding is told and recorded, and is no failure.
back_to OPEN
fault finding
run mode-set airgap
ok "an enforcer that holds with a finding" is "$status $out" "0 AIRGAP"
ok "has its finding told" like "$err" 'something to know'

# One that changes the mode itself neither hangs nor is lost.
back_to OPEN
fault reenter
run timeout 20 mode-set airgap
ok "an enforcer that asks for LOCKDOWN meanwhile" is "$status $out" "0 LOCKDOWN"
ok "got it at once, without the lock" is "$(tail -n 1 /run/fake/inner)" 15
ok "and it stays" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
ok "the log verifies" verifies

# The host knobs are an enforcer like any other.
back_to OPEN
mount -t tmpfs none /proc/sys/fs && mkdir -p /proc/sys/fs && echo 0 >/proc/sys/fs/protected_hardlinks
mount -o remount,ro /proc/sys/fs
run mode-set restricted
ok "a knob that cannot be set" status 18
ok "is named" like "$err" 'protected_hardlinks'
umount /proc/sys/fs
run mode-set lockdown
ok "and once it can be, LOCKDOWN is" is "$status $(kernel)" "0 LOCKDOWN"

# Loosening with one relief failing reports it, and the state keeps listing it.
back_to AIRGAP
knob=/proc/sys/kernel/dmesg_restrict
found=$(sed -n 's,^kernel/dmesg_restrict ,,p' /run/bnd/knobs)
ok "the old value of a knob is kept" test -n "$found"
chmod 0644 /run/bnd/knobs
run loosen to "$T" 2 OPEN
ok "old values that cannot be believed stop a loosening" status 16
ok "which stays where it was" is "$(kernel) $(published) $(cat $knob)" "AIRGAP AIRGAP 1"
chmod 0600 /run/bnd/knobs
run loosen to "$T" 2 OPEN
ok "believed again" is "$status $(kernel)" "0 OPEN"
ok "the knob is what it was" is "$(cat $knob)" "$found"
tap_done
