#!/bin/bash
# usb-explain.t: what each mode says of a device, and by which rule, line or ceiling
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

usb_ready RESTRICTED
usb 1-1 keyboard
usb 1-2 storage keyboard
usb_rule 'allow with-interface match-all { 03:*:* }'
usb_rule 'block with-interface one-of { 08:*:* }' TRUSTED

# mode M FIELD: of the JSON in $out.
mode() {
	sed -E 's/.*(\{"mode":"'"$1"'","verdict".*)/\1/; s/\]\}.*//' <<<"$out" |
	    sed -nE 's/.*"'"$2"'":("([^"]*)"|([a-z]+|\[[0-9,]*)).*/\2\3/p'
}
verdicts() {
	local m
	for m in OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
		mode $m verdict
	done | paste -sd ' '
}

run guard explain 1-1 --json
ok "a keyboard by a rule is admitted in the present mode" status 0
ok "and in no stricter one" is "$(verdicts)" "admitted admitted denied denied denied denied"
ok "the rule is named with its line" is "$(mode RESTRICTED reason)" "allow rule /etc/bnd/usb.d/10-test.rules:1"
ok "the mode that denies is named" is "$(mode AIRGAP by) $(mode AIRGAP reason)" "TRUSTED TRUSTED: not in the baseline"
run guard explain 1-1 --mode airgap
ok "--mode: denied is 1" status 1
ok "and for people, too" like "$out" 'TRUSTED +denied: not in the baseline
'
ok "each mode has its row" is "$(grep -cE '^ +(OPEN|RESTRICTED|TRUSTED|AIRGAP|COLDROOM|LOCKDOWN) ' <<<"$out")" 6
run guard explain 1-1 -q
ok "-q says nothing" is "$status$out" 0

run guard explain 1-2 --json
ok "a composite is denied in the present mode" status 1
ok "OPEN alone admits it" is "$(verdicts)" "admitted denied denied denied denied denied"
ok "a stricter mode's own rule is named" is "$(mode TRUSTED rule)" \
    "block rule /etc/bnd/usb.d/TRUSTED/10-test.rules:1"
ok "and what it says by itself" is "$(mode AIRGAP cell)" "ceiling: storage, interface 0 is 08:06:50"
ok "an interface says from where on it never comes in" like "$out" \
    '"number":0,"setting":0,"configuration":1,"class":"08:06:50","group":"storage","never":"TRUSTED"'
ok "another never is not" unlike "$out" '"class":"03:01:01","group":"hid","never"'

usb 1-3 03:01:02 name=$'Mouse\e[2J\n"'
run guard explain 1-3
ok "no terminal obeys a device's name" is "$(tr -d '[:print:]\n' <<<"$out")" ''

dd if="$U/sys$(usb_path 1-2)/descriptors" of="$T/bytes" 2>/dev/null
run guard explain "$T/bytes" --mode open
ok "the bytes of a device, in a file" is "$status" 0
ok "are judged alike" like "$out" 'never from this mode on: TRUSTED'
head -c 20 "$T/bytes" >"$T/cut"
run guard explain "$T/cut" -m open
ok "cut ones are let in nowhere" status 1
ok "and say so" like "$out" 'OPEN +denied: descriptors: '

echo 'alow' >>"$U/etc/bnd/usb.d/10-test.rules"
run guard explain 1-1 -m open
ok "without a policy there is the console set" status 1
ok "and the place of the error" like "$out" 'policy: /etc/bnd/usb.d/10-test.rules:2:1: '

before=$(find "$U" -newermt '1 hour ago' -type f -exec sha256sum {} + | sort)
run guard explain 1-2
ok "UE-16: nothing is written" is "$(find "$U" -newermt '1 hour ago' -type f -exec sha256sum {} + | sort)" "$before"
run guard explain 1-9
ok "nothing is in that port" is "$status $err" "2 usb-guard: no USB device at port 1-9"
run guard explain
ok "no operand" status 2
run guard explain 1-1 1-2
ok "two operands" status 2
run guard explain 1-1 -m shut
ok "an unknown mode" status 2
run guard explain "$T/none"
ok "no such file" status 2
tap_done
