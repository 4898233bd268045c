#!/bin/bash
# usb-modes.t: the mode moves, is killed, lacks its disk, and devices come all the while
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine

mouse=(id=1209:0101 serial=M config if=03:01:02 hid=mouse)
other=(id=1209:0102 serial=V config if=ff:00:00)

# put PORT WORDS: as fake, and it is there
put() {
	fake "$@" && until_true 30 there "$(at "$1")"
}
away() {
	local p
	unfake "$@"
	for p; do until_true 30 gone "$(at "$p")"; done
	calm
}
# For the log: one that can be full, read only, and its files immutable.
small_disk() {
	modprobe loop && truncate -s 16M /run/disk && mkfs.ext4 -qF /run/disk &&
	    mount -o loop /run/disk /var/lib/bnd && rmdir /var/lib/bnd/lost+found || bail "no disk"
}
# What udev itself asks devices is nothing to this test, and most of its time.
lean() {
	local r
	for r in /lib/udev/rules.d/* /etc/udev/rules.d/*; do
		[[ $r == *bnd-usb* || ! -e $r ]] || mv "$r" "$r.not"
	done
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
	put 0 "${mouse[@]}"
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
	date -s '+6 years' >/dev/null
	put 0 "${mouse[@]}"
	put 15 "${other[@]}"
	calm
	for when in 'six years on' 'eleven years back'; do
		[[ $when == six* ]] || date -s '-11 years' >/dev/null
		run usb-guard apply
		ok "UE-11: $when: what may is let in, what may not is dead" \
		    is "$status $(alive "$(at 0)"; echo $?) $(facts "$(at 15)")" "0 0 $dead"
	done
	away 0 15
	date -s "@$(awk "{ printf \"%.2f\", $right + \$1 }" /proc/uptime)" >/dev/null
}

# ---- nobody who would let it in ----

# absent WHAT: what may be let in is dead now, which a check finds if it can
absent() {
	put 0 "${mouse[@]}"
	calm
	ok "UP-18: $1: what is plugged in is dead" is_dead "$(at 0)"
}
found() {
	run usb-guard check --json
	ok "UP-18: $1: which a check finds" is "$status $(jq -r '.findings[0].code' <<<"$out")" "1 failed"
	away 0
}
nobody() {
	local rule
	mv /usr/sbin/usb-guard "$T/usb-guard"
	absent "no hook"
	mv "$T/usb-guard" /usr/sbin/usb-guard
	found "no hook"
	rule=$(find /lib/udev/rules.d /etc/udev/rules.d -name '*bnd-usb*')
	mv "$rule" "$T/rule"
	udevadm control --reload
	absent "no rule"
	found "no rule"
	mv "$T/rule" "$rule"
	udev_down
	until_true 10 eval '! pgrep -x systemd-udevd'
	fake 0 "${mouse[@]}" && until_true 30 there "$(at 0)"
	ok "UP-18: no udevd: what is plugged in is dead" is_dead "$(at 0)"
	run usb-guard check
	ok "UP-18: no udevd: which a check finds" status 1
}

# ---- a disk that takes nothing, and other wants ----

# starved WHAT STATUS CMD...: a replay, run by CMD, lets nothing in and takes away
starved() {
	local what=$1 want=$2
	shift 2
	echo 0 >"$devices/$(at 0)/authorized"
	echo 1 >"$devices/$(at 15)/authorized"
	run "$@" usb-guard apply
	ok "UE-06: $what: nothing is let in, and it says so" like "$status $(facts "$(at 0)" | tr -d '[]')" "^($want) ${dead//[][]/}\$"
}
denied() {
	ok "UE-06: $1: what has too much is denied" is_dead "$(at 15)"
}
# With no right to more; not to a file, as that is what is rationed.
rationed() {
	prlimit "$1" -- setpriv --bounding-set=-sys_resource -- "${@:2}" 2>&1 | cat
	return "${PIPESTATUS[0]}"
}
wants() {
	put 15 "${other[@]}"
	starved "no file may grow" '1|2|15' rationed --fsize=0:0
	denied "no file may grow"
	# Too few for any work: that it could not, it says.
	starved "five descriptors" 19 rationed --nofile=5:5
	chattr +i $log_file
	starved "a log that is immutable" 15
	denied "a log that is immutable"
	chattr -i $log_file
	dd if=/dev/zero of=/var/lib/bnd/full bs=64k 2>/dev/null
	starved "a full disk" 15
	denied "a full disk"
	rm /var/lib/bnd/full
	mount -o remount,ro /var/lib/bnd
	starved "a disk that is read only" 15
	denied "a disk that is read only"
	mount -o remount,rw /var/lib/bnd
	echo 1 >"$devices/$(at 15)/authorized"
	run prlimit --nofile=5:5 --fsize=0:0 -- usb-guard apply --quiet
	ok "UE-06: control: with a disk, and the right to lift its limits, it is let in" \
	    is "$status $(alive "$(at 0)"; echo $?) $(facts "$(at 15)")" "0 0 $dead"
	udev_up
	away 0 15
	ok "sound" sound
}

# ---- devices that come all the while ----

# Each is in the baseline, by an identity of its own: port, words, the modes
# that let it in.
cast=(
	"0 id=1209:0201 config if=03:01:02 hid=mouse | OPEN RESTRICTED TRUSTED AIRGAP COLDROOM"
	"15 id=1209:0202 config if=08:06:62 | OPEN RESTRICTED"
	"30 id=1209:0203 config if=02:06:00 | OPEN RESTRICTED TRUSTED"
	"45 id=1209:0204 config if=03:01:02 hid=mouse | OPEN RESTRICTED TRUSTED AIRGAP COLDROOM"
)
enter() {
	# shellcheck disable=SC2086
	fake ${cast[$1]%|*}
}
port_of() {
	at "${cast[$1]%% *}"
}
all_out() {
	local p
	unfake "${!faked[@]}"
	for p in "${!cast[@]}"; do until_true 30 gone "$(port_of "$p")"; done
	calm
}
# evaluated MODE: what is not as that mode says, of those that are here
evaluated() {
	local i want
	for i in "${!cast[@]}"; do
		there "$(port_of "$i")" || continue
		want=dead
		[[ " ${cast[i]#*| } " != *" $1 "* ]] || want=alive
		if [[ $want == alive ]]; then alive "$(port_of "$i")"; else is_dead "$(port_of "$i")"; fi ||
		    echo "$(port_of "$i"): $(facts "$(port_of "$i")"), in $1"
	done
}
# Each pair of three modes once, and a fourth: LOCKDOWN is left only to where it was entered from.
route='OPEN LOCKDOWN OPEN TRUSTED LOCKDOWN TRUSTED COLDROOM TRUSTED'
pairs() {
	local i from=TRUSTED next=0 to
	for i in "${!cast[@]}"; do enter "$i"; done
	to OPEN
	for i in "${!cast[@]}"; do until_true 30 alive "$(port_of "$i")"; done
	calm
	run usb-guard baseline --save --no-keyboard
	ok "UP-15: control: each of them in OPEN, and then in the baseline" \
	    is "$status $(evaluated OPEN) $(grep -c ^bnd1: /etc/bnd/usb.baseline)" "0  ${#cast[@]}"
	to TRUSTED
	for to in $route; do
		# What goes in COLDROOM trips; otherwise they come once more.
		if [[ $from != COLDROOM && $from != LOCKDOWN ]]; then all_out; next=0; fi
		for i in 1 2; do
			if ((next < ${#cast[@]})); then enter $((next++)); fi
		done
		to "$to"
		calm
		ok "UP-15: $from to $to, devices coming: each as if evaluated now" \
		    is "$status $(mode-set --get) $(evaluated "$to")" "0 $to "
		from=$to
	done
}

all() {
	usb_modules
	timed control
	small_disk
	usb_host
	lean
	udev_up
	rules 'allow 1209:0101 with-interface 03:01:02'
	to RESTRICTED
	timed clock
	timed nobody
	timed wants
	timed pairs
}
phase all
tap_done
