#!/bin/bash
# usb-modes.t: killed on the way to a mode, without a disk, a rule, the right time
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
vm_needs strace
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

nobody() {
	local rule
	rule=$(find /lib/udev/rules.d /etc/udev/rules.d -name '*bnd-usb*')
	mv "$rule" "$T/rule"
	udevadm control --reload
	put 0 "${mouse[@]}"
	calm
	ok "UP-18: without the rule a device is dead" is_dead "$(at 0)"
	run usb-guard check --json
	ok "UP-18: which a check finds" is "$status $(jq -r '.findings[0].code' <<<"$out")" "1 failed"
	mv "$T/rule" "$rule"
	udevadm control --reload
	away 0
	put 0 "${mouse[@]}"
	calm
	ok "UP-18: control: with the rule it is let in" alive "$(at 0)"
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
	udev_down
	until_true 10 eval '! pgrep -x systemd-udevd'
	put 15 "${other[@]}"
	starved "no file may grow" '1|2|15' rationed --fsize=0:0
	denied "no file may grow"
	# Too few for any work: that it could not, it says.
	starved "five descriptors" 19 rationed --nofile=5:5
	chattr +i "$log_file"
	starved "a log that is immutable" 15
	denied "a log that is immutable"
	chattr -i "$log_file"
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

# ---- killed on the way ----

# The mouse is let in by RESTRICTED's rule and dead in TRUSTED; so is the other one,
# which comes when somebody has been killed.
from() {
	to "$1"
	[[ ${faked[0]:-} ]] || put 0 "${mouse[@]}"
	calm
}
# killed CALL N CMD...: at its Nth CALL
killed() {
	strace -qq -o "$T/trace" -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" "${@:3}" >/dev/null 2>&1
	grep -q 'killed by SIGKILL' "$T/trace" || diag "not killed: $*"
}
recovers() {
	run mode-set --check
	ok "UP-16: $1: recovered, to the stricter of the two" \
	    is "$(mode-set --get) $(facts "$(at 0)")" "TRUSTED $dead"
}
tightening() {
	from RESTRICTED
	ok "UP-16: control: in RESTRICTED it is let in" alive "$(at 0)"
	killed "$1" "$2" mode-set trusted
	put 15 "${mouse[@]/0101/0103}"
	calm
	ok "UP-16: tightening, killed at $1 $2: what comes is nothing but what TRUSTED lets it be" \
	    is "$(mode-set --get) $(facts "$(at 15)")" "TRUSTED $dead"
	recovers "tightening, $1 $2"
	ok "UP-16: tightening, $1 $2: nor has what came" is_dead "$(at 15)"
	away 15
}
loosening() {
	local id
	from TRUSTED
	id=$(loosen hold "$T" 2 RESTRICTED) || bail "no ceremony"
	killed "$1" "$2" mode-set --ceremony "$id" RESTRICTED
	ok "UP-16: loosening, killed at $1 $2: what is here has nothing yet" is_dead "$(at 0)"
	recovers "loosening, $1 $2"
}
# An apply for each line of /run/kill: it, or one that works for it, dies at its
# Nth CALL; "-" lets it be.
killer() {
	cat >/usr/sbin/usb-guard.killed <<-'SH'
	#!/bin/bash
	me=/usr/sbin/usb-guard.real call=-
	[[ $1 != apply || ! -s /run/kill ]] || { read -r call n </run/kill; sed -i 1d /run/kill; }
	[[ $call != - ]] || exec $me "$@"
	exec strace -f -qq -o /run/kill.trace -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" $me "$@"
	SH
	chmod 0755 /usr/sbin/usb-guard.killed
	mv /usr/sbin/usb-guard /usr/sbin/usb-guard.real && mv /usr/sbin/usb-guard.killed /usr/sbin/usb-guard
}
# replay FROM TO END LINE...: it ends in END, and says what is not as it should be
replay() {
	local what="$1 to $2, replays killed at ${*:4}"
	from "$1"
	rm -f /run/kill.trace
	printf '%s\n' "${@:4}" >/run/kill
	to "$2" >"$T/to"
	ok "UP-16: $what: so it was" grep -q 'killed by SIGKILL' /run/kill.trace
	ok "UP-16: $what: $3, nothing has more than TRUSTED gives" is "$(mode-set --get) $(facts "$(at 0)")" "$3 $dead"
	ok "UP-16: $what: which it says" like "$status $err" '^[1-9]|may be let in and is not'
}
kills() {
	tightening renameat 2
	tightening fdatasync 4
	loosening fdatasync 2
	loosening fdatasync 4
	killer
	replay RESTRICTED TRUSTED LOCKDOWN "pwrite64 1"
	replay TRUSTED RESTRICTED TRUSTED "write 1"
	replay TRUSTED RESTRICTED RESTRICTED - "pwrite64 1"
	from RESTRICTED
	mv /usr/sbin/usb-guard.real /usr/sbin/usb-guard
	ok "UP-16: in the end it is let in again" alive "$(at 0)"
}

all() {
	usb_modules
	timed control
	small_disk
	usb_host
	lean
	udev_up
	rules 'allow with-interface 03:01:02'
	to RESTRICTED
	timed clock
	timed nobody
	timed wants
	timed kills
	ok "sound" sound
}
phase all
tap_done
