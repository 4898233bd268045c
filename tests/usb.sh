# usb.sh: made-up USB hosts below a directory, for tools with -R
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced after tap.sh.  The tree is below $U (set before; default $T/usb), and
# the tools are the built ones, which meet a kernel that answers: an authorised
# device is configured, probed interfaces get nodes, a denied one loses them.
#
#	usb_host			sysfs with one controller, usb1 at 0000:00:14.0
#	usb_bus 2 pci0000:00/0000:00:15.0	one more
#	usb 1-1 keyboard serial=A1	a device in port 1, denied, as the kernel has it
#	usb 1-2 hub on			a hub, authorised, its driver bound
#	usb 1-2.1 storage keyboard	a composite behind it
#	usb 1-3 03:01:02 as=kbd		says mouse, types
#	usb 1-4 ff:00:00 as=net		a vendor's class that becomes a link
#	usb 1-5 storage fault=stall	see tests/usbkernel.h for faults
#	usb_unplug 1-1
#	usb_ps2, usb_serial_console	other ways in
#	usb_path 1-2.1			/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.1
#	usb_state 1-2.1			"0", or "1 1.0=1:usbhid 1.1=0:" (authorised,
#					then each interface: authorised:driver)
#	usb_knob usb1/authorized_default [VALUE]	reads, or sets
#	usb_ready OPEN			a new host in that mode: sysfs, bnd.conf, log, state
#	usb_mode OPEN			another state; usb_mode request MODE
#	usb_rule LINE [MODE]		one more rule (of that mode alone)
#	usb_known PORT...		these join the baseline, and are authorised now
#	usb_records EV [TEXT]		how many such records there are, with that text
#	guard ARG...			usb-guard -R $U ARG..., kernel answering;
#					for run: run guard apply
#
# All words of a device: tests/usbtree.h and tests/usbdev.h.  A value may hold
# any byte but NUL: usb 1-1 keyboard name=$'a\nb'.

U=${U:-$T/usb}
usb_kernel=$BND_BUILD/tests/fake/usbkernel.so

usb_tree() {
	"$BND_BUILD/tests/helper/usbtree" "$U" "$@" || bail "cannot make the USB tree: $*"
}
usb_host() {
	mkdir -p "$U"
	usb_tree host
	usb_tree bus 1 pci0000:00/0000:00:14.0
}
usb_bus() {
	usb_tree bus "$@"
}
usb() {
	usb_tree device "$@"
}
usb_unplug() {
	usb_tree unplug "$1"
	# What its drivers had made is not what the next one's will.
	rm -rf "${U:?}/fake/$1"
}
usb_ps2() {
	usb_tree other platform/i8042/serio0
}
usb_serial_console() {
	usb_tree tty pnp0/00:04 ttyS0
}
usb_path() {
	local link
	link=$(readlink "$U/sys/bus/usb/devices/$1") || return
	echo "/devices/${link#*/devices/}"
}
usb_state() {
	local dir i driver out
	dir=$U/sys$(usb_path "$1") || return
	out=$(<"$dir/authorized")
	for i in "$dir/$1":*; do
		[[ -e $i/authorized ]] || continue
		driver=$(readlink "$i/driver")
		out+=" ${i##*:}=$(<"$i/authorized"):${driver##*/}"
	done
	echo "$out"
}
usb_knob() {
	local file=$U/sys/bus/usb/devices/$1
	[[ $1 != parameter ]] || file=$U/sys/module/usbcore/parameters/authorized_default
	if (($# > 1)); then echo "$2" >"$file"; else cat "$file"; fi
}
usb_asan=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
guard() {
	LD_PRELOAD=$usb_kernel ASAN_OPTIONS=$usb_asan usb-guard -R "$U" "$@"
}

usb_log=$U/var/lib/bnd/log/000001.jsonl
usb_ready() {
	chattr -R -f -a "$U/var" 2>/dev/null
	rm -rf "$U"
	usb_host
	mkdir -p "$U/etc/bnd/usb.d" "$U/run/bnd" "$U/var/lib/bnd" || bail "no $U"
	install -m 0644 "$BND_TREE/etc/bnd.conf" "$U/etc/bnd/bnd.conf" || bail "no bnd.conf"
	"$BND_BUILD/tests/helper/log" -R "$U" init >/dev/null || bail "no log"
	usb_mode "$@"
}
usb_mode() {
	"$BND_BUILD/tests/helper/state" -R "$U" "$@" || bail "no state"
}
usb_rule() {
	local file=$U/etc/bnd/usb.d/${2:+$2/}10-test.rules
	mkdir -p "${file%/*}"
	printf '%s\n' "$1" >>"$file"
	chmod 0600 "$file"
}
usb_known() {
	local port
	for port; do
		guard baseline --add "$port" --no-keyboard -q || bail "no baseline of $port"
	done
}
usb_records() {
	grep "\"ev\":\"$1\"" "$usb_log" | grep -c -- "${2:-}"
}
