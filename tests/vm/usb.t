#!/bin/bash
# usb.t: real devices, real udev, real drivers: what is let in, mode by mode
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine -M pc,i8042=off -netdev hubport,id=n0,hubid=0
# Without a serial console: LOCKDOWN's keyboards are the only ones (lockdown_hid).

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

# ---- OPEN and RESTRICTED ----

opened() {
	put_kbd && put_stick && put_net && put_mouse && put_hub
	for p in $kbd $stick $net $mouse $hub; do until_true 10 there $p; done
	calm
	ok "OPEN: a keyboard is let in, and types" typed
	ok "OPEN: a stick" works $stick
	ok "OPEN: a network card" works $net
	ok "OPEN: a hub" alive $hub
	ok "OPEN: sound" sound
}

all() {
	usb_modules
	control
	usb_host
	udev_up
	opened
	diag "$(cat $log_file | tail -n 5)"
	diag "$(usb-guard status 2>&1)"
}
phase all
tap_done
