#!/bin/bash
# usb-boot.t: what is installed for the boot and the initramfs does what it says
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host

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
