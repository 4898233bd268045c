#!/bin/bash
# usb-changes.t: every change of mode, what changes behind its back, what fails
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine -M pc,i8042=off
# No console but USB: LOCKDOWN keeps the baseline's keyboards (lockdown_hid auto).
vm_log=console=tty0

# ---- all changes of mode ----

# Port of vhci, what it is, and the strictest mode that lets it in: the test's own
# table, by which each is judged after each change. b: of the baseline.
kinds=(
	"0 b LOCKDOWN config if=03:01:01 hid=kbd"
	"15 b COLDROOM config if=03:01:02 hid=mouse"
	"30 b AIRGAP config if=ff:00:00"
	"45 b TRUSTED config if=02:06:00"
	"60 b RESTRICTED config if=08:06:62"
	"75 r RESTRICTED config if=ff:11:00"
	"90 - OPEN config if=ff:22:00"
	"105 x NONE config if=ff:33:00"
)
put() {
	local port _ words
	read -r port _ _ words <<<"$1"
	# shellcheck disable=SC2086
	fake "$port" "id=1209:01$(printf '%02x' "$port")" $words
}
# as_ought MODE: each device, evaluated from nothing
as_ought() {
	local k port limit bad=''
	for k in "${kinds[@]}"; do
		read -r port _ limit _ <<<"$k"
		there "$(at "$port")" || continue
		if (($(rank "$1") <= $(rank "$limit"))); then alive "$(at "$port")"; else is_dead "$(at "$port")"; fi ||
		    bad+=" $port($limit): $(facts "$(at "$port")")"
	done
	[[ ! $bad ]] || { echo "$1:$bad"; return 1; }
}
set_up() {
	local k
	rules 'block with-interface ff:33:00
allow'
	to OPEN
	for k in "${kinds[@]}"; do [[ $k != *' b '* ]] || put "$k"; done
	for k in 0 15 30 45 60; do until_true 30 there "$(at $k)"; done
	calm
	ok "the baseline is taken" usb-guard baseline --save -q
	rules 'block with-interface ff:33:00
allow with-interface ff:11:00'
	to OPEN
	put "${kinds[5]}" && put "${kinds[6]}" && put "${kinds[7]}"
	for k in 75 90 105; do until_true 30 there "$(at $k)"; done
	calm
	ok "UP-15: OPEN" as_ought OPEN
}
# All 30 ordered pairs. LOCKDOWN is left to where it was entered from.
path='LOCKDOWN OPEN RESTRICTED LOCKDOWN RESTRICTED TRUSTED LOCKDOWN TRUSTED AIRGAP LOCKDOWN AIRGAP
COLDROOM LOCKDOWN COLDROOM OPEN TRUSTED OPEN AIRGAP OPEN COLDROOM RESTRICTED AIRGAP RESTRICTED
COLDROOM TRUSTED COLDROOM AIRGAP TRUSTED RESTRICTED OPEN'
changes() {
	local m n=0 bad=''
	for m in $path; do
		# One of the baseline goes and comes while the mode changes.
		if (($(rank "$m") < 4 && $(rank "$(mode-set --get)") < 4)); then
			[[ ${faked[15]:-} ]] && unfake 15 || put "${kinds[1]}"
		fi
		to "$m"
		calm
		n=$((n + 1))
		[[ $(mode-set --get) == "$m" ]] && as_ought "$m" || bad+=" $n:$m"
	done
	ok "UP-15: $n changes of mode, devices coming and going: each as its own evaluation" is "$bad" ''
	[[ ${faked[15]:-} ]] || { put "${kinds[1]}" && until_true 10 there "$(at 15)" && calm; }
	ok "UP-15: OPEN in the end" as_ought OPEN
	ok "UP-15: sound" sound
}

# ---- behind its back ----

behind() {
	local kbd
	kbd=$(at 0)
	echo -1 >/sys/module/usbcore/parameters/authorized_default
	echo 1 >$devices/usb1/authorized_default
	echo 1 >$devices/usb2/interface_authorized_default
	run usb-guard check --json
	ok "UP-19: check names each" is "$status $(jq -r '.findings[].text' <<<"$out" |
	    grep -oE 'parameters/authorized_default|usb1/authorized_default|usb2/interface_authorized_default' |
	    sort -u | wc -l)" "19 3"
	usb-guard apply -q
	ok "UP-19: apply puts them right" sound
	mv /usr/sbin/usb-guard /usr/sbin/usb-guard.away
	fake 1 id=1209:0201 config if=ff:11:00 && until_true 10 there "$(at 1)" && calm
	ok "UP-18: without the hook's program a device is dead" is_dead "$(at 1)"
	mv /usr/sbin/usb-guard.away /usr/sbin/usb-guard
	run usb-guard check
	ok "UP-18: and check says so" status 1
	udev_stands
	fake 2 id=1209:0202 config if=ff:11:00 && until_true 10 there "$(at 2)"
	ok "UP-18: with udevd stopped too" is_dead "$(at 2)"
	usb-guard apply -q
	ok "control: apply lets both in" is "$(alive "$(at 1)" && alive "$(at 2)"; echo $?)" 0
	udev_goes
	calm
	unfake 1 2 && until_true 10 gone "$(at 2)" && calm
	chattr -a $log_file
	chattr +i $log_file
	fake 1 id=1209:0201 config if=ff:11:00 && until_true 10 there "$(at 1)" && calm
	ok "UP-22: what cannot be recorded is not let in" is_dead "$(at 1)"
	run usb-guard hook add "$(readlink -f $devices/"$(at 1)" | sed 's,^/sys,,')"
	ok "UP-22: and the hook says 15" status 15
	chattr -i $log_file && chattr +a $log_file
	usb-guard apply -q
	ok "UP-22: control: with the log it is" alive "$(at 1)"
	unfake 1 && until_true 10 gone "$(at 1)" && calm
	fake 1 id=1209:0201 config if=ff:22:00 && until_true 10 there "$(at 1)" && calm
	to RESTRICTED
	run env DEVPATH="/devices/platform/vhci_hcd.0" ACTION=remove BND_ROOT=/tmp LD_PRELOAD=/nowhere.so \
	    usb-guard hook add "$(readlink -f $devices/"$(at 1)" | sed 's,^/sys,,')"
	ok "UE-02: arguments win over the environment" is "$status $(is_dead "$(at 1)"; echo $?)" "0 0"
	run usb-guard hook remove "$(readlink -f $devices/"$kbd" | sed 's,^/sys,,')"
	ok "UE-03: a removal of what is here changes nothing" alive "$kbd"
	unfake 1 && until_true 10 gone "$(at 1)" && calm
	ok "behind its back: sound" sound
}

# ---- a gadget that cannot be had, the last keyboard ----

stalling() {
	rules 'allow with-interface ff:11:00
allow with-interface ff:44:00'
	to RESTRICTED
	to TRUSTED
	fake 1 id=1209:0203 stall=config config if=ff:44:00 && until_true 10 there "$(at 1)" && calm
	to RESTRICTED
	ok "UP-17: a gadget that stalls does not stop a loosening" \
	    is "$(mode-set --get) $(is_dead "$(at 1)"; echo $?)" "RESTRICTED 0"
	to AIRGAP
	ok "UP-17: nor a tightening" is "$status $(mode-set --get) $(is_dead "$(at 1)"; echo $?)" "0 AIRGAP 0"
	unfake 1 && until_true 10 gone "$(at 1)" && calm
}
last_keyboard() {
	to OPEN
	local id
	id=$(grep -o '^bnd1:[0-9a-f]*' < <(grep 'kinds=[^ ]*kbd' /etc/bnd/usb.baseline) | head -n 1)
	run usb-guard baseline --remove "$id"
	ok "UP-14: the last keyboard is not taken out of the baseline" is "$status $(grep -c "^$id" /etc/bnd/usb.baseline)" "1 1"
	run usb-guard baseline --remove "$id" --no-keyboard
	to OPEN
	run usb-guard check
	ok "UP-14: told to, it is; check says what that means" \
	    is "$status $(grep -ci keyboard <<<"$out$err" | sed 's/[1-9].*/some/')" "1 some"
	run mode-set lockdown
	ok "UP-14: a tightening is never refused" is "$status $(mode-set --get) $(is_dead "$(at 0)"; echo $?)" "0 LOCKDOWN 0"
}

all() {
	usb_modules
	usb_host
	udev_up
	timed set_up
	timed changes
	timed behind
	timed stalling
	timed last_keyboard
}
phase all
tap_done
