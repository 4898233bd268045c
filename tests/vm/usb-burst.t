#!/bin/bash
# usb-burst.t: many devices at once, ones that hang, and again and again
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/usb.sh"
usb_machine

# Two of three may: 120 is what the eight controllers take.
total=120
burst() {
	local i p start=$SECONDS n
	rules 'allow 1209:0001 with-interface equals { ff:00:00 }'
	to RESTRICTED
	for ((i = 0; i < total; i++)); do
		fake $i "id=1209:000$((i % 3 ? 1 : 2))" serial=$i config if=ff:00:00
	done
	for ((i = 0; i < total; i++)); do until_true 60 there "$(at $i)"; done
	diag "attached: $((SECONDS - start)) s"
	calm 120
	diag "decided: $((SECONDS - start)) s"
	n=0
	for ((i = 0; i < total; i++)); do
		p=$(at $i)
		if ((i % 3)); then alive "$p"; else is_dead "$p"; fi && continue
		n=$((n + 1))
		diag "$(said result "$p" | jq -c '[.d.result, .d.verdict, .d.reason, .d.why]')"
	done
	ok "UB-15: $total devices at once: each is what its rule says" is "$n" 0
	ok "UB-15: and has a record of its own" is "$(records usb.result)" "$total"
	unfake "${!faked[@]}"
	for ((i = 0; i < total; i++)); do until_true 60 gone "$(at $i)"; done
	calm 120
	ok "UB-15: sound" sound
}

# ---- devices that refuse, and that never answer ----

gadget='config if=ff:00:00'
result_of() {
	said result "$(at "$1")" | jq -r '"\(.d.result) \(.d.verdict)"'
}
# Which hook is waiting for the kernel to write to a device.
waits_for() {
	pgrep -f "^/usr/sbin/usb-guard hook add .*/$(at "$1")\$"
}
stubborn() {
	local t
	# shellcheck disable=SC2086
	{
	fake 0 id=1209:0001 stall=config $gadget
	until_true 10 there "$(at 0)" && calm
	ok "UB-01: SET_CONFIGURATION is refused: taken back, as read" \
	    is "$(facts "$(at 0)") $(result_of 0)" "$dead failed admit"
	unfake 0 && until_true 10 gone "$(at 0)" && calm
	# The kernel waits 5 s for it; every other bus goes on.
	fake 0 id=1209:0001 hang=config $gadget
	until_true 10 waits_for 0
	t=$EPOCHREALTIME
	fake 15 id=1209:0001 $gadget
	}
	ok "UB-02: while one hangs, another bus decides" until_true 4 alive "$(at 15)"
	ok "UB-02: control: it did hang meanwhile" waits_for 0
	calm
	ok "UB-02: denied in the end, as read" is "$(facts "$(at 0)") $(result_of 0)" "$dead failed admit"
	diag "after $(awk "BEGIN { print $EPOCHREALTIME - $t }") s"
	unfake 0 && until_true 10 gone "$(at 0)" && calm
	ok "UB-02: sound" sound
	# shellcheck disable=SC2086
	fake 0 id=1209:0001 hang=config $gadget
	until_true 10 waits_for 0
	kill -KILL "$(waits_for 0)"
	calm
	until_true 10 eval '[[ $(attr "$(at 0)" authorized) == 1 ]]'
	ok "UB-22: control: killed while it waits, the kernel lets it in all the same" \
	    is "$(attr "$(at 0)" authorized)" 1
	run usb-guard apply
	ok "UB-22: the next apply tries, denies, and says so" \
	    is "$status $(facts "$(at 0)") $(result_of 0)" "1 $dead failed admit"
	unfake "${!faked[@]}" && until_true 10 gone "$(at 0)" && until_true 10 gone "$(at 15)" && calm
	ok "UB-22: sound" sound
}

# ---- a disk that never answers ----

wedged() {
	local t
	rules allow
	to RESTRICTED
	fake 0 id=1209:0008 config if=08:06:50 bulk
	until_true 10 there "$(at 0)" && calm
	# shellcheck disable=SC2086
	fake 15 id=1209:0001 $gadget
	until_true 10 alive "$(at 15)" && calm
	ok "UB-11: control: its driver is bound and waits" until_true 5 like "$(facts "$(at 0)")" usb-storage
	t=$SECONDS
	mode-set lockdown >"$T/lockdown" 2>&1 &
	until_true 10 is_dead "$(at 15)"
	ok "UB-11: other buses are done at once" is "$(facts "$(at 15)") $(attr "$(at 0)" authorized && jobs -r %% | wc -l)" "$dead 0
1"
	wait $!
	diag "$? after $((SECONDS - t)) s: $(<"$T/lockdown")"
	ok "UB-11: LOCKDOWN stands, the disk is dead" is "$(mode-set --get) $(facts "$(at 0)")" "LOCKDOWN $dead"
	unfake "${!faked[@]}" && until_true 40 gone "$(at 0)" && calm
	ok "UB-11: sound" sound
}

# ---- again and again ----

# rounds TIMES PORT...: in and out again, those of one bus at once
rounds() {
	local i k times=$1
	shift
	for ((i = 0; i < times; i++)); do
		# shellcheck disable=SC2086
		for k; do fake "$k" id=1209:0001 $gadget; done
		for k; do until_true 30 there "$(at "$k")"; done
		unfake "$@"
		for k; do until_true 30 gone "$(at "$k")"; done
	done
}
# More often than a bus has numbers; nobody decides for most of the way.
replug() {
	local p
	rules allow
	to RESTRICTED
	p=$(at 0)
	udev_down
	rounds 8 {0..14}
	udev_up
	rounds 12 0
	calm 120
	# shellcheck disable=SC2086
	fake 0 id=1209:0001 $gadget
	until_true 10 there "$p" && calm
	ok "UB-16: after 132 devices it is still let in" alive "$p"
	ok "UB-16: though its number began anew" test "$(attr "$p" devnum)" -lt 100
	ok "UB-16: one file for the port" is "$(find /run/bnd/usb -name "$p" | wc -l)" 1
	ok "UB-16: sound" sound
	unfake 0 && until_true 10 gone "$p" && calm
	ok "UB-16: which is empty when it has gone" is "$(cat "/run/bnd/usb/$p")" ''
}

all() {
	usb_modules
	usb_host
	udev_up
	timed burst
	timed stubborn
	timed wedged
	timed replug
}
phase all
tap_done
