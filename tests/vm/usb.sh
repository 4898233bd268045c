# usb.sh: USB in a test machine: plugging, and what the kernel made of it
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2054
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
		-drive "if=none,id=stick,format=raw,file=$T/stick"
		-drive "if=none,id=stick2,format=raw,file=$T/stick2"
		-device qemu-xhci,id=xhci,p2=8,p3=8
		-device pcie-pci-bridge
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
	cat "$devices/$1/$2" 2>/dev/null
}
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
	[[ $(facts "$1") == "$dead" ]]
}
alive() {
	[[ $(attr "$1" authorized) == 1 && $(attr "$1" bConfigurationValue) ]]
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
