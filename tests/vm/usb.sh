# usb.sh: USB in a test machine: plugging, and what the kernel made of it
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2054,SC2034
#
# Sourced after lib.sh. usb_machine is for the host's side; the rest is for the
# guest, where modules come by the real modprobe, which reads the kernel command
# line and modprobe.d as on any host, and events by the real udevd.
#
#	plug usb-kbd k 1			port 1 of the first controller
#	plug usb-kbd k 1 ',"bus":"x2.0"'	of another one
#	unplug k
#	fake 17 id=1209:0002 config ...		fakeusb on port 17 of vhci_hcd
#	unfake 17
#
# A device is named by its port, as in /sys/bus/usb/devices: 1-1, or $(at 17).

devices=/sys/bus/usb/devices

# Disks to plug, and a controller that is there at boot: 1-N high and 2-N super.
usb_machine() {
	truncate -s 8M "$T/stick" "$T/stick2"
	vm_args+=(
		-blockdev "driver=raw,node-name=stick,file.driver=file,file.filename=$T/stick"
		-blockdev "driver=raw,node-name=stick2,file.driver=file,file.filename=$T/stick2"
		-device qemu-xhci,id=xhci,p2=8,p3=8
		"$@"
	)
}

# Controllers and drivers of what is plugged; $1: authorized_default, else that of
# the command line.
usb_modules() {
	modprobe usbcore ${1:+"authorized_default=$1"} &&
	    modprobe -a xhci_pci usbhid hid_generic evdev usb_storage uas sd_mod cdc_ether ftdi_sio \
		vhci_hcd || bail "no modules"
	until_true 20 test -e $devices/usb1 || bail "no controller"
}

# ---- plugging ----

plug() {
	local answer
	answer=$(qmp "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"$1\",\"id\":\"$2\",\"port\":\"$3\"${4-,\"bus\":\"xhci.0\"}}}")
	[[ $answer == *'"return"'* ]] || { diag "plug $*: $answer"; return 1; }
}
unplug() {
	qmp "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"$1\"}}" | grep -q return
}
# controller ID: another one, hot-added
controller() {
	qmp "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"qemu-xhci\",\"id\":\"$1\",\"p2\":8,\"p3\":8}}" |
	    grep -q return
}
# The buses of the controllers with that driver, high speed before super.
buses() {
	local u
	for u in $devices/usb*; do
		[[ $(basename "$(readlink -f "$u/../driver")") != "$1" ]] || echo "${u##*/usb}"
	done | sort -n
}

declare -A faked=()
fake() {
	local port=$1
	"$BND_BUILD/tests/helper/fakeusb" "$@" 2>>"$T/fakeusb.err" &
	faked[$port]=$!
}
unfake() {
	local p
	for p; do
		kill "${faked[$p]}" && wait "${faked[$p]}"
		unset "faked[$p]"
	done 2>/dev/null
}
# at PORT: the name that a device on this port of vhci_hcd gets
at() {
	local hc=$(($1 / 15)) u
	for u in "/sys/devices/platform/vhci_hcd.$hc"/usb*; do
		[[ $(<"$u/speed") != 480 ]] || { echo "${u##*/usb}-$(($1 % 15 + 1))"; return; }
	done
}

# ---- what is there ----

there() {
	test -e "$devices/$1/authorized"
}
gone() {
	! test -e "$devices/$1"
}
attr() {
	[[ -e $devices/$1/$2 ]] && echo "$(<"$devices/$1/$2")"
} 2>/dev/null
# Of each interface: number, whether authorised, driver.
ifaces() {
	local i d
	for i in "$devices/$1":*; do
		[[ -e $i/authorized ]] || continue
		d=$(readlink "$i/driver") d=${d##*/}
		echo "${i##*.}:$(<"$i/authorized"):${d:--}"
	done | paste -sd ' '
}
# Nodes that a device's drivers made: input12 event3 eth0 sda ttyUSB0
nodes() {
	local top
	top=$(readlink -f "$devices/$1") && [[ -d $top ]] || return 0
	find "$top" -maxdepth 9 -type d \( -path '*/input/input*' -o -path '*/net/*' -o -path '*/block/*' \
	    -o -path '*/hidraw/*' -o -path '*/tty*' \) -printf '%P\n' 2>/dev/null |
	    grep -oE '(input/input[0-9]+/event|net/[^/]*$|block/s[a-z]*$|hidraw/hidraw|ttyUSB|ttyACM)' |
	    sed 's,/input[0-9]*,,; s,.*/,,' | sort -u | paste -sd ' '
}
# facts PORT: authorized, configuration, interfaces, nodes, in one line
facts() {
	[[ -e $devices/$1/authorized ]] || { echo absent; return; }
	echo "authorized=$(attr "$1" authorized) config=$(attr "$1" bConfigurationValue) ifaces=[$(ifaces "$1")] nodes=[$(nodes "$1")]"
}
# What "denied" is: nothing of a device but its name.
dead='authorized=0 config= ifaces=[] nodes=[]'
is_dead() {
	local d=$devices/$1
	[[ -e $d/authorized && $(<"$d/authorized") == 0 && ! $(<"$d/bConfigurationValue") ]] &&
	    ! compgen -G "$d/$1:*" >/dev/null
}
alive() {
	local d=$devices/$1
	[[ -e $d/authorized && $(<"$d/authorized") == 1 && $(<"$d/bConfigurationValue") ]]
}
# event_of PORT: the input device below it
event_of() {
	local e
	for e in "$(readlink -f "$devices/$1")"/*/*/input/input*/event* \
	    "$(readlink -f "$devices/$1")"/*/input/input*/event*; do
		[[ ! -e $e ]] || { echo "/dev/input/${e##*/}"; return; }
	done
	return 1
}

# ---- keys ----

press() {
	qmp "{\"execute\":\"input-send-event\",\"arguments\":{\"events\":[{\"type\":\"key\",\"data\":{\"down\":$1,\"key\":{\"type\":\"qcode\",\"data\":\"a\"}}}]}}" >/dev/null
}
# arrives CMD...: bytes that reach the input nodes from CMD on, within a second
arrives() {
	local e fd fds=() pids=() i
	for e in /dev/input/event*; do
		[[ ! -c $e ]] || { exec {fd}<"$e" && fds+=("$fd"); }
	done 2>/dev/null
	"$@"
	for i in "${!fds[@]}"; do
		timeout 1 cat <&"${fds[i]}" >"$T/keys.$i" 2>/dev/null &
		pids+=($!)
	done
	((${#pids[@]} == 0)) || wait "${pids[@]}"
	for fd in "${fds[@]}"; do exec {fd}<&-; done
	cat "$T"/keys.* 2>/dev/null | wc -c
	rm -f "$T"/keys.*
}
# a_key: one on the machine's USB keyboard
a_key() {
	press true && press false
}

# ---- udev ----

# The udevd of the host's system, or that of its package.
udev_up() {
	local dir
	if [[ ! -x /lib/systemd/systemd-udevd ]]; then
		dir=$(package udev) && tar -C "$dir" -c . | tar -C / -x --keep-directory-symlink || bail "no udev"
	fi
	/lib/systemd/systemd-udevd --daemon --resolve-names=never || bail "no udevd"
	udevadm trigger --action=add -s usb -s pci && udevadm settle -t 60
}
# As a udevd that hangs: events wait.
udev_stands() {
	kill -STOP "$(pgrep -o udevd)"
}
udev_goes() {
	kill -CONT "$(pgrep -o udevd)"
}
udev_down() {
	udevadm control --exit
}
calm() {
	udevadm settle -t "${1:-60}"
}
# package NAME: where tests/vm/fetch has unpacked it
package() {
	(. "$BND_TREE/tests/fetch.sh" && newest "$1_*")
}

# ---- bnd ----

# A host in OPEN with two approvers, the network's enforcer a stand-in.
usb_host() {
	. "${vm_dir}/../spine.sh"
	spine_up
	install -m 0755 "$BND_BUILD/tests/helper/timed-usb-guard" /usr/sbin/usb-guard || bail "no usb-guard"
	dmesg -C
	: >"$T/begin"
}
# to MODE: as people change it
to() {
	if (($(rank "$1") >= $(rank "$(mode-set --get)"))); then
		run mode-set "$1"
	else
		run loosen to "$T" 2 "$1"
	fi
	[[ $status -eq 0 ]] || diag "to $1: $status $err"
}
# rules TEXT [MODE]: these and no others
rules() {
	rm -rf /etc/bnd/usb.d
	mkdir -p "/etc/bnd/usb.d/${2:-}"
	(umask 077 && echo "$1" >"/etc/bnd/usb.d/${2:+$2/}10-test.rules")
}
# What happened to a port, newest last.
said() {
	grep "\"ev\":\"usb[.]$1\"" $log_file | grep "\"port\":\"$2\"" | tail -n 1
}

# Section by section what must hold after whatever happened; prints what does not.
sound() {
	local good=yes d i v unanswered
	wrong() {
		good=
		echo "$*"
	}
	for d in $devices/usb*; do
		v=$(<"$d/authorized_default")/$(<"$d/interface_authorized_default")
		[[ $v == 0/0 ]] || wrong "${d##*/}: defaults $v"
	done
	v=$(</sys/module/usbcore/parameters/authorized_default)
	[[ $v == 0 ]] || wrong "parameter $v"
	for i in $devices/[0-9]*-[1-9]*:*/driver; do
		[[ -e $i ]] || continue
		i=${i%/driver} d=${i%:*} v=$(<"$d/devnum")
		[[ $(<"$d/authorized")$(<"$i/authorized") == 11 ]] || wrong "${i##*/}: a driver, not authorised"
		[[ $(said result "${d##*/}") =~ \"result\":\"done\",\"verdict\":\"admit\".*\"devnum\":$v, ]] || wrong "${d##*/}: a driver, no record"
	done
	unanswered=$(jq -r 'select(.ev == "usb.intent" or .ev == "usb.result" or .ev == "usb.vanished") |
	    "\(.d.port) \(.ev)"' $log_file | awk '{ open[$1] = $2 == "usb.intent" } END { for (p in open) if (open[p]) print p }')
	[[ ! $unanswered ]] || wrong "an intent, no result: $unanswered"
	chain-verify >/dev/null || wrong "the chain does not verify"
	usb-guard check --json >"$T/check" || wrong "check: $? $(<"$T/check")"
	! pgrep -x usb-guard || wrong "a process is left"
	! grep -c . < <(find /run/bnd/usb -mindepth 1 ! -type f) || wrong "no file"
	v=$(find /run/.written/u -newer "$T/begin" -type f ! -path '*/tmp/*' ! -path '*/etc/bnd/*' ! -path '*/var/lib/bnd/*')
	[[ ! $v ]] || wrong "written: $v"
	v=$(dmesg | grep -E 'WARNING|BUG|hung task|Oops')
	[[ ! $v ]] || wrong "the kernel: $v"
	[[ $good ]]
}

timed() {
	local start=$SECONDS
	"$@"
	diag "$1: $((SECONDS - start)) s"
}
