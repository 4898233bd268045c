#!/bin/bash
# usb-udev.t: libudev is asked for names, and for nothing else
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"
compgen -G "/usr/lib/*/libumockdev-preload.so.0" >/dev/null || skip_all "no umockdev"
[[ $BND_BUILD != */asan ]] || skip_kernel_all "the sanitizer wants to be loaded first"

# The real root, whose /sys libudev takes to be $U/sys.
by_libudev() {
	run env UMOCKDEV_DIR="$U" LD_PRELOAD=libumockdev-preload.so.0 "$@"
}

usb_host
usb_bus 2 pci0000:00/0000:00:15.0
usb 1-2 hub on
usb 1-2.10 hub on
usb 1-2.10.4 storage keyboard on
usb 1-2.2 mouse
usb 1-10 net name=$'a\nDEVTYPE=usb_interface'
usb 2-1 fido on
run "$BND_BUILD/tests/helper/usbtree" "$U" walk
links=$out
ok "the kernel's links: two controllers, six devices" is "$(wc -l <<<"$links")" 8
by_libudev "$BND_BUILD/tests/helper/usbtree" / walk
ok "libudev gives the same, in the same order" is "$out" "$links"
ok "no parent behind its child" is "$out" "$(LC_ALL=C sort <<<"$out")"
rm -r "$U/sys/bus/usb/devices"
by_libudev "$BND_BUILD/tests/helper/usbtree" / walk
ok "control: it is this tree that libudev saw" is "$out" ""
tap_done
