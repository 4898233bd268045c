#!/bin/bash
# boot.t: the mode of a host that has just booted
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

# /run is empty and the kernel as it comes.
reboot() {
	rm -rf /run/bnd
	echo OPEN >/run/fake/net
	run mode-set --boot
}

ok "before boot's mode-set has run" is "$(rm -rf /run/bnd; mode-set --get 2>/dev/null)" LOCKDOWN
reboot
ok "a host in OPEN boots into OPEN" is "$status $(kernel) $(published)" "0 OPEN OPEN"
for m in RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	mode-set $m >/dev/null
	reboot
	ok "a host in $m boots into $m" is "$status $(kernel) $(published)" "0 $m $m"
	ok "$m: recorded" like "$(last_record)" '"ev":"mode.boot".*"mode":"'$m'"'
	gen=$(generation)
	run mode-set --boot
	ok "$m: a second --boot agrees" is "$status $(published) $(generation)" "0 $m $((gen + 1))"
done
ok "the log verifies" verifies

# Who asks while it is being set up is not told that it is.
spine_again
mode-set airgap >/dev/null
rm -rf /run/bnd
echo OPEN >/run/fake/net
echo 2 >/run/fake/pause
mode-set --boot >/dev/null 2>&1 &
booting=$! asked=0 wrong=''
# It waits for who is at it: whole when it answers, or no success.
(
	until grep -q '^phase' /run/bnd/state 2>/dev/null; do kill -0 $booting 2>/dev/null || break; done
	mode-set --check >/dev/null 2>&1
	said=$?
	grep -q '^phase stable' /run/bnd/state || said+=" early"
	echo "$said $(kernel)"
) >"$T/checked" &
checking=$!
while kill -0 $booting 2>/dev/null; do
	got=$(mode-set --get 2>/dev/null)
	[[ $got == LOCKDOWN || $got == AIRGAP ]] || wrong+=" $got"
	[[ $(kernel) != OPEN ]] || asked=$((asked + 1))
done
rm -f /run/fake/pause
wait $booting $checking
ok "asked $asked times on the way: never the mode it is not in yet" is "$wrong" ''
ok "control: it was asked while nothing was enforced" test $asked -gt 0
ok "a check meanwhile says yes when it is so" is "$(cat "$T/checked")" "0 AIRGAP"

# Every other source can only make it stricter.
spine_again
echo 'floor TRUSTED' >/etc/bnd/bnd.conf
reboot
ok "the configured floor" is "$status $(kernel)" "0 TRUSTED"
echo 'floor RESTRICTED' >/etc/bnd/bnd.conf
reboot
ok "never makes it laxer" is "$status $(kernel)" "0 TRUSTED"

spine_again
cmdline() {
	echo "$1" >"$T/cmdline"
	mount --bind "$T/cmdline" /proc/cmdline
	reboot
	umount /proc/cmdline
}
cmdline 'quiet bnd.mode=airgap root=/dev/x'
ok "bnd.mode= of the kernel command line" is "$status $(kernel)" "0 AIRGAP"
cmdline 'bnd.mode=open'
ok "cannot loosen" is "$status $(kernel)" "0 AIRGAP"
cmdline 'bnd.mode=OPEN bnd.mode=coldroom bnd.mode=trusted'
ok "the strictest of several wins" is "$status $(kernel)" "0 COLDROOM"
spine_again
cmdline 'bnd.mode=airgapped'
ok "an unknown word is LOCKDOWN" is "$(kernel)" LOCKDOWN
ok "and said" like "$err" 'unknown bnd.mode='
spine_again
cmdline 'xbnd.mode=airgap bnd.modes=airgap'
ok "control: another word is none of ours" is "$status $(kernel)" "0 OPEN"

# What cannot be read is LOCKDOWN.
locked() {
	reboot
	ok "$1: LOCKDOWN" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
	ok "$1: with its reason" like "$err" "$2"
}
spine_again; echo 'flor OPEN' >/etc/bnd/bnd.conf; locked "garbage in bnd.conf" 'bnd.conf:1:1: unknown key'
spine_again; rm /etc/bnd/bnd.conf; locked "no bnd.conf" 'bnd.conf'
spine_again; chmod 0622 /etc/bnd/bnd.conf; locked "bnd.conf writable by others" 'mode 0622'
spine_again; rm /var/lib/bnd/floor; locked "no floor file" 'floor'
spine_again; printf X | dd of=/var/lib/bnd/floor bs=1 conv=notrunc 2>/dev/null; locked "a damaged floor file" 'floor is damaged'
spine_again; chattr -a $log_file; sed -i s/approver1/approver9/ $log_file; locked "a changed log" 'does not verify'
spine_again; rm -f /var/lib/bnd/log/head; locked "a log without its head" 'does not verify|cannot be read'
spine_again; mode-set airgap >/dev/null; chattr -a $log_file; sed -i '$d' $log_file; locked "a log cut short" 'does not verify'
ok "which nothing was written to" is "$(wc -l <$log_file)" 2
run mode-set lockdown
ok "a log that refuses: tightening goes on" status 15
run loosen to "$T" 2 OPEN
ok "and loosening does not" isnt "$status" 0
ok "as before" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"

# A transaction that the power cut: intent and no answer.
spine_again
mode-set trusted >/dev/null
echo 3 >/run/fake/pause
mode-set coldroom >/dev/null 2>&1 &
for _ in {1..50}; do
	! grep -q '^phase entering' /run/bnd/state || break
	sleep 0.05
done
ok "on its way up readers act on the stricter mode" is "$(mode-set --get) $(kernel)" "COLDROOM TRUSTED"
kill -KILL $!
wait 2>/dev/null
rm -f /run/fake/pause
reboot
ok "cut off on the way up: boots into the stricter mode" is "$status $(kernel)" "0 COLDROOM"
ok "the log verifies" verifies

# The enforcer fails at boot.
spine_again
mode-set trusted >/dev/null
fault 'fail TRUSTED'
reboot
ok "a mode that cannot be enforced at boot: LOCKDOWN" is "$status $(kernel) $(published)" "17 LOCKDOWN LOCKDOWN"
fault fail
reboot
ok "nothing can be enforced at boot" is "$status $(mode-set --get)" "18 LOCKDOWN"
run mode-set --require LOCKDOWN
fault
run mode-set --check
ok "and made good by the next check" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
ok "the log verifies" verifies
tap_done
