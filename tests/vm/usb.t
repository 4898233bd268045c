#!/bin/bash
# usb.t: real devices, real udev, real drivers: what is let in, mode by mode
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine -M pc,i8042=off -netdev hubport,id=n0,hubid=0
# What the machine has, and what it is when it works.
put_kbd() { plug usb-kbd kbd 1; }
put_mouse() { plug usb-mouse mouse 2; }
put_stick() { plug usb-storage stick 3 ',"bus":"xhci.0","drive":"stick"'; }
put_net() { plug usb-net net 4 ',"bus":"xhci.0","netdev":"n0"'; }
put_hub() { plug usb-hub hub 5; }
kbd=1-1 mouse=1-2 stick=2-3 net=1-4 hub=1-5
works() {
	case $1 in
	"$stick") until_true 10 like "$(facts "$1")" 'nodes=\[sd' ;;
	*) until_true 10 eval "[[ \"\$(nodes $1)\" ]]" ;;
	esac
}
typed() {
	(($(arrives a_key) > 0))
}

# ---- without bnd ----

control() {
	echo 1 >$devices/usb1/authorized_default
	echo 1 >$devices/usb2/authorized_default
	put_kbd && put_stick && put_net
	ok "control: without bnd a keyboard works" works $kbd
	ok "control: and types" typed
	ok "control: a stick is a disk" until_true 10 test -b /dev/sda
	ok "control: a network card has its link" until_true 10 eval "[[ '$(nodes $net)' || \$(nodes $net) ]]"
	unplug kbd; unplug stick; unplug net
	until_true 10 gone $kbd; until_true 10 gone $stick; until_true 10 gone $net
	echo 0 >$devices/usb1/authorized_default
	echo 0 >$devices/usb2/authorized_default
	put_kbd
	until_true 10 there $kbd
	ok "control: the kernel's own default holds it" is "$(facts $kbd)" "$dead"
	ok "control: and it does not type" not typed
	unplug kbd
	until_true 10 gone $kbd
	# UB-18
	echo -1 >/sys/module/usbcore/parameters/authorized_default
	controller x2
	until_true 10 test -e $devices/usb19
	plug usb-kbd kbd2 1 ',"bus":"x2.0"'
	ok "UB-18: control: a controller that is added later lets a keyboard in" until_true 10 alive 19-1
	qmp '{"execute":"device_del","arguments":{"id":"x2"}}' >/dev/null
	until_true 10 gone usb19
	echo 0 >/sys/module/usbcore/parameters/authorized_default
}

# What has left by the network card, which is asked to find somebody.
frames() {
	local d
	until_true 10 compgen -G "$devices/$net:*/net/*"
	d=$(compgen -G "$devices/$net:*/net/*")
	calm
	ip link set "${d##*/}" up
	ip addr add 10.9.9.1/24 dev "${d##*/}" 2>/dev/null
	ping -c 2 -W 1 10.9.9.2 >/dev/null 2>&1
	cat "$d/statistics/tx_packets"
}

# ---- OPEN ----

opened() {
	put_kbd && put_stick && put_net && put_mouse && put_hub
	for p in $kbd $stick $net $mouse $hub; do until_true 10 there $p; done
	calm
	ok "OPEN: a keyboard is let in, and types" typed
	ok "whatever makes an input node, and however late, is looked at again" like \
	    "$(udevadm test --action=add "/sys/class/input/$(basename "$(event_of $kbd)")/device" 2>&1)" 'usb-guard hook add .*/input[0-9]'
	ok "OPEN: a stick" works $stick
	ok "OPEN: a network card" works $net
	ok "N105: control: in OPEN it sends" test "$(frames)" -gt 0
	ok "OPEN: a hub" alive $hub
	# UB-18: the attack, with nobody there to decide.
	udev_stands
	controller x2
	until_true 10 test -e $devices/usb19
	plug usb-kbd kbd2 1 ',"bus":"x2.0"'
	until_true 10 there 19-1
	ok "UB-18: on a controller that is added later a keyboard is dead before any hook" is_dead 19-1
	udev_goes
	calm
	ok "UB-18: and let in by it" until_true 10 event_of 19-1
	unplug kbd2
	until_true 10 gone 19-1
	calm
	n=$(records usb.result)
	udevadm trigger --action=add -s usb && calm
	udevadm trigger --action=add -s usb && calm
	ok "UE-14: events once more: no record, nothing written" is "$(records usb.result)" "$n"
	ok "OPEN: sound" sound
}

# ---- RESTRICTED ----

restricted() {
	# As in an office: the keyboard, and sticks.
	rules 'allow 0627:0001 with-interface 03:01:01
allow with-interface match-all { 08:06:* }'
	to RESTRICTED
	ok "RESTRICTED: what no rule allows is taken down" is "$status $(facts $mouse) $(facts $net)" "0 $dead $dead"
	ok "RESTRICTED: the rest types" typed
	ok "RESTRICTED: and is a disk" works $stick
	run usb-guard status --json
	ok "each device with the line that decided" \
	    like "$(jq -r '.devices[]? | "\(.port) \(.reason)"' <<<"$out")" "2-3 .*10-test.rules:2"
	unplug kbd && until_true 10 gone $kbd && put_kbd && until_true 10 there $kbd && calm
	ok "RESTRICTED: plugged again it types" until_true 5 typed
	ok "RESTRICTED: sound" sound
}

# ---- the baseline, TRUSTED, AIRGAP ----

photo='id=1209:0006 prod=Camera config if=06:01:01'
ball='id=1209:0003 prod=Ball config if=03:01:02 hid=mouse'
baseline() {
	rules 'allow'
	# shellcheck disable=SC2086
	{ fake 0 $photo; fake 15 $ball; }
	until_true 10 there "$(at 0)" && until_true 10 there "$(at 15)"
	to OPEN
	calm
	for p in $kbd $stick $net $mouse $hub "$(at 0)" "$(at 15)"; do until_true 10 alive "$p"; done
	works $stick && works $net
	run usb-guard baseline --save --no-keyboard
	ok "the baseline is what is here" is "$status $(grep -c ^bnd1: /etc/bnd/usb.baseline)" "0 7"
	run usb-guard diff
	ok "UP-13: nothing differs" status 0
	unfake 15 && until_true 10 gone "$(at 15)" && calm
	run usb-guard diff
	ok "UP-13: control: one that went does" status 1
	# shellcheck disable=SC2086
	fake 31 $ball && until_true 10 there "$(at 31)" && calm
	run usb-guard diff
	ok "UP-13: on another port of another bus it is the same" is "$status $(at 31)" "0 7-2"
	# shellcheck disable=SC2086
	fake 46 $ball && until_true 10 there "$(at 46)" && calm
	to RESTRICTED
	ok "control: a rule for all" alive "$(at 46)"
	rules 'block 1209:ffff'
	to RESTRICTED
	# Both were there: which of them is no matter.
	stays=$(at 31) goes=$(at 46)
	alive "$stays" || { stays=$(at 46) goes=$(at 31); }
	ok "UT-09: of two that are alike as many as were admitted" \
	    is "$(alive "$stays"; echo $?) $(facts "$goes")" "0 $dead"
	ok "UT-09: and why" like "$(said result "$goes")" '"reason":"[^"]*duplicate identity'
	unfake 46 && until_true 10 gone "$(at 46)" && calm
}
trusted() {
	to TRUSTED
	ok "UP-04: a stick of the baseline is dead in TRUSTED" is "$status $(facts $stick)" "0 $dead"
	ok "UP-04: so is a camera" is_dead "$(at 0)"
	ok "control: the network card is not" alive $net
	ok "TRUSTED: its keyboard types" typed
	unplug mouse && until_true 10 gone $mouse && calm
	ok "UP-10: one of the baseline that goes is on record in TRUSTED" \
	    is "$(said removed $mouse | jq -r '"\(.d.mode) \(.d.baseline) \(.d.trip)"') $(mode-set --get)" "TRUSTED true null TRUSTED"
	ok "TRUSTED: sound" sound
	to AIRGAP
	ok "AIRGAP: the card is dead, the keyboard types" is "$status $(facts $net) $(typed; echo $?)" "0 $dead 0"
	unplug net && until_true 10 gone $net && put_net && until_true 10 there $net && calm
	ok "N105: nor is one that comes later a link" is "$(facts $net)" "$dead"
	fake 60 id=1209:0007 config if=03:01:02 hid=mouse && until_true 10 there "$(at 60)" && calm
	ok "UP-11: a stranger in AIRGAP is denied, no more" \
	    is "$(facts "$(at 60)") $(mode-set --get)" "$dead AIRGAP"
	unfake 60 && until_true 10 gone "$(at 60)" && calm
}

# ---- COLDROOM and LOCKDOWN ----

is_mode() {
	[[ $(mode-set --get) == "$1" ]]
}
tripped() {
	until_true 20 is_mode LOCKDOWN
}
holds_nothing() {
	local d
	for d in $devices/[0-9]*-[1-9]*; do
		[[ $d == *:* || $(<"$d/authorized") == 0 ]] || { echo "$d"; return 1; }
	done
}
cold() {
	to COLDROOM
	ok "UP-06: COLDROOM: no disk, no link" is "$status $(facts $stick) $(facts $net) $(ls /dev/sd* 2>/dev/null)" "0 $dead $dead "
	ok "UP-06: the keyboard types" typed
	ok "COLDROOM: sound" sound
	fake 60 id=1209:0007 config if=08:06:62 if=03:01:01 hid=kbd
	until_true 10 there "$(at 60)" && calm
	ok "UP-11 UP-23: a stranger in COLDROOM: LOCKDOWN, by udev's own event" tripped
	ok "UP-11: it is denied" is_dead "$(at 60)"
	ok "UP-11: and on record before that" is \
	    "$(jq -r 'select(.ev == "usb.result" and .d.port == "'"$(at 60)"'" or .ev == "mode.commit" and .d.to == "LOCKDOWN") | .ev' $log_file | head -n 1)" usb.result
	ok "UP-07: LOCKDOWN: nothing of the baseline is left" holds_nothing
	ok "UP-07: nothing types" not typed
	ok "LOCKDOWN: sound" sound
	unfake 60 && until_true 10 gone "$(at 60)" && calm
	to COLDROOM
	ok "COLDROOM again: it types" is "$status $(typed; echo $?)" "0 0"
	unfake 31 && until_true 10 gone "$(at 31)" && calm
	ok "UP-10: one of the baseline goes in COLDROOM: LOCKDOWN" tripped
	ok "UP-10: which is on record" is "$(said removed 7-2 | jq -r '"\(.d.baseline) \(.d.trip)"')" "true true"
	to COLDROOM
	to OPEN
	ok "OPEN: all of it is back" is "$status $(alive $kbd && alive $stick && alive $net && alive "$(at 0)"; echo $?)" "0 0"
	unplug kbd && until_true 10 gone $kbd && calm
	ok "UP-10: and in OPEN it may go" is "$(mode-set --get)" OPEN
	ok "OPEN again: sound" sound
}

all() {
	usb_modules
	timed control
	usb_host
	timed udev_up
	timed opened
	timed restricted
	timed baseline
	timed trusted
	timed cold
}
phase all
tap_done
