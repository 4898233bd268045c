#!/bin/bash
# usb-evidence.t: no record, no device; who comes, who goes, and what that trips
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

add() {
	run guard hook add "$(usb_path "$1")" --json
}
# The path is the one it had.
remove() {
	local path
	path=$(usb_path "$1")
	usb_unplug "$1"
	run guard hook remove "$path" --json
}
requested() {
	[[ ! -d $U/run/bnd/request ]] || (cd "$U/run/bnd/request" && find . -type f -printf '%f')
}
spooled() {
	grep -c "\"ev\":\"$1\"" "$U/run/bnd/spool" 2>/dev/null
}

# ---- the log refuses ----------------------------------------------------------

log_dir=$U/var/lib/bnd/log
break_log() {
	case $1 in
	gone) mv "$log_dir" "$log_dir.away" ;;
	pin) mv "$U/etc/bnd/log.pin" "$U/etc/bnd/log.pin.away" ;;
	head) mv "$log_dir/head" "$log_dir/head.away" ;;
	torn) truncate -s -20 "$usb_log" ;;
	mode) chmod 0666 "$log_dir/lock" ;;
	esac
}
for reason in gone pin head torn mode; do
	usb_ready OPEN
	usb 1-1 keyboard
	usb 1-2 storage
	usb 1-3 storage
	add 1-2
	add 1-3
	seen=$(usb_state 1-2)
	usb_mode OPEN
	usb_rule 'block with-interface one-of { 08:*:* }'
	path1=$(usb_path 1-1) path2=$(usb_path 1-2) path3=$(usb_path 1-3)
	(
		break_log $reason
		guard hook add "$path1"
		echo $? >"$T/one"
		guard hook add "$path2"
		echo $? >"$T/two"
		usb_unplug 1-3
		guard hook remove "$path3"
		echo $? >"$T/three"
	) >/dev/null 2>&1
	ok "$reason: control: it was let in before" is "$seen" "1 1.0=1:usb-storage"
	ok "$reason: nothing is let in without a record" is "$(cat "$T/one") $(usb_state 1-1)" "15 0"
	ok "$reason: a denial is done all the same, and told" is "$(cat "$T/two") $(usb_state 1-2)" "15 0"
	ok "$reason: a removal that is nobody's business is none" is "$(cat "$T/three")" 0
done
usb_ready OPEN
usb 1-1 storage
add 1-1
break_log gone
usb_mode LOCKDOWN
add 1-1
ok "without a log a denial stands in the spool" is "$status $(usb_state 1-1) $(spooled usb.result)" "15 0 1"
run guard check --json
ok "and a check says that it holds" like "$out" '"sealed":true'
mv "$log_dir.away" "$log_dir"
usb 1-2 storage
add 1-2
ok "and from there in the log" is "$status $(usb_records usb.result '"port":"1-1"')" "0 2"
ok "which verifies" chain-verify -R "$U"

# ---- the console set may come in on a spooled record ---------------------------

usb_ready OPEN
usb 1-1 keyboard serial=K
usb 1-2 keyboard serial=L
add 1-1
usb_known 1-1
usb_mode LOCKDOWN
run guard apply
ok "LOCKDOWN keeps the baseline's keyboard where there is no other" is \
    "$status $(usb_state 1-1)/$(usb_state 1-2)" "0 1 1.0=1:usbhid/0"
rm -rf "$U/run/bnd" "$log_dir"
mkdir "$U/run/bnd"
remove 1-1
usb 1-1 keyboard serial=K
add 1-1
ok "in an early boot it comes, on a record in the spool" is "$(usb_state 1-1) $(spooled usb.intent)" "1 1.0=1:usbhid 1"
add 1-2
ok "and no other" is "$(usb_state 1-2)" 0

# ---- arrivals --------------------------------------------------------------

for mode in AIRGAP COLDROOM LOCKDOWN; do
	usb_ready $mode
	usb 1-1 storage
	add 1-1
	ok "$mode: an unknown device is denied" is "$status $(usb_state 1-1)" "0 0"
	want=''
	[[ $mode != COLDROOM ]] || want=LOCKDOWN
	ok "$mode: and trips from COLDROOM on" is "$(requested)" "$want"
	[[ $mode != COLDROOM ]] || ok "its record, made before, says so" is "$(usb_records usb.result '"trip":true')" 1
done
rm -rf "$U/run/bnd/request"
usb_mode COLDROOM
add 1-1
ok "once: who is known to be there has not come" is "$(requested)" ""
usb_ready OPEN
usb 1-1 storage
txn=0123456789abcdef0123456789abcdef
usb_mode entering OPEN COLDROOM $txn $$
run guard apply COLDROOM --txn $txn --json
ok "what is there when COLDROOM is entered does not trip" like "$status $(requested) $out" '^0  .*"mode":"COLDROOM","sealed":true'
usb_mode COLDROOM
usb 1-2 storage
run guard apply COLDROOM --txn $txn --json
ok "what comes before the hook has run does, inside a transaction too" is "$(requested)" LOCKDOWN

# ---- removals --------------------------------------------------------------

for mode in OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	usb_ready OPEN
	usb 1-1 keyboard serial=K
	usb 1-2 keyboard serial=L
	add 1-1
	add 1-2
	usb_known 1-1
	usb_mode $mode
	run guard apply
	rm -rf "$U/run/bnd/request"
	remove 1-2
	ok "$mode: a stranger goes unremarked" is "$status $(usb_records usb.removed) $(requested)" "0 0 "
	remove 1-1
	case $mode in
	OPEN | RESTRICTED) want='0 0 ' ;;
	COLDROOM) want='0 1 LOCKDOWN' ;;
	*) want='0 1 ' ;;
	esac
	ok "$mode: a device of the baseline: recorded from TRUSTED, a trip in COLDROOM" is \
	    "$status $(usb_records usb.removed '"baseline":true') $(requested)" "$want"
	ok "$mode: the port's file is emptied, not gone" is "$(stat -c %s "$U/run/bnd/usb/1-1")" 0
done

usb_ready TRUSTED
usb_mode OPEN
usb 1-1 keyboard serial=K
add 1-1
usb_known 1-1
usb_mode TRUSTED
add 1-1
run guard hook remove "$(usb_path 1-1)"
ok "a removal of what is there changes nothing, and is recorded as that" is \
    "$status $(usb_state 1-1) $(usb_records usb.removed '"present":true')" "0 1 1.0=1:usbhid 1"
usb_unplug 1-1
run guard apply
ok "a removal without a hook is found by the next apply" is \
    "$status $(usb_records usb.removed '"port":"1-1"' ) $(stat -c %s "$U/run/bnd/usb/1-1")" "0 2 0"
usb 1-1 keyboard serial=K
add 1-1
usb_unplug 1-1
usb 1-1 storage
add 1-1
ok "as is one by who comes to the port next" is "$(usb_records usb.removed '"port":"1-1"') $(usb_state 1-1)" "3 0"

# ---- hubs ------------------------------------------------------------------

usb_ready OPEN
usb 1-2 hub
add 1-2
usb 1-2.1 keyboard serial=K
usb 1-2.2 storage
add 1-2.1
add 1-2.2
usb_known 1-2.1
add 1-2.1
ok "control: two behind a hub" is "$(usb_state 1-2.1)/$(usb_state 1-2.2)" "1 1.0=1:usbhid/1 1.0=1:usb-storage"
usb_mode COLDROOM
child=$(usb_path 1-2.1)
run guard apply
rm -rf "$U/run/bnd/request"
ok "a hub that is denied takes with it what is behind" is "$(usb_state 1-2) $(usb_path 1-2.1)" "0 "
ok "which its record names" is "$(usb_records usb.result '"below":"1-2.1 1-2.2"')" 1
run guard hook remove "$child"
ok "and whose going trips nothing" is "$status $(requested)" "0 "
ok "though it is recorded" is "$(usb_records usb.removed '"hub_denied":true')" 1

# ---- several ---------------------------------------------------------------

usb_ready COLDROOM
for i in 1 2 3; do usb 1-$i storage serial=$i on; done
run guard check --json
ok "three that hold more than they may are three findings" is "$status $(grep -o '"code":"device"' <<<"$out" | wc -l)" "19 3"
run guard apply
ok "and three records of an apply" is "$status $(usb_records usb.result '"verdict":"deny"')" "0 3"

usb_ready OPEN
usb 1-1 storage fault=stall
usb 1-2 hub
usb 1-3 keyboard
run guard apply
ok "UB-01: one that stalls is told, and fails nothing" is "$status $(usb_state 1-1) $(usb_state 1-3)" "1 0 1 1.0=1:usbhid"
ok "UP-17: and is tried once in an apply" is "$(usb_records usb.intent '"port":"1-1"')" 1
ok "which says why, whole" like "$err$out" '1-1: cannot write 1 to 1-1'

# ---- what a device says of itself ---------------------------------------------

usb_ready OPEN
name=$(printf '€%.0s' {1..126})
usb 1-1 keyboard name="$name"
add 1-1
ok "UT-03: 378 bytes of a name are on record" \
    is "$(usb_records usb.result "\"name\":\"$(printf '\\\\u00e2\\\\u0082\\\\u00ac%.0s' {1..126})\"")" 1
long=$(printf '\xff%.0s' {1..3999})
usb 1-2 keyboard name="$long"a serial="$long"a
usb 1-3 keyboard name="$long"a serial="$long"b
add 1-2
add 1-3
for i in 1-2 1-3; do
	ok "UT-10: 4,000 bytes: recorded with their length, in one line ($i)" \
	    is "$(usb_records usb.intent "\"port\":\"$i\".*\"name\":{\"trunc\":.*\"serial\":{\"trunc\":") $(usb_state $i)" "1 1 1.0=1:usbhid"
done
ok "UT-08: and the last of them counts" is "$(grep -o '"identity":"[^"]*"' "$usb_log" | sort -u | wc -l)" 3
ok "UT-10: the log verifies" chain-verify -R "$U"
tap_done
