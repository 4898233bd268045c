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
	UD-18 the number 0000:0000|id=0000:0000 config $mouse|0:1:usbhid|allow 0000:0000 with-interface equals { 03:01:02 }|same
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


# The facts of row $1 as its table has them: made, or dead.
fact() {
	like "$(facts "$(at "$(row_port "$1")")")" "authorized=1 config=.* ifaces=\[$2\]"
}
is_as() {
	case $2 in
	dead) is "$(facts "$(at "$(row_port "$1")")")" "$dead" ;;
	*) fact "$1" "$3" ;;
	esac
}

# What each of them is without bnd, and that the kernel's own default holds it.
controls() {
	local n=0 name made
	default 1
	plug_all
	while IFS='|' read -r name _ made _; do
		until_true 5 fact $n "$made"
		ok "${name%% *}: control: ${name#* }" fact $n "$made"
		n=$((n + 1))
	done < <(rows)
	unplug_all
	default 0
}

# Each with a rule that is glad of what the device says it is.
judged() {
	local n=0 name made rule want all='' later=''
	while IFS='|' read -r name _ _ rule _; do
		n=$((n + 1))
		all+="${rule/\%/1209:$(printf '%04x' $n)}"$'\n'
	done < <(rows)
	rules "${all%$'\n'}"
	to RESTRICTED
	plug_all
	calm
	n=0
	while IFS='|' read -r name _ made _ want; do
		ok "${name%% *}: ${name#* }: $want" is_as $n "$want" "$made"
		n=$((n + 1))
	done < <(rows)
	sleep 1
	n=0
	while IFS='|' read -r name _ made _ want; do
		is_as $n "$want" "$made" >/dev/null || later+=" $name"
		n=$((n + 1))
	done < <(rows)
	ok "a second later they are the same" is "$later" ''
	ok "UD-11: the reason names what is hidden" like "$(said result "$(at "$(row_port 10)")")" '"reason":"descriptors: '
	ok "UD-03: the record notes the lie" like "$(said result "$(at "$(row_port 2)")")" '"lied":true'
	ok "sound" sound
	unplug_all
	calm
}

# What is in the log, and what a terminal gets, of whatever a device says.
strings() {
	local p euros
	euros=$(printf '€%.0s' {1..126})
	rules 'allow 1209:0101 name "a\x0aresult=ALLOW \"q\" \x1b[31m"
allow 1209:0102 serial ""
allow 1209:0103 name "'"$euros"'"
allow 1209:0104 with-interface equals { 03:01:02 }
allow 1209:0105 with-interface equals { 03:01:02 }
allow 1209:0106 name ""
allow 1209:0107 with-interface equals { 03:01:02 }'
	to RESTRICTED
	# shellcheck disable=SC2086
	{
	fake 0 id=1209:0101 prod=$'a\nresult=ALLOW "q" \e[31m' config $mouse
	fake 15 id=1209:0102 serial16=00d8 config $mouse
	fake 30 id=1209:0103 prod="$euros" config $mouse
	fake 45 id=1209:0104 prod=$'\xe2\x80\xaegpj.exe\xe2\x80\x8b\xef\xbb\xbf' config $mouse
	fake 60 id=1209:0105 prod=$'\xc2\x9b31m\x7f\xe2\x80\xa8\xc2\x85' config $mouse
	fake 75 id=1209:0106 config $mouse
	fake 90 id=1209:0106 man= prod= serial= config $mouse
	fake 105 id=1209:0107 prod16=410042 config $mouse
	fake 1 id=1d6b:0002 dev=09:00:01 man=Linux prod="xHCI Host Controller" serial=0000:00:04.0 config if=09:00:00
	fake 14 nconf=0 config $kbd
	}
	for p in 0 1 15 30 45 60 75 90 105; do until_true 30 there "$(at $p)"; done
	until_true 30 eval 'dmesg | grep -q "unable to enumerate"'
	calm
	ok "UT-01: newlines and escapes: matched byte for byte" alive "$(at 0)"
	ok "UT-02: a serial of nothing is an empty one" alive "$(at 15)"
	ok "UT-03: 378 bytes are matched whole" alive "$(at 30)"
	ok "UT-04: right to left" alive "$(at 45)"
	ok "UT-05: control characters" alive "$(at 60)"
	ok "UT-06: no strings" alive "$(at 75)"
	ok "UT-06: empty strings" alive "$(at 90)"
	ok "UT-07: a string of odd length" alive "$(at 105)"
	ok "UD-19: what calls itself a controller is a device" is_dead "$(at 1)"
	ok "UD-13: what has no configuration never comes" not there "$(at 14)"
	ok "UD-13: and leaves nothing behind" not test -e "/run/bnd/usb/$(at 14)"
	ok "UT-01: every record is one line of ASCII" not grep -qP '[^\x20-\x7e]' $log_file
	ok "UT-01: of JSON" jq -e . $log_file
	run usb-guard status
	ok "UT-04 UT-05: a terminal gets no byte of theirs" not grep -qP '[^\n\t\x20-\x7e]' <<<"$out"
	ok "control: they are all in it" is "$(grep -c "admitted.*10-test.rules:[1-7]$" <<<"$out")" 8
	ok "UT: sound" sound
	p=("${!faked[@]}")
	unfake "${p[@]}"
	for p in "${p[@]}"; do until_true 30 gone "$(at "$p")"; done
	calm
}
all() {
	usb_modules
	controls
	usb_host
	udev_up
	judged
	strings
}
phase all
tap_done
