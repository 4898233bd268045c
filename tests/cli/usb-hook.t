#!/bin/bash
# usb-hook.t: what the hook opens and writes, call by call
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"
command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "nothing can be traced here"

# CALLS ARG...: usb-guard -R $U ARG..., with what it opened, by its real name, in $T/calls
opens() {
	rm -f "$T"/calls*
	# A file each process, or a call of one may be cut by another's.
	run strace -ff -y -s 6000 -e trace=open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2 \
	    -o "$T/calls" usb-guard "$@"
	cat "$T"/calls.* >"$T/calls"
}
# Calls that could have changed something, but for the descriptors all programs begin with.
changes() {
	grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC)|creat|mkdir|unlink|rename' "$T/calls" | grep -v '"/dev/null"'
}
nothing_changed() {
	local hit
	hit=$(changes)
	[[ ! $hit ]] || { echo "$hit"; return 1; }
}

usb_ready OPEN
usb 1-1 keyboard serial=A1
ln -s . "$U/sys/devices/pci0000:00/loop"
host=/devices/pci0000:00/0000:00:14.0

# ---- no such path ----------------------------------------------------------

opens -R "$U" hook add "$host/usb1/1-1"
ok "control: what the hook opens for writing is seen" like "$(changes)" "1-1/?>?, \"authorized\", O_RDWR"
long=$(printf '/devices/%05000d' 0)
for path in '' / devices /devices /devices/ ../../../etc /devices/../.. /devices/../../etc/passwd // /devices//x \
    "$host/usb1/../usb1/1-1" "$host/usb1/1-1/." "$host/usb1/1-1/" "/sys$host/usb1/1-1" "$U/sys$host/usb1/1-1" \
    "/devices/pci0000:00/loop/0000:00:14.0/usb1/1-1" "$host/usb1/1-1/subsystem" "$host/usb1/1-1/authorized" \
    "$long" "${long:0:300}" $'/devices/\033[31m' -x --version=1; do
	for word in add remove; do
		opens -R "$U" hook $word -- "$path"
		# What has only gone is no mistake: a removal's path always has.
		if [[ $path == /devices/$'\033'* ]]; then
			ok "UE-01 $word: clean words for a path with an escape" unlike "$out$err" $'\033'
		else
			ok "UE-01 $word ${path:0:40}: refused" status 2
			ok "UE-01 and nothing is opened for writing" nothing_changed
		fi
	done
done
for words in "" "add" "bind $host/usb1/1-1" "add $host/usb1/1-1 $host/usb1/1-1"; do
	# shellcheck disable=SC2086
	opens -R "$U" hook $words
	ok "UE-01 hook '$words' is refused" status 2
	ok "UE-01 and nothing is opened for writing" nothing_changed
done
ok "UE-01 and the device is as it was" is "$(usb_state 1-1)" 0

# ---- who may ---------------------------------------------------------------

if ((EUID == 0)); then
	chmod 0755 "$T"
	cp "$BND_BUILD/usb-guard" "$T/usb-guard"
	: >"$T/calls"
	chmod 0666 "$T/calls"
	for verb in "hook add $host/usb1/1-1" apply check status "baseline --save" diff; do
		# shellcheck disable=SC2086
		run setpriv --reuid=65534 --regid=65534 --clear-groups strace -f -e trace=open,openat,openat2 -o "$T/calls" \
		    "$T/usb-guard" $verb
		ok "UE-04 $verb: needs root" status 10
		ok "UE-04 and nothing is opened for writing" nothing_changed
	done
else
	for verb in "hook add $host/usb1/1-1" apply; do
		# shellcheck disable=SC2086
		run usb-guard $verb
		ok "UE-04 $verb: needs root" status 10
	done
fi

# ---- nothing but below DIR -------------------------------------------------

# The real /sys beside it: whatever is opened for writing is below DIR.
for verb in "hook add $host/usb1/1-1" apply; do
	# shellcheck disable=SC2086
	opens -R "$U" $verb
	ok "UE-15 -R: $verb writes" isnt "$(changes)" ""
	ok "UE-15 and only below DIR" is "$(changes | grep -v "<${U}[/>]")" ""
done
for verb in "apply -n" check status diff baseline "explain 1-1" lint; do
	# shellcheck disable=SC2086
	opens -R "$U" $verb
	ok "UE-16 $verb writes nothing" nothing_changed
done

# ---- each write fails in turn ----------------------------------------------

errors=(EIO ENOSPC EINVAL)
device=$U/sys$host/usb1/1-1
# fails K ARG...: the kernel answering, but for the Kth byte that is written to it
fails() {
	local k=$1 f only=()
	shift
	for f in "$U/sys/bus/usb/drivers_probe" "$U/sys/module/usbcore/parameters/authorized_default" \
	    "${device%/*}"/{interface_,}authorized_default "$device"/{,1-1:1.0/,1-1:1.1/}authorized "$device/remove"; do
		only+=(-P "$f")
	done
	run strace -f "${only[@]}" -e trace=pwrite64 -e "inject=pwrite64:error=${errors[${k%+} % 3]}:when=$k" -o "$T/calls" \
	    env LD_PRELOAD="$usb_kernel" ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$BND_BUILD/usb-guard" -R "$U" "$@"
	grep -q INJECTED "$T/calls"
}
for k in {1..20}; do
	usb_ready OPEN
	usb 1-1 keyboard storage
	fails "$k" hook add "$host/usb1/1-1" || break
	ok "UE-13 a write that fails is told (letting in, $k)" isnt "$status" 0
	ok "UE-13 and what is not whole is denied, or 19 ($k)" eval '[[ $(usb_state 1-1) == 0 || $status == 19 ]]'
	run guard hook add "$host/usb1/1-1"
	ok "UE-13 the next settle does it ($k)" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid 1.1=1:usb-storage"
done
ok "UE-13 all writes of letting in have failed once" test "$k" -gt 3
for k in {1..20}; do
	usb_ready LOCKDOWN
	usb 1-1 keyboard storage on
	fails "$k" apply || break
	ok "UE-13 denied all the same, or 19 ($k)" eval '[[ $(usb_state 1-1) == 0 || $status == 19 ]]'
	run guard apply
	ok "UE-13 the next apply does it ($k)" is "$status $(usb_state 1-1)" "0 0"
done
ok "UE-13 all writes of taking down have failed once" test "$k" -gt 1
for knob in parameter usb1/authorized_default usb1/interface_authorized_default; do
	usb_ready OPEN
	usb_knob $knob 1
	fails 1 apply
	ok "UE-13 $knob cannot be set: 19" status 19
	ok "UE-13 and stays as it is" is "$(usb_knob $knob)" 1
	run guard apply
	ok "UE-13 the next apply sets it" is "$status $(usb_knob $knob)" "0 0"
done

# A sysfs that takes nothing.
usb_ready OPEN
usb 1-1 keyboard storage
fails 1+ hook add "$host/usb1/1-1"
ok "UE-13 no write at all: not let in" is "$((status != 0)) $(usb_state 1-1)" "1 0"
usb_ready LOCKDOWN
usb 1-1 keyboard storage on
fails 1+ apply
ok "UE-13 no write at all: 19, as it is not denied" status 19
ok "UE-13 and the kernel was asked for more than one way" test "$(grep -c INJECTED "$T/calls")" -gt 1
tap_done
