#!/bin/bash
# usb-modes.t: the same devices in every mode, and what is left of them without a policy
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

usb_ready OPEN
echo 'lockdown_hid keep' >>"$U/etc/bnd/bnd.conf"
usb 1-1 keyboard serial=K
usb 1-2 hub
usb 1-3 storage serial=S
usb 1-4 ff:00:00 as=net serial=N
usb 1-5 mouse serial=M
usb 1-6 keyboard serial=stranger
usb 1-7 storage keyboard serial=C

# Ports that are authorised.
on() {
	local port out=
	for port in "$U"/sys/bus/usb/devices/1-*; do
		port=${port##*/}
		[[ $port == *:* || $(usb_state "$port") != 1* ]] || out+=" $port"
	done
	echo "${out# }"
}
settled() {
	usb_mode "$1"
	run guard apply --json
}
replug() {
	usb_unplug "$1"
	usb "$@"
	run guard hook add "$(usb_path "$1")"
}

settled OPEN
ok "OPEN: all of them" is "$status $(on)" "0 1-1 1-2 1-3 1-4 1-5 1-6 1-7"
usb_known 1-1 1-2 1-3 1-4 1-5 1-7

declare -A want=(
	[OPEN]='1-1 1-2 1-3 1-4 1-5 1-6 1-7'
	[RESTRICTED]='1-1 1-2 1-3 1-4 1-5 1-7'
	[TRUSTED]='1-1 1-2 1-4 1-5'
	[AIRGAP]='1-1 1-2 1-5'
	[COLDROOM]='1-1 1-2 1-5'
	[LOCKDOWN]='1-1 1-2'
)
for m in RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN TRUSTED OPEN LOCKDOWN AIRGAP; do
	settled $m
	ok "S0-02, S0-75, S0-83: $m leaves what is its" is "$status $(on)" "0 ${want[$m]}"
	run guard check --json
	ok "and a check agrees" like "$status $out" "^0 "
done

# In AIRGAP now: rules, baseline and settings are edited by somebody.
usb_rule allow
settled AIRGAP
ok "UP-09: a rule is added: the console set stays, and is told why" like "$status $(on) $out" \
    '^1 1-1 1-2 .*policy changed'
replug 1-5 mouse serial=M
ok "UP-09: nothing else comes back" is "$status $(on)" "1 1-1 1-2"
replug 1-1 keyboard serial=K
ok "UP-09: but the console's keyboard does" is "$status $(on)" "1 1-1 1-2"
rm "$U/etc/bnd/usb.d/10-test.rules"
settled AIRGAP
ok "UP-09: as it was: in force again" is "$status $(on)" "0 ${want[AIRGAP]}"

# What a file that breaks later takes away, and what not.
cp "$U/etc/bnd/usb.baseline" "$T/base"
settled LOCKDOWN
head -n 3 "$T/base" >"$U/etc/bnd/usb.baseline"
settled LOCKDOWN
ok "UP-08: the baseline is cut: the keyboard stays" is "$status $(on)" "2 1-1 1-2"
replug 1-1 keyboard serial=K
ok "UP-08: plugged in again it is known by what was accepted" is "$(on)" "1-1 1-2"
rm "$U/run/bnd/usb/policy"
settled LOCKDOWN
ok "UP-08: that is gone, too: who was let in stays" is "$status $(on)" "2 1-1 1-2"
replug 1-1 keyboard serial=K
ok "UP-08: and nobody comes in" is "$(on)" "1-2"
settled OPEN
ok "UP-08: not in OPEN either" is "$status $(on)" "2 1-2"
cat "$T/base" >"$U/etc/bnd/usb.baseline"
settled OPEN
ok "control: with the baseline all are back" is "$status $(on)" "0 ${want[OPEN]}"

# Hubs in a row.
rm -f "$U/run/bnd/usb/policy"
echo 'usb_hub_depth 1' >>"$U/etc/bnd/bnd.conf"
usb 1-2.1 hub
usb 1-2.2 keyboard
settled OPEN
ok "UB-14: one hub and no other behind it" is "$status $(on)" "0 1-1 1-2 1-2.2 1-3 1-4 1-5 1-6 1-7"
run guard explain 1-2.1
ok "UB-14: which is the reason" like "$out" 'OPEN +denied: hub depth: 2 in a row, usb_hub_depth is 1'

# Settings that are replaced while a check reads them: the old or the new ones.
verdict() {
	guard check --json >"$T/verdict" 2>&1
	echo "status $?"
	jq -cS '.devices |= sort_by(.port)' "$T/verdict" 2>/dev/null
}
cp -p "$U/etc/bnd/bnd.conf" "$T/one"
{ echo "# $(printf '%06000d' 0)"; sed 's/usb_hub_depth 1/usb_hub_depth 2/' "$T/one"; } >"$T/two"
swap() {
	cp -p "$T/$1" "$U/etc/bnd/bnd.new" && mv "$U/etc/bnd/bnd.new" "$U/etc/bnd/bnd.conf"
}
swap two
verdict >"$T/says.two"
head -c 3000 "$T/two" >"$U/etc/bnd/bnd.conf"
verdict >"$T/says.half"
swap one
verdict >"$T/says.one"
ok "control: each is another verdict, and half of one a third" \
    is "$(cat "$T"/says.* | grep status | sort -u | xargs)" "status 0 status 1 status 19"
(while [[ ! -e $T/enough ]]; do swap two; swap one; done) &
swapping=$!
for ((i = 0; i < 400; i++)); do
	verdict
	((i < 60 || $(grep status "$T/says" | sort -u | wc -l) < 2)) || break
done >"$T/says"
touch "$T/enough"
wait $swapping
ok "$i checks meanwhile: only those two are ever seen" \
    is "$(grep -vxFf "$T/says.one" "$T/says" | grep -vxFf "$T/says.two" | sort -u)" ''
ok "control: and both of them" is "$(grep status "$T/says" | sort -u | xargs)" "status 0 status 1"
swap one

# Let in whole, and then to stay in part: what goes is not held against the rest.
rm -f "$U/run/bnd/usb/policy"
sed -i '/usb_hub_depth/d' "$U/etc/bnd/bnd.conf"
echo 'usb_composite filter' >>"$U/etc/bnd/bnd.conf"
usb_rule 'allow with-interface match-all { 08:*:* }'
usb 1-8 storage keyboard serial=D
settled OPEN
ok "UB-09: OPEN lets in all of them" is "$(usb_state 1-7)/$(usb_state 1-8)" \
    "1 1.0=1:usb-storage 1.1=1:usbhid/1 1.0=1:usb-storage 1.1=1:usbhid"
settled RESTRICTED
ok "UB-09: RESTRICTED leaves what the rule is for, or the baseline" is "$status $(usb_state 1-7)/$(usb_state 1-8)" \
    "0 1 1.0=1:usb-storage 1.1=1:usbhid/1 1.0=1:usb-storage 1.1=0:"
settled TRUSTED
ok "UB-09: TRUSTED leaves the keyboard of the baseline" is "$status $(usb_state 1-7)/$(usb_state 1-8)" \
    "0 1 1.0=0: 1.1=1:usbhid/0"
ok "UB-09: and nobody has cried wolf" is "$(usb_records usb.alert)" 0
settled RESTRICTED
ok "UB-09: back again" is "$status $(usb_state 1-7)/$(usb_state 1-8)" \
    "0 1 1.0=1:usb-storage 1.1=1:usbhid/1 1.0=1:usb-storage 1.1=0:"
run chain-verify -R "$U"
ok "the log verifies" status 0
tap_done
