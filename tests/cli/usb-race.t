#!/bin/bash
# usb-race.t: a settle stopped in the middle, crowded, and one of two at once
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"
command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "ptrace is not allowed here"
# The leak checker cannot do its work under ptrace.
export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

# guard under strace, which looks at one file only: traced FILE INJECTION ARG...
traced() {
	local file=$1 injection=$2
	shift 2
	strace -qq ${follow--f} -o "$T/trace" -E LD_PRELOAD="$usb_kernel" -P "$file" -e "inject=$injection" \
	    usb-guard -R "$U" "$@"
}
attr() {
	echo "$U/sys$(usb_path "$1")/$2"
}

# ---- a lock that is held -------------------------------------------------------

# gate FILE CALL ARG...: run guard ARG... until it is stopped behind its first CALL (or nth)
gate() {
	local file=$1 call=$2
	shift 2
	: >"$T/trace"
	traced "$file" "$call:signal=STOP:when=${nth:-1}" "$@" >"$T/gate.out" 2>&1 &
	gated=$!
	local i
	for ((i = 0; i < 400; i++)); do
		grep -q 'stopped by SIGSTOP' "$T/trace" && return
		sleep 0.02
	done
	bail "no stop at $call of $file"
}
go_on() {
	kill -CONT "$(awk '/stopped by SIGSTOP/ { print $1; exit }' "$T/trace")"
	wait "$gated"
	rc=$?
}
# On a host of its own, as it takes 8 s: what came of it is judged at the end.
lock_held() {
	local start waiter queued
	usb_ready OPEN
	usb_bus 2 pci0000:00/0000:00:15.0
	usb 1-1 keyboard serial=A
	usb 1-2 keyboard serial=B
	usb 2-1 keyboard serial=C
	gate "$(attr 1-1 authorized)" pwrite64 hook add "$(usb_path 1-1)"
	start=$SECONDS
	guard hook add "$(usb_path 1-1)" &
	waiter=$!
	guard hook add "$(usb_path 1-2)" &
	queued=$!
	guard hook add "$(usb_path 2-1)"
	echo "other $? $(usb_state 2-1) $((SECONDS - start < 6))"
	wait $waiter
	echo "same $? $((SECONDS - start >= 7))"
	echo "queued $(usb_state 1-2)"
	go_on
	echo "holder $rc $(usb_state 1-1)"
	wait $queued
	echo "next $? $(usb_state 1-2)"
}
mkdir "$T/held"
(T=$T/held U=$T/held/usb usb_log=$T/held/usb/var/lib/bnd/log/000001.jsonl; lock_held >"$T/said" 2>/dev/null) &

# A device of its own for each: one to let in, or one to take down.
prepare() {
	[[ ! -e $U/sys/bus/usb/devices/1-1 ]] || usb_unplug 1-1
	if [[ $1 == up ]]; then
		usb_mode OPEN
		usb 1-1 keyboard serial=A
	else
		usb_mode AIRGAP
		usb 1-1 storage serial=A on
	fi
	path=$(usb_path 1-1)
}

usb_ready OPEN
# ---- one that hangs ---------------------------------------------------------------

usb_ready RESTRICTED
usb_rule 'allow with-interface equals { 03:01:02 } if !allowed-matches(with-interface one-of { 03:01:01 })'
usb_rule 'allow with-interface equals { 08:06:50 }'
usb 1-1 storage serial=A
guard hook add "$(usb_path 1-1)"
usb 1-2 mouse
usb 1-3 storage serial=B
# It is read before the lock is taken, in four calls; a fifth would hang.
: >"$T/trace"
traced "$(attr 1-1 devnum)" read:delay_enter=9000000:when=5 hook add "$(usb_path 1-2)" &
hung=$!
for ((i = 0; i < 200; i++)); do
	(($(grep -c read "$T/trace") < 4)) || break
	sleep 0.02
done
sleep 0.2
start=$SECONDS
guard hook add "$(usb_path 1-3)"
ok "a device that is not answered for holds up no other" is "$(usb_state 1-3) $((SECONDS - start < 6))" \
    "1 1.0=1:usb-storage 1"
wait $hung
ok "nor whoever asked" is "$(usb_state 1-2)" "1 1.0=1:usbhid"

usb_ready OPEN
# ---- twins -----------------------------------------------------------------------

usb 1-1 keyboard serial=T on
guard hook add "$(usb_path 1-1)"
usb_known 1-1
usb_mode TRUSTED
for p in 1-1 1-2; do
	path=$(usb_path 1-1)
	usb_unplug 1-1
	guard hook remove "$path"
	usb $p keyboard serial=T
	[[ $p == 1-2 ]] || { guard hook add "$(usb_path 1-1)" && one=$(usb_state 1-1); }
done
ok "control: one line, one of two twins" is "$one" "1 1.0=1:usbhid"
usb 1-1 keyboard serial=T
gate "$U/run/bnd/usb/1-1" ftruncate hook add "$(usb_path 1-1)"
guard hook add "$(usb_path 1-2)"
ok "whoever is let in while the other's file is written finds his claim" is "$(usb_state 1-1)/$(usb_state 1-2)" \
    "1 1.0=1:usbhid/0"
go_on
ok "which stands" is "$rc $(usb_state 1-1)" "0 1 1.0=1:usbhid"

usb_ready OPEN
# ---- stopped in the middle ------------------------------------------------------

prepare up
gate "$(attr 1-1 authorized)" pwrite64 hook add "$path"
usb_mode LOCKDOWN
go_on
ok "a mode that gets stricter after the write: its verdict stands at the end" is "$rc $(usb_state 1-1)" "0 0"
prepare down
gate "$(attr 1-1 authorized)" pwrite64 hook add "$path"
usb_mode OPEN
go_on
ok "and one that gets laxer" is "$rc $(usb_state 1-1)" "0 1 1.0=1:usb-storage"
prepare up
gate "$(attr 1-1 descriptors)" read hook add "$path"
usb_mode request LOCKDOWN
go_on
rm -rf "$U/run/bnd/request"
ok "a request between the look and the write" is "$rc $(usb_state 1-1)" "0 0"

# Whoever comes to the port in between is not touched by who was meant for another.
prepare up
gate "$(attr 1-1 descriptors)" read hook add "$path"
usb_unplug 1-1
usb 1-1 storage serial=B
go_on
ok "a device exchanged in mid-decision is left alone" is "$(usb_state 1-1)" 0

# ---- a listing, while devices come and go ----------------------------------------

# Stopped behind each of the first calls that list them; what is decided then is
# decided about what is there, one that went is no failure, one that came is seen.
for listing in 1 2; do
	usb_ready OPEN
	usb 1-1 storage serial=A on
	usb 1-2 storage serial=B on
	usb 1-3 keyboard serial=C on
	usb_mode AIRGAP
	# Of its own, not of the children that decide.
	follow='' nth=$listing gate "$U/sys/bus/usb/devices" getdents64 apply
	ok "control: stopped at listing $listing nothing is decided" is "$(usb_state 1-1)/$(usb_state 1-2)" "1 1.0=1:usb-storage/1 1.0=1:usb-storage"
	usb_unplug 1-1
	usb 1-4 storage serial=D on
	kill -CONT "$(pgrep -P "$(pgrep -P "$gated")")"
	wait "$gated"
	ok "devices that come and go at listing $listing: one that stays is as the mode has it" is "$? $(usb_state 1-2)" "0 0"
	guard apply >/dev/null
	ok "and so is the one that came" is "$? $(usb_state 1-4)" "0 0"
done

# ---- two at the same moment -----------------------------------------------------

usb_ready OPEN
usb 1-1 keyboard serial=K
guard hook add "$(usb_path 1-1)" >/dev/null
usb_known 1-1
usb_unplug 1-1
usb_mode TRUSTED
usb 1-2 keyboard serial=K
usb 1-3 keyboard serial=K
path=$(usb_path 1-2)
gate "$(attr 1-2 authorized)" pwrite64 hook add "$path"
guard hook add "$(usb_path 1-3)" >/dev/null
go_on
ok "a twin that comes while the first is let in finds the line taken" is \
    "$(usb_state 1-2)/$(usb_state 1-3)" "1 1.0=1:usbhid/0"
ok "and is told so" test "$(usb_records usb.result 'duplicate identity')" -ge 1
usb_unplug 1-2
guard hook remove "$path" >/dev/null
guard apply >/dev/null
ok "when it goes, the other may have it" is "$(usb_state 1-3)" "1 1.0=1:usbhid"

# From the look at the others to the claim nobody else may look.
path=$(usb_path 1-3)
usb_unplug 1-3
guard hook remove "$path" >/dev/null
usb 1-2 keyboard serial=K
usb 1-3 keyboard serial=K
# The second listing of the devices, of two calls each, is the one that counts.
nth=3 gate "$U/sys/bus/usb/devices" getdents64 hook add "$(usb_path 1-2)"
guard hook add "$(usb_path 1-3)" >/dev/null &
waiter=$!
sleep 0.3
go_on
wait $waiter
ok "look and claim are one" is "$(usb_state 1-2)/$(usb_state 1-3)" "1 1.0=1:usbhid/0"
let_in() {
	local i n=0
	for i in 1 2 3 4 5 6; do [[ $(usb_state 1-$i) != 1* ]] || n=$((n + 1)); done
	echo $n
}
all_at_once() {
	local i pids=()
	for i in 1 2 3 4 5 6; do
		guard hook add "$(usb_path 1-$i)" >/dev/null 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
}
again() {
	local i
	for i in 1 2 3 4 5 6; do
		[[ ! -e $U/sys/bus/usb/devices/1-$i ]] || usb_unplug 1-$i
		usb 1-$i keyboard "$@"
	done
}
for i in 1 2 3; do
	again serial=K
	all_at_once
	ok "six twins of one line at once: one" is "$(let_in)" 1
done
usb_ready RESTRICTED
usb_rule 'allow with-interface match-all { 03:*:* } if !allowed-matches(with-interface one-of { 03:00:01 03:01:01 })'
again
gate "$(attr 1-1 authorized)" pwrite64 hook add "$(usb_path 1-1)"
guard hook add "$(usb_path 1-2)" >/dev/null
go_on
ok "a keyboard that comes while another is let in" is "$(usb_state 1-1)/$(usb_state 1-2)" "1 1.0=1:usbhid/0"
for i in 1 2 3; do
	again
	all_at_once
	ok "six keyboards where one at a time may be: one" is "$(let_in)" 1
done
ok "all of it verifies" chain-verify -R "$U"

# ---- a crowd ---------------------------------------------------------------

usb_ready OPEN
usb_bus 2 pci0000:00/0000:00:15.0
for i in {1..12}; do
	usb 1-$i storage serial=$i
	usb 2-$i keyboard serial=$i
done
pids=()
for i in {1..12}; do
	for bus in 1 2; do
		guard hook add "$(usb_path $bus-$i)" >/dev/null 2>&1 &
		pids+=($!)
	done
	[[ $i != [48] ]] || { guard apply >/dev/null 2>&1 & pids+=($!); }
done
wait "${pids[@]}"
n=0
for i in {1..12}; do
	[[ $(usb_state 1-$i) == '1 1.0=1:usb-storage' ]] && n=$((n + 1))
	[[ $(usb_state 2-$i) == '1 1.0=1:usbhid' ]] && n=$((n + 1))
done
ok "a burst of hooks and two applies: all are in" is $n 24
ok "with a record each" is "$(usb_records usb.intent) $(usb_records usb.result)" "24 24"
usb_mode LOCKDOWN
(guard apply -q; echo $? >"$T/a") & (guard apply -q; echo $? >"$T/b") &
wait
ok "two applies of LOCKDOWN at once: both done, all out" is \
    "$(<"$T/a") $(<"$T/b") $(cat "$U"/sys/devices/pci0000:00/*/usb?/?-*/authorized | sort -u)" "0 0 0"
ok "which verifies" chain-verify -R "$U"

# ---- whoever only looks ---------------------------------------------------------

usb_unplug 1-1
usb 1-1 storage on
for words in 'apply -n' check 'check --json' status lint 'explain 1-1' diff; do
	read -ra args <<<"$words"
	strace -qq -f -o "$T/trace" -e trace=openat,openat2,mkdirat,renameat,unlinkat,fchmod,ftruncate usb-guard -R "$U" "${args[@]}" >/dev/null 2>&1
	ok "$words writes nowhere" is "$(grep -vE '"/dev/|ENOENT' "$T/trace" | grep -cE 'O_(WRONLY|RDWR|CREAT)|^[0-9]+ +(mkdir|rename|unlink|fch|ftr)')" 0
	ok "$words looks at no other root" is "$(grep -cE '"/(sys|run|etc/bnd|var/lib/bnd)' "$T/trace")" 0
done
strace -qq -f -o "$T/trace" -e trace=openat,openat2 usb-guard -R "$U" apply >/dev/null 2>&1
ok "nor does an apply" is "$(grep -cE '"/(sys|run|etc/bnd|var/lib/bnd)' "$T/trace")" 0

wait
ok "who has another bus waits for nobody" grep -qx 'other 0 1 1.0=1:usbhid 1' "$T/held/said"
ok "who wants the same waits 8 s, and leaves it to the holder" grep -qx 'same 11 1' "$T/held/said"
ok "who has another port of the bus waits, as the kernel would" grep -qx 'queued 0' "$T/held/said"
ok "who finishes" grep -qx 'holder 0 1 1.0=1:usbhid' "$T/held/said"
ok "who waited is next" grep -qx 'next 0 1 1.0=1:usbhid' "$T/held/said"
tap_done
