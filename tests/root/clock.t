#!/bin/bash
# clock.t: the wall clock stepped shortens no wait and is found, once
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

synced() {
	if [[ $1 == yes ]]; then : >/run/.bnd-test-clock.synced; else rm -f /run/.bnd-test-clock.synced; fi
}
# A host of its own for each finding.
fresh() {
	spine_again
	mode-set "${1:-trusted}" >/dev/null
}
offset() {
	sed -n 's/^offset //p' /run/bnd/state
}
jump() {
	grep '"ev":"clock.jump"' $log_file | tail -n 1
}

# ---- XB-16: no wait ends sooner ----

# Control: the boot clock is what a cool-down waits for.
fresh airgap
id=$(loosen hold "$T" 1 TRUSTED)
run mode-set --ceremony "$id" trusted
ok "control: after the cool-down" is "$status $(kernel)" "0 TRUSTED"

fresh airgap
id=$(loosen open TRUSTED 2>&1 >"$T/text")
loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
wall 86400
run loosen finish "$id" TRUSTED
ok "a day forward in the cool-down: refused by the library" like "$status $(kernel) $err" '^14 AIRGAP .*stepped'
wall -86400
run mode-set --ceremony "$id" trusted
ok "set back again: it has not passed" like "$status $err" '^12 .*(59|60) s left'
forward 61
wall 86400
run mode-set --ceremony "$id" trusted
ok "nor is it used once it has: LOCKDOWN first" is "$((status != 0)) $(kernel) $(published)" "1 LOCKDOWN LOCKDOWN"
ok "with one record of it" is "$(records clock.jump) $(frozen)" "1 -"
ok "which says so" like "$(jump)" '"synced":false,"act":"lockdown"'
ok "the log verifies" verifies

fresh airgap
id=$(loosen open TRUSTED 2>&1 >"$T/text")
loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
forward 86400
run mode-set --check
ok "a suspend of a day is no step" is "$status $(records clock.jump) $(frozen)" "0 0 -"
run mode-set --ceremony "$id" trusted
ok "but time that has passed: the window is over" is "$status $(kernel)" "13 AIRGAP"
ok "the log verifies" verifies

# ---- S0-05, XB-17: what a step does ----

# step SECONDS: what --check makes of it, "exit mode frozen? jumps freezes"
step() {
	wall "$1"
	run mode-set --check
	saw="$status $(kernel) $([[ $(frozen) == - ]] && echo free || echo frozen) $(records clock.jump) $(records mode.freeze)"
}
for by in 1 -1; do
	fresh
	step "$by"
	ok "$by s: nothing" is "$saw" "0 TRUSTED free 0 0"
done
for by in 3 -3 59 -59 3599 -3598; do
	fresh
	step "$by"
	ok "$by s: frozen, one record each" is "$saw" "0 TRUSTED frozen 1 1"
	step 0
	ok "$by s: found once" is "$saw" "0 TRUSTED frozen 1 1"
done
ok "the reason says by how much" like "$(frozen)" 'stepped by -3598 s'
ok "and the record" like "$(jump)" '"was":[0-9]+,"now":[0-9]+,"synced":false,"act":"freeze"'
run loosen bare OPEN
ok "frozen: no loosening" like "$status $err" '^14 .*stepped by -3598 s'
run mode-set airgap
ok "frozen: tightening works" is "$status $(kernel)" "0 AIRGAP"
id=$(loosen hold "$T" 2 UNFREEZE)
run mode-set --ceremony "$id" --unfreeze
ok "people unfreeze" is "$status $(frozen)" "0 -"
step 0
ok "and the step is not found again" is "$saw" "0 AIRGAP free 1 1"
run loosen to "$T" 1 TRUSTED
ok "control: loosening works" is "$status $(kernel)" "0 TRUSTED"
for by in 3601 -3601 864000; do
	fresh
	step "$by"
	ok "$by s: LOCKDOWN, one record" is "${saw#* }" "LOCKDOWN free 1 0"
	gen=$(generation)
	step 0
	ok "$by s: found once" is "$saw $(generation)" "0 LOCKDOWN free 1 0 $gen"
done
ok "and why" like "$(mode-set)" 'why +the wall clock was stepped by \+864000 s'
ok "the log verifies" verifies

fresh
for _ in {1..4}; do wall 1; mode-set --check >/dev/null 2>&1; done
ok "four steps of a second are one of four" is "$(frozen | cut -c-26) $(records mode.freeze)" "the wall clock was stepped 1"
fresh
for _ in {1..4}; do wall 1; mode-set trusted >/dev/null 2>&1; done
ok "a new generation in between hides none" is "$(records mode.freeze)" 1
fresh
wall 59
run mode-set --boot
ok "nor does --boot" is "$(records mode.freeze) $(records clock.jump)" "1 1"
fresh
wall 59
run mode-set --trip test
ok "--trip does not wait for it, and it is found" is "$status $(kernel) $(records mode.freeze)" "0 LOCKDOWN 1"
ok "the log verifies" verifies

# ---- who may step it: the time service ----

fresh
synced yes
step -7200
ok "the first time that it is kept: noted" is "$saw" "0 TRUSTED free 1 0"
ok "the record says why" like "$(jump)" '"synced":true,"act":"noted"'
ok "the state knows" like "$(offset)" ' synced$'
step 7200
ok "forward while it is kept: noted" is "$saw" "0 TRUSTED free 2 0"
step -3
ok "back while it is kept: frozen" is "$saw" "0 TRUSTED frozen 3 1"
fresh
synced yes
step 0
ok "kept from the beginning: remembered without a record" is "$saw $(offset | cut -d' ' -f2)" "0 TRUSTED free 0 0 synced"
synced no
step 30
ok "kept no longer, as date -s leaves it: frozen" is "$saw" "0 TRUSTED frozen 1 1"
synced yes
step -7200
ok "the first time is over for this boot: LOCKDOWN" is "${saw#* }" "LOCKDOWN frozen 2 1"
synced no
ok "the log verifies" verifies

# ---- nothing stands in its way, nothing hides it ----

fresh
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
wall 59
t0=$(date +%s%N)
run mode-set airgap
t1=$(date +%s%N)
ok "the lock is held: tightened, and frozen for readers" like "$status $(kernel) $(mode-set --json)" '^15 AIRGAP .*"frozen":"the wall clock'
ok "without waiting twice" test $(((t1 - t0) / 1000000)) -lt 5000
kill $holder
wait 2>/dev/null
run mode-set --check
run mode-set --check
ok "on record once it is free, once" is "$(records mode.freeze) $(records clock.jump) $(frozen | cut -c-14)" "1 1 the wall clock"
ok "the log verifies" verifies

fresh
mount --bind /var/lib/bnd/log /var/lib/bnd/log
mount -o remount,bind,ro /var/lib/bnd/log
wall 59
for _ in 1 2 3; do mode-set --check >/dev/null 2>&1; done
ok "the log is full: frozen, spooled once" is "$(frozen | cut -c-14) $(grep -c clock.jump /run/bnd/spool) $(grep -c mode.freeze /run/bnd/spool) $(kernel)" \
    "the wall clock 1 1 TRUSTED"
umount /var/lib/bnd/log
run mode-set --check
run mode-set trusted
run mode-set --check
ok "then absorbed" is "$status $(records clock.jump) $(records mode.freeze)" "0 1 1"
ok "the log verifies" verifies

# The attack: root steps the clock and writes the new offset into the state.
fresh airgap
id=$(loosen hold "$T" 1 TRUSTED)
wall 86400
was=$(offset)
"$BND_BUILD/tests/helper/forge-state" AIRGAP '' $((86400 * 1000000))
ok "the attack: the state agrees with the clock" isnt "$(offset)" "$was"
run loosen finish "$id" TRUSTED
ok "the log does not: no loosening, LOCKDOWN" like "$status $(kernel) $err" '^9 LOCKDOWN .*clock offset'
run mode-set --check
ok "the log verifies" verifies
fresh airgap
wall 86400
"$BND_BUILD/tests/helper/forge-state" AIRGAP '' $((86400 * 1000000))
run mode-set --check
ok "nor does --check believe it" like "$status $(kernel) $out" "^1 LOCKDOWN .*clock offset"

# ---- boot ----

fresh
wall -86400
rm -rf /run/bnd
run mode-set --boot
ok "a state that was taken away in this boot hides nothing" is "$(kernel) $(records clock.jump)" "LOCKDOWN 1"
ok "the log verifies" verifies

boot_id=/proc/sys/kernel/random/boot_id
was=$(cat $boot_id)
reboot() {
	echo "$1-2222-3333-4444-555555555555" >$boot_id || bail "no boot id of our own"
	rm -rf /run/bnd
	echo OPEN >/run/fake/net
	run mode-set --boot
}
fresh
reboot 11111111
ok "control: a boot" is "$status $(kernel) $(records clock.jump)" "0 TRUSTED 0"
wall -86400
reboot 22222222
ok "a dead clock battery locks nobody out" is "$status $(kernel) $(frozen)" "0 TRUSTED -"
ok "but is said" like "$err" 'the wall clock is behind the last record'
ok "and recorded" like "$(jump)" '"act":"noted"'
run mode-set --check
ok "once" is "$status $(records clock.jump) $(frozen)" "0 1 -"
synced yes
wall 86400
run mode-set --check
ok "and what the time service makes of it is noted" is "$status $(records clock.jump) $(frozen)" "0 2 -"
synced no
echo "$was" >$boot_id

# What people signed in one boot is worth nothing in the next.
fresh airgap
id=$(loosen hold "$T" 1 TRUSTED)
reboot 33333333
run mode-set --ceremony "$id" trusted
ok "two boots: evidence of the one before" is "$status $(kernel)" "13 AIRGAP"
mode-set --freeze 'two boots' >/dev/null
id=$(loosen hold "$T" 2 UNFREEZE)
reboot 44444444
run mode-set --ceremony "$id" --unfreeze
ok "two boots: evidence to unfreeze" is "$status $(frozen)" "13 two boots"
echo "$was" >$boot_id
ok "the log verifies" verifies
tap_done
