#!/bin/bash
# usb-behave.t: devices that stall, hang, change, come back and are somebody else
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine

mouse='if=03:01:02 hid=mouse'
kbd='if=03:01:01 hid=kbd'
default() {
	local u
	for u in $devices/usb*; do
		echo "$1" >"$u/authorized_default"
		echo "$1" >"$u/interface_authorized_default"
	done
}
# USBDEVFS_RESET
reset() {
	python3 -c 'import fcntl, sys; fcntl.ioctl(open(sys.argv[1], "wb"), 0x5514)' \
	    "/dev/bus/usb/$(printf '%03d/%03d' "$(attr "$1" busnum)" "$(attr "$1" devnum)")"
}
# The device on port $1 is what its words behind "then" say, and says so.
turn() {
	kill -USR1 "${faked[$1]}"
	reset "$(at "$1")"
}
away() {
	local p
	unfake "$@"
	for p; do until_true 30 gone "$(at "$p")"; done
	calm
}
path_of() {
	local p
	p=$(readlink -f "$devices/$1")
	echo "${p#/sys}"
}

controls() {
	default 1
	# shellcheck disable=SC2086
	{
	fake 0 id=1209:0001 stall=config config $mouse
	fake 15 id=1209:0002 hang=config config $mouse
	fake 30 id=1209:0003 serial=A config $mouse "then" id=1209:0003 serial=B config $kbd
	}
	until_true 30 there "$(at 0)"
	ok "UB-01: control: it is authorised, and nothing came of it" \
	    until_true 5 is "$(facts "$(at 0)")" 'authorized=1 config= ifaces=[] nodes=[]'
	until_true 30 there "$(at 15)"
	sleep 6
	ok "UB-02: control: so is one that never answers" is "$(facts "$(at 15)")" 'authorized=1 config= ifaces=[] nodes=[]'
	until_true 10 alive "$(at 30)"
	was=$(attr "$(at 30)" devnum)
	turn 30
	ok "UB-04: control: one that changes on a reset comes again, and types" \
	    until_true 10 eval "like \"\$(facts $(at 30))\" ' ifaces=.0:1:usbhid. ' && isnt \"\$(attr $(at 30) devnum)\" $was"
	away 0 15 30
	default 0
}

stalls() {
	rules 'block 1209:ffff'
	to OPEN
	# shellcheck disable=SC2086
	{
	fake 15 id=1209:0002 hang=config config $mouse
	until_true 30 there "$(at 15)"
	fake 0 id=1209:0001 stall=config config $mouse
	fake 30 id=1209:0004 config $mouse
	until_true 20 alive "$(at 30)"
	}
	ok "UB-02: while one hangs another bus is served" \
	    is "$(alive "$(at 30)"; echo $?) $(said result "$(at 15)")" "0 "
	calm
	ok "UB-01: what refuses its configuration is written back" is_dead "$(at 0)"
	ok "UB-01: and recorded as what it is" like "$(said result "$(at 0)")" '"result":"failed","verdict":"admit".*"authorized":false'
	ok "UB-02: what never answers, too" is_dead "$(at 15)"
	ok "UB-02: after the kernel has waited for it" like "$(said result "$(at 15)")" '"result":"failed","verdict":"admit".*"authorized":false'
	# Of one bus, and more than its time is enough for.
	for p in 16 17 18; do
		# shellcheck disable=SC2086
		fake $p id=1209:0002 hang=config config $mouse
	done
	for p in 16 17 18; do until_true 30 there "$(at $p)"; done
	calm
	run usb-guard apply
	ok "UP-17: none of them fails a replay" is "$status $(for p in 0 15 16 17 18; do facts "$(at $p)"; done | sort -u)" "1 $dead"
	away 0 15 16 17 18 30
	ok "sound" sound
}

changes() {
	rules 'allow 1209:0003 serial "A"
allow 1209:0005 name "Clicker"
allow 1209:0006 name "Clicker" with-interface 03:01:02
allow 1209:0007 with-interface 03:01:02'
	to RESTRICTED
	# shellcheck disable=SC2086
	{
	fake 0 id=1209:0003 serial=A config $mouse "then" id=1209:0003 serial=B config $mouse
	fake 15 id=1209:0005 prod=Clicker hang=string config $mouse
	fake 30 id=1209:0006 prod=Clicker config $mouse "then" id=1209:0006 prod=Other config $mouse
	fake 45 id=1209:0007 config $mouse
	}
	until_true 10 alive "$(at 0)"; until_true 10 alive "$(at 30)"; until_true 10 alive "$(at 45)"
	calm
	ok "control: its serial lets it in" alive "$(at 0)"
	was=$(attr "$(at 0)" devnum)
	turn 0
	until_true 10 eval "[[ \$(attr $(at 0) devnum) != $was ]]"
	calm
	ok "UB-04: another serial after a reset: judged as another device" is_dead "$(at 0)"
	ok "UB-04: which its record says" like "$(said result "$(at 0)")" '"verdict":"deny".*"serial":"B"'
	was=$(attr "$(at 30)" devnum)
	turn 30
	calm
	ok "UB-05: another name after a reset: the kernel does not notice" \
	    is "$(attr "$(at 30)" devnum) $(attr "$(at 30)" product)" "$was Clicker"
	until_true 40 there "$(at 15)"
	calm
	ok "UB-03: a name that never comes is none" is_dead "$(at 15)"
	echo 0 >"$devices/$(at 45)/bConfigurationValue"
	calm
	echo 1 >"$devices/$(at 45)/bConfigurationValue"
	ok "UB-10: configured by somebody else: let in by its events" \
	    until_true 10 like "$(calm; facts "$(at 45)")" 'ifaces=.0:1:usbhid.'
	ok "sound" sound
	away 0 15 30 45
}

# One interface of two may be: a reset makes neither anew, nor lets the other in.
parts() {
	echo 'usb_composite filter' >>/etc/bnd/bnd.conf
	rules 'allow with-interface 03:01:02'
	to RESTRICTED
	# shellcheck disable=SC2086
	fake 0 id=1209:0010 config $mouse if=08:06:50 bulk
	until_true 10 alive "$(at 0)"
	calm
	was=$(ifaces "$(at 0)")
	ok "UB-20: control: a part of it is in" is "$was" '0:1:usbhid 1:0:-'
	reset "$(at 0)"
	calm
	ok "UB-20: after a reset each part is what it was" is "$(ifaces "$(at 0)")" "$was"
	away 0
	ok "sound" sound
	sed -i '/^usb_composite/d' /etc/bnd/bnd.conf
}

# A mouse by its word, with a keyboard's report descriptor, and no driver yet.
late() {
	rules 'allow 1209:0008 with-interface 03:01:02'
	to RESTRICTED
	modprobe -r usbhid
	fake 0 id=1209:0008 config if=03:01:02 hid=kbd
	until_true 10 there "$(at 0)"
	calm
	# The event loads the driver.
	ok "UB-07 UB-19: it types, and is out again" is_dead "$(at 0)"
	ok "UB-19: which is an alert" like "$(said alert "$(at 0)")" '"kinds":"kbd"'
	away 0
}

# Its event is at work, and another device stands in the port when it is done.
swapped() {
	rules 'allow 1209:0009'
	to RESTRICTED
	udev_down
	until_true 10 eval '! pgrep -x systemd-udevd'
	# shellcheck disable=SC2086
	fake 0 id=1209:0009 config $mouse
	until_true 10 there "$(at 0)"
	first=$(attr "$(at 0)" devnum)
	python3 - "$T/held" "$T/go" <<-'PY' &
	import fcntl, os, struct, sys, time
	fd = os.open("/run/bnd/usb/peers", os.O_RDWR | os.O_CREAT, 0o600)
	fcntl.fcntl(fd, 37, struct.pack("hhlli", fcntl.F_WRLCK, 0, 0, 0, 0))
	open(sys.argv[1], "w")
	while not os.path.exists(sys.argv[2]): time.sleep(.02)
	PY
	until_true 10 test -e "$T/held"
	usb-guard hook add "$(path_of "$(at 0)")" &
	hook=$!
	until_true 5 eval "grep -q usb /proc/$hook/comm"
	sleep 1
	unfake 0
	until_true 10 gone "$(at 0)"
	fake 0 id=1209:000a config $kbd
	until_true 10 there "$(at 0)"
	touch "$T/go"
	wait $hook
	status=$?
	ok "UB-06: the device that was looked at has gone" is "$status $([[ $first == "$(attr "$(at 0)" devnum)" ]]; echo $?)" "0 1"
	ok "UB-06: and its successor is untouched" is_dead "$(at 0)"
	udev_up
	ok "UB-06: till its own event" like "$(said result "$(at 0)")" '"verdict":"deny".*"id":"1209:000a"'
	away 0
}

# A hook that is killed in the middle of a write that hangs.
killed() {
	rules 'allow 1209:000b'
	to RESTRICTED
	udev_down
	until_true 10 eval '! pgrep -x systemd-udevd'
	# shellcheck disable=SC2086
	fake 1 id=1209:000b hang=config config $mouse
	until_true 10 there "$(at 1)"
	usb-guard hook add "$(path_of "$(at 1)")" &
	hook=$!
	until_true 10 eval "[[ \$(attr $(at 1) authorized) == 1 ]]"
	kill -KILL $hook
	wait $hook
	until_true 20 eval "! test -e /proc/$hook"
	ok "UB-22: control: killed, it leaves a 1" is "$(attr "$(at 1)" authorized) $(said result "$(at 1)")" "1 "
	ok "UB-22: and its intent" like "$(cat "/run/bnd/usb/$(at 1)")" 'phase intent'
	udev_up
	ok "UB-22: the next one takes it down" is_dead "$(at 1)"
	ok "UB-22: and answers the intent" like "$(said result "$(at 1)")" '"result":"failed"'
	away 1
	ok "sound" sound
}

# The controller is taken from its driver and given back.
rebound() {
	local card
	card=$(basename "$(readlink -f $devices/usb1/..)")
	rules 'allow 0627:0001'
	to RESTRICTED
	plug usb-mouse mouse 2
	until_true 10 alive 1-2
	echo "$card" >/sys/bus/pci/drivers/xhci_hcd/unbind
	until_true 10 gone 1-2
	calm
	echo "$card" >/sys/bus/pci/drivers/xhci_hcd/bind
	until_true 10 there 1-2
	calm
	ok "UB-17: a controller that is bound again has the defaults" \
	    is "$(attr usb1 authorized_default)$(attr usb1 interface_authorized_default)$(attr usb2 authorized_default)$(attr usb2 interface_authorized_default)" 0000
	ok "UB-17: and its devices are judged again" until_true 10 alive 1-2
	ok "sound" sound
	unplug mouse
	until_true 10 gone 1-2
	calm
}

all() {
	usb_modules
	controls
	usb_host
	udev_up
	for part in stalls changes parts late swapped killed rebound; do
		since=$SECONDS
		$part
		diag "$part: $((SECONDS - since)) s"
	done
}
phase all
tap_done
