#!/bin/bash
# freeze.t: while frozen nothing is loosened, everything tightened; people unfreeze
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../terminal.sh"
spine_up

still() {
	is "$(kernel) $(published)" "$1 $1"
}
unfreeze() {
	id=$(loosen hold "$T" "${1:-2}" UNFREEZE) || diag "no ceremony to unfreeze"
	run mode-set --ceremony "$id" --unfreeze
}

# ---- what a freeze is ----

gen=$(generation)
run mode-set --freeze 'the auditors are here'
ok "a freeze is free" is "$status $out" "0 frozen: the auditors are here"
ok "recorded with its reason" like "$(last_record)" '"ev":"mode.freeze".*"d":\{"reason":"the auditors are here"\}'
ok "published, in the same generation" is "$(frozen) $(generation)" "the auditors are here $gen"
ok "nothing is left to be asked for" is "$(ls -A /run/bnd/request)" ''
run mode-set --json
ok "the status has it for programs" like "$out" '"frozen":"the auditors are here"'
run mode-set
ok "and for people" like "$out" 'frozen +the auditors are here'
run mode-set --check
ok "a freeze is no deviation, and shown" like "$status $out" '^0 frozen +the auditors'
run mode-set --check --json
ok "for programs too" like "$out" '"frozen":"the auditors are here"'
run mode-set --freeze 'something else'
ok "the first reason stays" is "$status $out $(frozen) $(records mode.freeze)" \
    "0 frozen: the auditors are here the auditors are here 2"

# ---- S0-05: every loosening is refused, every tightening done ----

bad='' seen=0
for ((i = 1; i < 6; i++)); do
	mode-set "${modes[i]}" >/dev/null || bad+=" ${modes[i]}"
	[[ $(kernel) == "${modes[i]}" && $(frozen) == 'the auditors are here' ]] || bad+=" !${modes[i]}"
	for ((j = 0; j < i; j++)); do
		for how in "mode-set ${modes[j]}" "loosen bare ${modes[j]}" "loosen open ${modes[j]}" \
		    "mode-set --ceremony 0123456789abcdef ${modes[j]}"; do
			run $how
			[[ $status == 14 && $err == *'the auditors are here'* ]] || bad+=" [$how from ${modes[i]}: $status $err]"
			seen=$((seen + 1))
		done
	done
	[[ $(kernel) == "${modes[i]}" ]] || bad+=" ${modes[i]} was left"
done
ok "the 15 pairs, four ways each: exit 14 with the reason" is "$seen$bad" 60
ok "every tightening was done" still LOCKDOWN
ok "the log verifies" verifies

# ---- a freeze stops what people have signed ----

spine_again
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
mode-set --freeze 'in the cool-down' >/dev/null
run loosen finish "$id" TRUSTED
ok "evidence that is ripe: refused by the library" is "$status $(kernel)" "14 AIRGAP"
run mode-set --ceremony "$id" trusted
ok "and by mode-set, with the reason" like "$status $err" '^14 .*in the cool-down'
loosening=$id
unfreeze
ok "people unfreeze" is "$status $out" "0 not frozen"
ok "what they had signed before stays off" is "$(loosen finish "$loosening" TRUSTED 2>&1; echo $?)" \
    "$(printf 'loosen: the ceremony named is not open\n13')"
ok "recorded, with the clock before and now" like "$(last_record)" '"ev":"mode.unfreeze".*"auth":"'"$id"'","was":[0-9]+,"now":[0-9]+'
ok "XB-04: cleared in the state" is "$(frozen)" -
run loosen to "$T" 1 TRUSTED
ok "XB-04: and loosening works again" is "$status $out $(kernel)" "0 TRUSTED TRUSTED"
run mode-set --check
ok "kernel, state and log agree" status 0

# ---- unfreezing takes the ceremony, in every mode ----

run mode-set --unfreeze
ok "without a ceremony: no" status 1
run loosen open UNFREEZE
ok "nothing is frozen: no such ceremony" status 1
mode-set --freeze again >/dev/null
run mode-set --unfreeze
ok "frozen, without a ceremony: no" is "$status $(frozen)" "1 again"
run mode-set --ceremony 0123456789abcdef --unfreeze
ok "with one that nobody opened: no" is "$status $(frozen)" "13 again"
id=$(loosen open UNFREEZE 2>&1 >"$T/text")
run mode-set --ceremony "$id" --unfreeze
ok "with no approval: pending" is "$status $(frozen)" "12 again"
loosen approve "$id" 1 "$(loosen sign "$T" 1 <"$T/text")"
forward 91
run mode-set --ceremony "$id" --unfreeze
ok "with one of two: pending" is "$status $(frozen)" "12 again"
loosen approve "$id" 2 "$(loosen sign "$T" 2 <"$T/text")"
run mode-set --ceremony "$id" --unfreeze
ok "with two, too early: pending" is "$status $(frozen)" "12 again"
forward 692
run mode-set --ceremony "$id" --unfreeze
ok "with two, too late: no" is "$status $(frozen)" "13 again"
id=$(loosen hold "$T" 2 UNFREEZE)
mode-set coldroom >/dev/null
run mode-set --ceremony "$id" --unfreeze
ok "of a mode that was left since: no" is "$status $(frozen)" "13 again"
id=$(loosen hold "$T" 2 UNFREEZE)
run shifted mode-set --ceremony "$id" --unfreeze
ok "from another time namespace: no" is "$status $(frozen)" "14 again"
run mode-set --ceremony "$id" --unfreeze
ok "control: with that very one: yes" is "$status $(frozen)" "0 -"
mode-set --freeze 'once more' >/dev/null
run mode-set --ceremony "$id" --unfreeze
ok "it is used up" is "$status $(frozen)" "13 once more"
id=$(loosen hold "$T" 2 UNFREEZE)
run mode-set --freeze 'somebody is in here'
ok "frozen while people unfreeze: free" is "$status $out" "0 frozen: once more"
run mode-set --ceremony "$id" --unfreeze
ok "what they have signed is off" is "$status $(frozen)" "13 once more"
mount --bind /var/lib/bnd/log /var/lib/bnd/log
id=$(loosen hold "$T" 2 UNFREEZE)
mount -o remount,bind,ro /var/lib/bnd/log
run mode-set --ceremony "$id" --unfreeze
ok "what cannot be logged is not unfrozen" is "$((status != 0)) $(frozen)" "1 once more"
umount /var/lib/bnd/log

spine_again
bad=''
for m in "${modes[@]}"; do
	mode-set "$m" >/dev/null
	mode-set --freeze "in $m" >/dev/null || bad+=" freeze:$m"
	unfreeze
	[[ "$status $(frozen) $(kernel)" == "0 - $m" ]] || bad+=" $m:$status:$err"
done
ok "frozen and unfrozen in each of the six modes" is "$bad" ''
ok "the log verifies" verifies
spine_again 1
mode-set --freeze 'one approver' >/dev/null
unfreeze 1
ok "one owner alone can do it" is "$status $(frozen)" "0 -"

# At a terminal, and with the approvers' own tool.
spine_again
mode-set coldroom >/dev/null 2>&1
mode-set --freeze 'ask people' >/dev/null
at_terminal mode-set --reason "the auditors have left" --unfreeze
ok "at a terminal: the text is shown" shown "action unfreeze"
ok "at a terminal: with its reason" shown "reason the auditors have left"
type_phrase
type_approval 1
shown "1 of 2"
say "type approver2" "expect Signature of approver2" "type $(paste_of 2)"
ok "at a terminal: the cool-down runs" shown cool-down
ok "at a terminal: how to finish it elsewhere" like "$(cat "$T/screen")" 'mode-set --ceremony [0-9a-f]{16} --unfreeze'
ok "frozen all the while" is "$(frozen)" "ask people"
forward 91
left
ok "at a terminal: unfrozen" is "$status $(tail -n 1 <<<"$out") $(frozen)" "0 not frozen -"
mode-set --freeze 'once more' >/dev/null
run "$BND_BUILD/tests/helper/timed-ceremony" request --unfreeze
ok "ceremony request --unfreeze" like "$status $err" '^0 .*mode-set --unfreeze --ceremony'
run mode-set coldroom --json </dev/null
ok "a tightening is free while it is open" is "$status $(frozen)" "0 once more"
run mode-set --unfreeze </dev/null
ok "nobody to ask: the way is told" like "$status $err" '^1 .*ceremony request --unfreeze'
ok "the log verifies" verifies

# ---- nothing stands in its way ----

spine_again
mode-set airgap >/dev/null
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
kill -STOP $holder
run mode-set --freeze 'the lock is held'
ok "the lock's holder is stopped: frozen, not logged" is "$status $out" "15 frozen: the lock is held"
ok "readers know at once" like "$(mode-set --json)" '"frozen":"the lock is held"'
ok "boot will know" grep -q '^bnd-floor/1 NONE frozen ' /var/lib/bnd/floor
kill -CONT $holder
kill $holder
wait 2>/dev/null
run loosen open TRUSTED
ok "no ceremony is opened before it is on record" status 14
run mode-set --check
ok "the next one records it" is "$status $(frozen) $(records mode.freeze)" "0 the lock is held 1"
ok "once" is "$(mode-set --check >/dev/null; ls -A /run/bnd/request; records mode.freeze)" 1
ok "the floor is not needed any more" grep -q '^bnd-floor/1 NONE [^f]' /var/lib/bnd/floor

# No request can be made, as on a full /run.
spine_again
mkdir -p /run/bnd/request
mount -t tmpfs -o ro tmpfs /run/bnd/request
"$BND_BUILD/tests/helper/hold" /run/bnd/lock &
holder=$!
sleep 0.2
run mode-set --freeze 'neither request nor lock'
ok "neither request nor lock: not frozen, and so it is said" is "$status ${err##*: not frozen*}" "11 "
kill $holder
wait 2>/dev/null
run mode-set --freeze 'no request'
ok "control: with the lock it is" is "$(frozen) $(records mode.freeze)" "no request 1"
umount /run/bnd/request

spine_again
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
echo 4 >/run/fake/pause
mode-set --ceremony "$id" trusted >"$T/out" 2>&1 &
loosening=$!
for _ in {1..100}; do
	! grep -q '^phase leaving' /run/bnd/state || break
	sleep 0.05
done
run mode-set --freeze 'too open'
ok "while a loosening is carried out: frozen" is "$status $out" "15 frozen: too open"
rm -f /run/fake/pause
wait $loosening
rc=$?
ok "the loosening is turned round" is "$rc $(kernel) $(published)" "16 AIRGAP AIRGAP"
ok "and says why" grep -q 'a freeze was asked for' "$T/out"
run mode-set --check
ok "the host is frozen" is "$status $(frozen) $(records mode.freeze)" "0 too open 1"
ok "which no record contradicts" verifies

spine_again
mode-set airgap >/dev/null
rm /run/bnd/state
run mode-set --freeze 'no state'
ok "without a state: on record" is "$status $(records mode.freeze)" "9 1"
run mode-set --check
ok "and LOCKDOWN, frozen, once that is repaired" is "$(kernel) $(published) $(frozen)" "LOCKDOWN LOCKDOWN no state"
ok "the log verifies" verifies

spine_again
rm -rf /run/bnd/request
mkdir -p /run/bnd/request/FREEZE
ok "a directory in the request's place" like "$(mode-set --json)" '"frozen":"no reason given"'
rmdir /run/bnd/request/FREEZE
mkfifo /run/bnd/request/FREEZE
ok "a FIFO" like "$(timeout 5 mode-set --json)" '"frozen":"no reason given"'
rm /run/bnd/request/FREEZE
ln -s /etc/hostname /run/bnd/request/FREEZE
ok "a symbolic link" like "$(mode-set --json)" '"frozen":"no reason given"'
rm /run/bnd/request/FREEZE
ok "control: none of them" like "$(mode-set --json)" '"frozen":null'
run mode-set --freeze "$(printf 'bell\a and \xff %0200d' 7)"
ok "a reason that a terminal might obey, and too long" like "$out" '^frozen: bell\\x07 and \\xff 0+\.\.\.$'
ok "the log verifies" verifies
for why in '' -; do
	spine_again
	run mode-set --freeze "$why"
	ok "the reason '$why' is frozen too" is "$status $(frozen)" "0 no reason given"
done

# ---- it outlives a reboot ----

reboot() {
	rm -rf /run/bnd
	echo OPEN >/run/fake/net
	run mode-set --boot
}
spine_again
mode-set trusted >/dev/null
mode-set --freeze 'over the night' >/dev/null
reboot
ok "from the log" is "$status $(kernel) $(frozen)" "0 TRUSTED over the night"
run loosen bare OPEN
ok "and in force" status 14
unfreeze
reboot
ok "and gone once people have unfrozen" is "$status $(frozen)" "0 -"

full() {
	mount --bind /var/lib/bnd/log /var/lib/bnd/log
	mount -o remount,bind,ro /var/lib/bnd/log
}
full
run mode-set --freeze 'the disk is full'
ok "a log that cannot be written: frozen, not logged" is "$status $(frozen)" "15 the disk is full"
ok "in the spool" grep -q '"ev":"mode.freeze"' /run/bnd/spool
run mode-set --check
ok "which is no contradiction" is "$(frozen)" "the disk is full"
reboot
ok "after a reboot: frozen all the same" is "$(frozen)" "frozen before this boot"
run loosen bare OPEN
ok "and in force" status 14
umount /var/lib/bnd/log
run mode-set --check
ok "recorded when there is a log again" is "$(records mode.freeze)" 2
unfreeze
ok "people unfreeze" is "$status $(frozen)" "0 -"
reboot
ok "and boot agrees" is "$status $(frozen)" "0 -"
spine_again
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
full
mount --bind /run/bnd/state /run/bnd/state
run mode-set --freeze 'neither log nor state'
ok "a state that cannot be replaced either: frozen" is "$status $out" "15 frozen: neither log nor state"
umount /run/bnd/state /var/lib/bnd/log
run loosen finish "$id" TRUSTED
ok "what stands in the spool alone holds" is "$status $(kernel)" "14 AIRGAP"
run mode-set --check
ok "and comes on record" is "$status $(frozen)" "0 neither log nor state"
ok "the log verifies" verifies

spine_again
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
full
mount --bind /run/bnd/state /run/bnd/state
mode-set --freeze 'in the spool alone' >/dev/null 2>&1
umount /run/bnd/state /var/lib/bnd/log
rm /run/bnd/request/FREEZE
run loosen finish "$id" TRUSTED
ok "even without the request" is "$status $(kernel)" "14 AIRGAP"
ok "the log verifies" verifies

spine_again
full
mode-set --freeze 'absorbed later' >/dev/null 2>&1
umount /var/lib/bnd/log
mode-set trusted >/dev/null
ok "a spooled freeze comes onto the log by itself" like "$(grep '"ev":"mode.freeze"' $log_file | tail -n 1)" '"late":.*"was":\{"reason":"absorbed later"'
run mode-set --check
ok "and agrees" is "$status $(frozen)" "0 absorbed later"
ok "the log verifies" verifies

# ---- the chain is the authority ----

spine_again
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
mode-set --freeze 'set, and to be read' >/dev/null
sed -i '/^frozen /d' /run/bnd/state
run loosen finish "$id" TRUSTED
ok "the line taken out: no state at all" isnt "$status" 0
spine_again
mode-set airgap >/dev/null
mode-set --freeze 'set, and to be read' >/dev/null
"$BND_BUILD/tests/helper/forge-state" AIRGAP ''
ok "the attack: the state is whole and says nothing" is "$(frozen)" -
run chain-verify --state /run/bnd/state
ok "chain-verify --state finds it" like "$status $out" '^1 TAMPERED'
run loosen open TRUSTED
ok "no ceremony is opened: the log says frozen" like "$status $err" '^14 .*set, and to be read'
run mode-set --check
ok "found" like "$status $out" '^1 .*the chain is frozen, the state is not: set, and to be read'
ok "LOCKDOWN, and frozen again" is "$(kernel) $(published) $(frozen)" "LOCKDOWN LOCKDOWN set, and to be read"
ok "the log verifies" verifies
run mode-set --check
ok "and agrees with the state" status 0
spine_again
"$BND_BUILD/tests/helper/forge-state" OPEN 'by hand'
run mode-set --check
ok "frozen by hand in the state alone: put on record" is "$status $(records mode.freeze) $(frozen)" "1 1 by hand"
run mode-set --check
ok "once" is "$status $(records mode.freeze)" "0 1"
unfreeze
ok "so that people can unfreeze" is "$status $(frozen)" "0 -"
run setpriv --reuid 65534 --clear-groups mode-set --freeze nobody
ok "only root freezes" status 10
ok "the log verifies" verifies
tap_done
