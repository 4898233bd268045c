#!/bin/bash
# usb-boot.t: what is installed for the boot and the initramfs does what it says
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../usb.sh"

# ---- initramfs-tools -------------------------------------------------------

# Its functions, as far as the hook uses them: 1 is "there already".
mkdir -p /usr/share/initramfs-tools
cat >/usr/share/initramfs-tools/hook-functions <<'E2'
copy_file() {
	[ -f "$2" ] || return 2
	[ ! -e "$DESTDIR/${3:-$2}" ] || return 1
	mkdir -p "$(dirname "$DESTDIR/${3:-$2}")"
	cp -pL "$2" "$DESTDIR/${3:-$2}"
}
copy_exec() {
	copy_file binary "$1" || return $(($? - 1))
	for lib in $(ldd "$1" | grep -o '/[^ ]*'); do copy_file binary "$lib" || [ $? = 1 ]; done
}
manual_add_modules() { echo "$@" >>"$DESTDIR.modules"; }
E2
hook=/usr/share/initramfs-tools/hooks/bnd
image() {
	export DESTDIR=$T/image
	rm -rf "$DESTDIR" "$DESTDIR.modules"
	mkdir "$DESTDIR"
	run $hook
}
holds() {
	(cd "$T/image" && find . -type f ! -name '*.so*' -printf '%m /%P\n' | sort -k2)
}

ok "it comes after udev's" is "$($hook prereqs)" udev
rm -f /etc/bnd/log.pin
image
ok "a host that was never set up: nothing" is "$status $(holds)" "0 "
mkdir -p /etc/bnd/usb.d/AIRGAP
echo pin >/etc/bnd/log.pin
image
ok "one without rules and baseline" is "$status $(holds | grep -c usb.baseline)" "0 0"
echo x >/etc/bnd/usb.d/10.rules
echo x >/etc/bnd/usb.d/10.rules.off
echo x >/etc/bnd/usb.d/AIRGAP/20.rules
(umask 077 && echo x >/etc/bnd/usb.baseline)
image
ok "all that usb-guard judges by, with the modes it wants, and nothing else" is "$status $(holds)" "0 $(sort -k2 <<E3
644 /etc/bnd/bnd.conf
600 /etc/bnd/usb.baseline
644 /etc/bnd/log.pin
644 /etc/bnd/usb.d/10.rules
644 /etc/bnd/usb.d/AIRGAP/20.rules
644 /usr/lib/udev/rules.d/99-zz-bnd-usb.rules
755 /usr/sbin/usb-guard
E3
)"
ok "the modules of keyboards" is "$(cat "$T/image.modules")" "usbhid hid_generic"
run chroot "$T/image" /usr/sbin/usb-guard --version
ok "the program runs there" status 0
run $hook
ok "a second hook that copies the same is no mistake" is "$status" 0
ok "the image is root's alone" is "$(. /usr/share/initramfs-tools/conf-hooks.d/bnd && echo "$UMASK")" 0077
mv /usr/lib/udev/rules.d/99-zz-bnd-usb.rules "$T"
image
ok "what cannot be copied stops the making of an image" isnt "$status" 0
mv "$T/99-zz-bnd-usb.rules" /usr/lib/udev/rules.d/

# ---- in the initramfs ------------------------------------------------------

# A host with one keyboard in its baseline; then a root that holds what the hook put
# there and nothing else, with the kernel of a boot: no state, no log, no user.
usb_ready OPEN
usb 1-1 keyboard serial=A1
guard hook add "$(usb_path 1-1)" -q
usb_known 1-1
early() {
	sed -i '/^lockdown_hid/d' "$T/usb/etc/bnd/bnd.conf"
	echo "lockdown_hid $1" >>"$T/usb/etc/bnd/bnd.conf"
	rm -rf /etc/bnd/* "${T:?}/boot"
	cp -a "$T/usb/etc/bnd/." /etc/bnd/
	U=$T/boot
	usb_host
	usb 1-1 keyboard serial=A1
	usb 1-2 keyboard serial=A2
	usb 1-3 storage
	usb_knob parameter 1
	DESTDIR=$U $hook || bail "no image"
	mkdir -p "$U"/{dev,run}
	cp "$usb_kernel" "$U/usbkernel.so"
	mount --bind /dev "$U/dev"
	mount -t proc proc "$U/proc"
	local port
	for port in usb1 1-1 1-2 1-3; do
		# ld.so says that there is no such library outside.
		LD_PRELOAD=/usbkernel.so chroot "$U" /usr/sbin/usb-guard hook add "$(usb_path $port)" >/dev/null 2>&1
		early_status[$port]=$?
	done
	umount "$U/proc" "$U/dev"
}
declare -A early_status=()
if [[ $BND_BUILD == */asan ]]; then
	skip_kernel "a boot" "the sanitizer wants to be loaded first"
else
	early keep
	ok "UP-20: the kernel's default is put right" is "${early_status[usb1]} $(usb_knob parameter)" "15 0"
	ok "UP-20: the keyboard of the baseline types" is "$(usb_state 1-1)" "1 1.0=1:usbhid"
	ok "UP-20: a second one does not" is "$(usb_state 1-2)" 0
	ok "UP-20: nor does a disk" is "$(usb_state 1-3)" 0
	ok "UP-20: as there is no state, and so LOCKDOWN" is "${early_status[1-1]} ${early_status[1-2]}" "9 9"
	ok "UP-20: what was decided waits" test -s "$U/run/bnd/spool"
	cp -p "$U/run/bnd/spool" "$T/usb/run/bnd/spool"
	early none
	ok "UP-20: control: with lockdown_hid none the first does not type either" is "$(usb_state 1-1)" 0
	U=$T/usb
	usb 1-4 mouse
	guard hook add "$(usb_path 1-4)" -q 2>/dev/null
	for port in 1-1 1-2 1-3; do
		ok "UP-20: and is on record later: $port" test \
		    "$(usb_records usb.result "\"port\":\"$port\",\"mode\":\"LOCKDOWN\"")" -ge 1
	done
	ok "UP-20: in a log that verifies" chain-verify -R "$U"
fi

# ---- what the kernel is told -----------------------------------------------

ok "installing tells it nothing" is "$(ls /etc/modprobe.d/bnd* /usr/lib/modprobe.d/bnd* /etc/default/grub.d/bnd* 2>/dev/null)" ""
if command -v modprobe >/dev/null; then
	cp /usr/share/bnd/bnd-usb.conf /etc/modprobe.d/
	ok "kmod reads the snippet" is "$(modprobe -c | grep '^options usbcore ')" "options usbcore authorized_default=0"
else
	skip "kmod reads the snippet" "no modprobe"
fi
GRUB_CMDLINE_LINUX="quiet"
. /usr/share/bnd/bnd-usb.cfg
ok "GRUB's adds to what is there" is "$GRUB_CMDLINE_LINUX" "quiet usbcore.authorized_default=0"

# ---- after a sleep ---------------------------------------------------------

sleep_hook=/usr/lib/systemd/system-sleep/bnd
printf '#!/bin/sh\necho "$@"\n' >/usr/sbin/usb-guard
ok "before a sleep nothing" is "$($sleep_hook pre suspend)" ""
ok "after it all devices are settled" is "$($sleep_hook post suspend)" "apply --quiet"
rm /etc/bnd/log.pin
ok "unless the host was never set up" is "$($sleep_hook post suspend)" ""
tap_done
