#!/bin/bash
# usb-hostile.t: devices whose bytes lie: what the kernel makes of them, and who may
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine

mouse='if=03:01:02 hid=mouse'
kbd='if=03:01:01 hid=kbd'
disk='if=08:06:62'

# id | what it is | what the kernel makes of it once it may | the rule that speaks of
# it | what is left of it
#
# Each has a product number of its own, 1209:NNNN by its line; "dead" or what the
# kernel makes of it.
rows() {
	local many='' i
	for ((i = 0; i < 39; i++)); do many+=' if=ff:00:00'; done
	cat <<-END
	UD-01 cut by a length of 0|config $mouse raw=0000 $kbd|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-02 cut by a length beyond the end|config $mouse raw=4024|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-03 says 200 bytes, has 34|config total=200 $mouse|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-04 says 34 bytes, has a keyboard behind them|config total=34 $mouse $kbd|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-05 says one interface, has two|config ifaces=1 $disk $kbd|0:1:- 1:1:usbhid|allow % with-interface match-all { 08:*:* }|dead
	UD-06 says 32 interfaces, has one|config ifaces=32 $mouse|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-07 40 interfaces, the last a disk|config $many $disk|0:1:- .* 31:1:- .*|allow % with-interface match-all { ff:*:* }|dead
	UD-08 interface number 255|config if=03:01:02 num=255 hid=mouse|255:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-09 a keyboard in the second configuration|config $disk config $kbd|0:1:-|allow % with-interface match-all { 08:*:* }|dead
	UD-10 the kernel takes the second configuration|config if=ff:00:00 config $kbd|0:1:usbhid|allow % with-interface match-all { ff:*:* }|dead
	UD-11 a keyboard beyond what sysfs shows|config if=ff:00:00 pad=65517 config $kbd|0:1:usbhid|allow % with-interface match-all { ff:*:* }|dead
	UD-12 nine configurations|nconf=9 config $mouse config $mouse config $mouse config $mouse config $mouse config $mouse config $mouse config $mouse config $mouse|0:1:usbhid|allow % with-interface match-all { 03:01:02 }|same
	UD-14 two configurations of one number|config=1 $mouse config=1 $disk|0:1:usbhid|allow % with-interface match-all { 03:01:02 }|dead
	UD-15 an interface of ten bytes|config if=03:01:01 len=10 hid=kbd|0:1:usbhid|allow % with-interface none-of { 03:*:* }|dead
	UD-16 a keyboard behind two odd bytes|config $disk raw=02ff $kbd|0:1:- 1:1:usbhid|allow % with-interface match-all { 08:*:* }|dead
	UD-17 calls itself a hub, is a keyboard|dev=09:00:00 config $kbd|0:1:usbhid|allow % with-interface equals { 09:*:* }|dead
	UD-20 59,968 bytes|config $mouse pad=59934|0:1:usbhid|allow % with-interface equals { 03:01:02 }|same
	UD-22 a hub with a keyboard|dev=09:00:00 config if=09:00:00 $kbd|0:1:- 1:1:usbhid|allow % with-interface match-all { 09:*:* }|dead
	END
}
# The port of row $1: eight buses are quicker than one.
row_port() {
	echo $(($1 % 8 * 15 + $1 / 8))
}
plug_all() {
	local n=0 name words p
	while IFS='|' read -r name words _; do
		# shellcheck disable=SC2086
		fake "$(row_port $n)" "id=1209:$(printf '%04x' $((n + 1)))" $words
		n=$((n + 1))
	done < <(rows)
	for p in "${!faked[@]}"; do until_true 60 there "$(at "$p")"; done
}
unplug_all() {
	local p ports=("${!faked[@]}")
	unfake "${ports[@]}"
	for p in "${ports[@]}"; do until_true 30 gone "$(at "$p")"; done
}
default() {
	local u
	for u in $devices/usb*; do
		echo "$1" >"$u/authorized_default"
		echo "$1" >"$u/interface_authorized_default"
	done
}

# What each of them is without bnd, and that the kernel's own default holds it.
controls() {
	local n=0 name made
	default 1
	plug_all
	while IFS='|' read -r name _ made _; do
		until_true 5 like "$(facts "$(at "$(row_port $n)")")" "$made"
		ok "${name%% *}: control: ${name#* }" like "$(facts "$(at "$(row_port $n)")")" "authorized=1 config=.* ifaces=\[$made\]"
		n=$((n + 1))
	done < <(rows)
	unplug_all
	default 0
	plug_all
	n=0
	while IFS='|' read -r name _; do
		ok "${name%% *}: dead unless somebody lets it in" is "$(facts "$(at "$(row_port $n)")")" "$dead"
		n=$((n + 1))
	done < <(rows)
	unplug_all
}
all() {
	usb_modules
	controls
}
phase all
tap_done
