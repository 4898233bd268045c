#!/bin/bash
# usb-modes.t: the mode moves, is killed, lacks its disk, and devices come all the while
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
vm_disk 24
usb_machine

mouse='id=1209:0101 serial=M config if=03:01:02 hid=mouse'

# put PORT WORDS: as fake, and it is there
put() {
	local port=$1
	shift
	# shellcheck disable=SC2086
	fake "$port" $* && until_true 30 there "$(at "$port")"
}
away() {
	local p
	unfake "$@"
	for p; do until_true 30 gone "$(at "$p")"; done
	calm
}
default() {
	local u
	for u in $devices/usb*; do
		echo "$1" >"$u/authorized_default"
		echo "$1" >"$u/interface_authorized_default"
	done
}

# ---- without bnd ----

control() {
	default 1
	put 0 "$mouse"
	ok "control: without bnd and its default a mouse works" \
	    until_true 10 eval "like \"\$(facts $(at 0))\" ' ifaces=.0:1:usbhid. '"
	unfake 0
	until_true 30 gone "$(at 0)"
	default 0
}

# ---- a wall clock that is years away ----

# The wall clock as seconds since boot, to put it back where it was.
offset() {
	awk "{ printf \"%.2f\", $(date +%s.%N) - \$1 }" /proc/uptime
}
clock() {
	local when right
	right=$(offset)
	rules 'allow 1209:0101 with-interface 03:01:02'
	to RESTRICTED
	for when in '+6 years' '-11 years'; do
		date -s "$when" >/dev/null
		put 0 "$mouse"
		put 15 'id=1209:0102 config if=ff:00:00'
		calm
		ok "UE-11: $when: what may is let in" alive "$(at 0)"
		ok "UE-11: $when: what may not is dead" is_dead "$(at 15)"
		run usb-guard apply
		ok "UE-11: $when: nor does a replay change it" \
		    is "$status $(alive "$(at 0)"; echo $?) $(facts "$(at 15)")" "0 0 $dead"
		away 0 15
	done
	date -s "@$(awk "{ printf \"%.2f\", $right + \$1 }" /proc/uptime)" >/dev/null
}

all() {
	usb_modules
	timed control
	usb_host
	udev_up
	timed clock
}
phase all
tap_done
