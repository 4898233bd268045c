#!/bin/bash
# usb-modes.t: mode-set, its record and its way out, over a made-up bus
# SPDX-License-Identifier: ISC
#
# The bus is tests/usb.sh's, with a kernel that answers; state, log and configuration
# are the host's, which mode-set knows. What a kernel really does is for tests/vm.
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../usb.sh"

couple() {
	local d
	mkdir -p /etc/bnd/usb.d
	chmod 0700 /etc/bnd/usb.d
	for d in run/bnd etc/bnd var/lib/bnd; do
		mkdir -p "$U/$d"
		umount "$U/$d" 2>/dev/null
		mount --bind "/$d" "$U/$d" || bail "cannot bind /$d"
	done
	cat >/usr/sbin/usb-guard <<-EOW
		#!/bin/sh
		export LD_PRELOAD=$usb_kernel ASAN_OPTIONS=verify_asan_link_order=0
		exec $BND_BUILD/tests/helper/timed-usb-guard -R $U "\$@"
	EOW
}
# What the last record of an event says of USB: KEY...
said() {
	local ev=$1 line
	shift
	line=$(grep "\"ev\":\"$ev\"" $log_file | tail -n 1 | grep -o '"usb":{[^}]*}')
	for key in "$@"; do grep -o "\"$key\":[^,}]*" <<<"$line" | cut -d: -f2 | tr -d '"'; done | xargs
}
states() {
	for p in 1-1 1-2 1-3; do usb_state $p | cut -d' ' -f1; done | xargs
}
spine_up
at_exit umount "$U/run/bnd" "$U/etc/bnd" "$U/var/lib/bnd"
usb_host
couple
echo 'lockdown_hid keep' >>/etc/bnd/bnd.conf
echo 'allow with-interface match-all { 08:*:* }' >/etc/bnd/usb.d/10-sticks.rules
chmod 0600 /etc/bnd/usb.d/10-sticks.rules
usb 1-1 keyboard serial=K1
usb 1-2 storage
usb 1-3 mouse

# ---- OPEN to LOCKDOWN, one after the other ----
run mode-set open
ok "OPEN lets in what no rule is against" is "$status $(states)" "0 1 1 1"
usb-guard baseline --add 1-1 -q || bail "no baseline"
while read -r mode want counts; do
	run mode-set "$mode"
	ok "mode-set $mode" is "$status $(states)" "0 ${want//-/ }"
	ok "$mode: the record says how many" is "$(said mode.commit mode sealed present admitted denied)" "${mode^^} true 3 ${counts/-/ }"
	ok "$mode: and who could type" is "$(said mode.commit keyboards lockdown)" "1 1"
	run mode-set --check
	ok "$mode: mode-set --check agrees" status 0
done <<'EOM'
restricted 1-1-0 2-1
trusted 1-0-0 1-2
airgap 1-0-0 1-2
coldroom 1-0-0 1-2
lockdown 1-0-0 1-2
EOM
run mode-set
ok "mode-set shows it" like "$out" 'usb +in force; present 3; admitted 1; denied 2'

# ---- UP-14: being stricter is never refused ----
spine_again
couple
rm -f /etc/bnd/usb.baseline
run mode-set open
ok "UP-14 the only keyboard works" is "$status $(states)" "0 1 1 1"
run mode-set --check
ok "UP-14 mode-set --check finds that LOCKDOWN would leave none" is "$status $(grep -c 'usb: keyboard: LOCKDOWN would leave none of 1 keyboard' <<<"$out")" "1 1"
run mode-set lockdown
ok "UP-14 mode-set lockdown is done" is "$status $out" "0 LOCKDOWN"
ok "UP-14 nothing types" is "$(states)" "0 0 0"
ok "UP-14 and the count is in the result" is "$(said mode.commit mode keyboards lockdown)" "LOCKDOWN 0 0"

# ---- what does not let go ----
spine_again
couple
usb_unplug 1-3
usb 1-3 mouse fault=stuck
run mode-set open
ok "control: all three are let in" is "$status $(states)" "0 1 1 1"
run mode-set restricted
ok "a device that takes no denial is thrown off its bus" is "$status $out" "0 RESTRICTED"
ok "and is nowhere" not test -e "$U/sys/bus/usb/devices/1-3"
ok "which is on record" is "$(grep '"ev":"usb.result"' $log_file | grep -c '"port":"1-3".*"verdict":"\(deny\|remove\)"')" 1
tap_done
