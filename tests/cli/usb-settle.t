#!/bin/bash
# usb-settle.t: one device, from its event to its record, on made-up hosts
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

add() {
	run guard hook add "$(usb_path "$1")" --json
}
# The path is the one it had.
remove() {
	local path
	path=$(usb_path "$1")
	usb_unplug "$1"
	run guard hook remove "$path" --json
}
port_file() {
	sed -n "s/^$2 //p" "$U/run/bnd/usb/$1"
}
verifies() {
	chain-verify -R "$U"
}
requested() {
	ls "$U/run/bnd/request" 2>/dev/null
}
# What a kernel and a log are worth: bytes and times of all but reads.
print_of() {
	(cd "$U" && find sys run var -type f -printf '%p %T@ %i\n' | sort; md5sum "$usb_log")
}

# ---- allowed, denied -------------------------------------------------------

usb_ready OPEN
usb 1-1 keyboard serial=A1
ok "a device is denied before anybody has looked" is "$(usb_state 1-1)" 0
add 1-1
ok "OPEN lets it in" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid"
ok "the intent stands before the result" is "$(grep -o '"usb\.[a-z]*"' "$usb_log" | xargs)" "usb.intent usb.result"
ok "the result is what was read back" is \
    "$(usb_records usb.result '"result":"done","verdict":"admit".*"authorized":true,"configured":true,"interfaces":1,"on":1,"bound":1')" 1
ok "its port's file says so" is "$(port_file 1-1 phase) $(port_file 1-1 verdict) $(port_file 1-1 kinds)" "result admit kbd"
before=$(print_of)
add 1-1
add 1-1
run guard hook add "$(usb_path 1-1)/1-1:1.0"
ok "again, or by its interface: nothing is written, nothing recorded" is "$status $(print_of)" "0 $before"
run guard apply
ok "nor by an apply" is "$status $(print_of)" "0 $before"
run env DEVPATH=/devices/none ACTION=remove LD_LIBRARY_PATH=/none BND_ROOT=/none PATH=/none LC_ALL=xx \
    LD_PRELOAD="$usb_kernel" ASAN_OPTIONS="$usb_asan" "$BND_BUILD/usb-guard" -R "$U" hook add "$(usb_path 1-1)"
ok "the environment says nothing" is "$status $(print_of)" "0 $before"

usb_mode LOCKDOWN
add 1-1
ok "LOCKDOWN takes it down, read back" is "$status $(usb_state 1-1)" "0 0"
ok "with a record of what it came to" is \
    "$(usb_records usb.result '"verdict":"deny".*"authorized":false,"configured":false,"interfaces":0')" 1
usb_mode OPEN
run guard apply
ok "and an apply in OPEN lets it in again" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid"

usb_rule 'reject id 1111:2222'
usb_rule 'block id 3333:*'
usb 1-3 id=1111:2222 storage
usb 1-4 id=3333:0001 storage on
add 1-4
ok "a block rule takes down what has come up by itself" is "$status $(usb_state 1-4)" "0 0"
ok "and the record names its line" is "$(usb_records usb.result 'block rule /etc/bnd/usb.d/10-test.rules:2')" 1
add 1-3
ok "a reject rule makes the port dead" is "$status $(usb_path 1-3)" "0 "
ok "all of it verifies" verifies

# ---- what the argument may be ----------------------------------------------

before=$(print_of)
ln -s pci0000:00 "$U/sys/devices/link"
long=/devices/$(printf 'a%.0s' {1..5000})
bad=0
for path in ../../../etc /devices/../.. // '' / /devices /devices/ "$long" /etc/passwd /devices/./pci0000:00 \
    /devices//pci0000:00 /devices/pci0000:00/ /devices/link/0000:00:14.0/usb1/1-1 devices/pci0000:00; do
	for word in add remove; do
		strace -qq -f -e trace=openat2,openat,open -o "$T/trace" \
		    usb-guard -R "$U" hook $word "$path" >/dev/null 2>&1
		[[ $? -eq 2 ]] || { diag "$word '${path:0:40}': not 2"; bad=1; }
		! grep -E 'O_(WRONLY|RDWR|CREAT)' "$T/trace" | grep -v /dev/null || bad=1
	done
done
ok "what is no path of a device is refused, and nothing is opened for writing" is "$bad $(print_of)" "0 $before"
run guard hook frob "$(usb_path 1-1)"
ok "neither add nor remove" status 2
run guard hook add
ok "no path" status 2
run guard hook add /devices/pci0000:00/0000:00:14.0/usb1/1-9
ok "what has gone is no trouble" status 0

# ---- who may ---------------------------------------------------------------

if ((EUID == 0)); then
	chmod 0711 "$T"
	install -m 0755 "$BND_BUILD/usb-guard" "$T"
	run strace -qq -f -u nobody -e trace=openat2,openat -o "$T/trace" "$T/usb-guard" hook add /devices/x
	ok "not root: 10, before anything is opened for writing" \
	    is "$status $(grep -v /dev/ "$T/trace" | grep -cE 'O_(WRONLY|RDWR|CREAT)')" "10 0"
fi

# ---- what a device can do ---------------------------------------------------

usb_ready OPEN
usb 1-1 storage fault=stall
add 1-1
ok "a stalled configuration is taken back and told" is "$status $(usb_state 1-1)" "1 0"
ok "and recorded as what it is" is "$(usb_records usb.result '"result":"failed","verdict":"admit".*"authorized":false')" 1
run guard apply --json
ok "an apply tries again, tells, and holds" like "$status $out" '^1 .*"sealed":true'
usb 1-2 storage fault=lost
add 1-2
ok "a 1 that is lost" is "$status $(usb_state 1-2)" "1 0"
usb 1-3 storage fault=gone
add 1-3
ok "one that goes in mid-decision is gone" is "$status $(usb_records usb.vanished '"port":"1-3"')" "0 1"
usb 1-4 storage on fault=refused
usb 1-5 storage on fault=stuck
usb_mode LOCKDOWN
add 1-4
ok "a 0 that is refused: the port is made dead" is "$status $(usb_path 1-4)" "0 "
add 1-5
ok "a 0 that does nothing: as well" is "$status $(usb_path 1-5)" "0 "
usb 1-4 storage on fault=refused
usb 1-5 storage on fault=stuck
for port in 1-4 1-5; do
	path=$(usb_path $port)
	rm -f "$U/sys$path/remove"
	add $port
	ok "$port: and where it cannot be made dead: 19, NOT ENFORCED" like "$status $err" "^19 .*NOT ENFORCED"
	ok "$port: the record says so" test "$(usb_records usb.result "\"port\":\"$port\".*NOT ENFORCED")" -ge 1
	run guard check --json
	ok "$port: a check says 19 and not sealed" like "$status $out" '^19 .*"sealed":false'
done
ok "all of it verifies" verifies

# ---- what is left half-way ----------------------------------------------------

usb_ready LOCKDOWN
usb 1-1 storage on
echo 0 >"$U/sys$(usb_path 1-1)/authorized"
run guard check --json
ok "authorized 0 alone proves nothing: it is configured still" like "$status $out" '^19 .*"sealed":false'
add 1-1
ok "until it is not" is "$status $(usb_state 1-1)" "0 0"
usb_ready OPEN
usb 1-1 keyboard
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	strace -qq -f -o /dev/null -E LD_PRELOAD="$usb_kernel" -E ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 \
	    -P "$U/sys/bus/usb/drivers_probe" -e inject=all:signal=KILL:when=1 \
	    usb-guard -R "$U" hook add "$(usb_path 1-1)" >/dev/null 2>&1
	ok "control: killed before a driver was asked for" is "$(usb_state 1-1) $(port_file 1-1 phase)" "1 1.0=1: intent"
	add 1-1
	ok "what was begun is finished" is "$status $(usb_state 1-1) $(port_file 1-1 phase)" "0 1 1.0=1:usbhid result"
	ok "with a result" is "$(usb_records usb.result)" 1
fi

# One that hangs is waited for by its own bus, which is brought up one at a time.
usb_ready OPEN
usb_bus 2 pci0000:00/0000:00:15.0
usb 1-1 storage fault=hang
usb 2-1 keyboard
LD_PRELOAD=$usb_kernel ASAN_OPTIONS=verify_asan_link_order=0 usb-guard -R "$U" apply >/dev/null &
for ((i = 0; i < 80; i++)); do
	[[ ! -e $U/sys$(usb_path 2-1)/2-1:1.0/driver ]] || break
	sleep 0.05
done
ok "a device that hangs holds up none of another bus" is "$(usb_state 2-1)" "1 1.0=1:usbhid"
{ kill $! && wait $!; } 2>/dev/null

# ---- what it turns out to be -------------------------------------------------

usb_ready RESTRICTED
usb_rule 'allow with-interface equals { 03:01:02 }'
usb 1-1 03:01:02 as=mouse
usb 1-2 03:01:02 as=kbd
add 1-1
ok "control: a mouse by a mouse's rule" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid"
add 1-2
ok "one that types is shut out as soon as it shows" is "$status $(usb_state 1-2)" "0 0"
ok "with an alert" is "$(usb_records usb.alert '"port":"1-2".*"kinds":"kbd"')" 1
before=$(print_of)
add 1-2
ok "and is not let in again to find out" is "$status $(usb_state 1-2) $(print_of)" "0 0 $before"
run guard apply
ok "nor by an apply" is "$(usb_state 1-2) $(usb_records usb.intent '"port":"1-2"')" "0 1"
remove 1-2
usb 1-2 03:01:02 as=kbd
add 1-2
ok "plugged again it has its chance, and its alert" is "$(usb_state 1-2) $(usb_records usb.alert)" "0 2"
usb_mode OPEN
add 1-2
ok "OPEN does not mind" is "$(usb_state 1-2)" "1 1.0=1:usbhid"
usb_mode RESTRICTED
# The driver of the mouse turned keyboard comes later: the third udev line.
mkdir -p "$U/fake"
usb 1-3 03:01:02 as=kbd on
run guard hook add "$(usb_path 1-3)/1-3:1.0"
ok "what a later driver shows is judged by its own event" is "$status $(usb_state 1-3)" "0 0"

# So much below it that nobody looks at all of it, and a keyboard behind that.
many() {
	mkdir "$U/fake/$1/node/$1:1.0/many" && (cd "$_" && seq -f d%g "$2" | xargs mkdir)
}
usb 1-4 03:01:02 as=mouse
many 1-4 40
add 1-4
ok "control: a mouse with much below it" is "$status $(usb_state 1-4)" "0 1 1.0=1:usbhid"
usb 1-5 03:01:02 as=kbd
many 1-5 4200
add 1-5
ok "what cannot be looked at when it is let in does not stay" is "$status $(usb_state 1-5)" "0 0"
ok "with an alert" is "$(usb_records usb.alert '"port":"1-5".*cannot be read')" 1
run guard apply
ok "nor is it let in a second time" is "$(usb_state 1-5) $(usb_records usb.intent '"port":"1-5"')" "0 1"

# ---- ports that were used once -----------------------------------------------

usb_ready OPEN
usb 1-1 keyboard serial=A1
add 1-1
usb_known 1-1
usb_mode TRUSTED
run guard apply
ok "control: a device of the baseline" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid"
(umask 077 && cd "$U/run/bnd/usb" && for i in {1..31}; do touch 1-2.$i.{1..40}; done)
run guard apply
ok "any number of empty port files is nobody's claim" is "$status $(usb_state 1-1)" "0 1 1.0=1:usbhid"

# ---- interfaces ------------------------------------------------------------

usb_ready RESTRICTED
usb_rule 'allow with-interface one-of { 08:*:* }' RESTRICTED
usb 1-1 storage keyboard
add 1-1
both=$(usb_state 1-1)
echo 'block with-interface one-of { 03:*:* }' >"$U/etc/bnd/usb.d/RESTRICTED/00-first.rules"
chmod 0600 "$U/etc/bnd/usb.d/RESTRICTED/00-first.rules"
add 1-1
ok "a composite stands or falls as a whole" is "$both/$(usb_state 1-1)" "1 1.0=1:usb-storage 1.1=1:usbhid/0"
echo "usb_composite filter" >>"$U/etc/bnd/bnd.conf"
add 1-1
ok "or in parts where that is asked for" is "$status $(usb_state 1-1)" "0 1 1.0=1:usb-storage 1.1=0:"
before=$(print_of)
add 1-1
ok "which stays so, unwritten" is "$(print_of)" "$before"
echo 1 >"$U/sys$(usb_path 1-1)/1-1:1.1/authorized"
run guard check --json
ok "one interface more than the verdict is 19 to a check" like "$status $out" '^19 .*"sealed":false'
add 1-1
ok "and gone after a settle" is "$status $(usb_state 1-1)" "0 1 1.0=1:usb-storage 1.1=0:"

# ---- files that are not what they should be ------------------------------------

# odd HOW FILE: make it one
odd() {
	local file=$U/$2
	case $1 in
	symlink) mv "$file" "$file.x" && ln -s "${file##*/}.x" "$file" ;;
	fifo) rm -f "$file" && mkfifo -m 0600 "$file" ;;
	directory) rm -f "$file" && mkdir "$file" ;;
	empty) : >"$file" ;;
	large) truncate -s 1G "$file" ;;
	cut) truncate -s -3 "$file" ;;
	writable) chmod 0666 "$file" ;;
	linked) ln "$file" "$file.x" ;;
	flipped) sed -i '2s/./X/' "$file" ;;
	boot) sed -i -E 's/^(boot ).{4}/\10000/' "$file" ;;
	esac
}
for how in symlink fifo directory empty large cut writable flipped boot; do
	usb_ready OPEN
	usb 1-1 keyboard
	odd $how run/bnd/state
	run timeout 10 env LD_PRELOAD="$usb_kernel" ASAN_OPTIONS="$usb_asan" "$BND_BUILD/usb-guard" -R "$U" hook add "$(usb_path 1-1)"
	ok "a state that is $how: nothing but the console set" is "$status $(usb_state 1-1)" "9 0"
	usb_ready OPEN
	usb 1-1 keyboard
	add 1-1
	usb_unplug 1-1
	usb 1-1 keyboard
	odd $how run/bnd/usb/1-1
	run timeout 10 env LD_PRELOAD="$usb_kernel" ASAN_OPTIONS="$usb_asan" "$BND_BUILD/usb-guard" -R "$U" hook add "$(usb_path 1-1)"
	case $how in
	symlink | fifo | directory | writable) want='^[28] 0$' ;;
	*) want='^0 1 1.0=1:usbhid$' ;;
	esac
	ok "a port's file that is $how: refused, or decided anew" like "$status $(usb_state 1-1)" "$want"
	usb_mode LOCKDOWN
	echo 1 >"$U/sys$(usb_path 1-1)/authorized"
	run timeout 10 env LD_PRELOAD="$usb_kernel" ASAN_OPTIONS="$usb_asan" "$BND_BUILD/usb-guard" -R "$U" hook add "$(usb_path 1-1)"
	ok "and no reason to leave a device what it may not have" is "$(usb_state 1-1)" 0
done

# ---- controllers -------------------------------------------------------------

usb_knob usb1/interface_authorized_default 1
usb_knob usb1/authorized_default 1
usb_knob parameter 1
run guard check --json
ok "a check names each default" like "$status $(grep -o '"text":"[^"]*"' <<<"$out" | xargs)" '^19 .*parameter.*usb1.*'
run guard hook add "$(usb_path usb1)"
ok "its event sets them all" is \
    "$status $(usb_knob usb1/interface_authorized_default)$(usb_knob usb1/authorized_default)$(usb_knob parameter)" "0 000"
ok "with a record" is "$(usb_records usb.controller '"holds":true')" 1
run guard hook add "$(usb_path usb1)"
ok "once" is "$(usb_records usb.controller)" 1
usb_ready OPEN
usb_knob usb1/interface_authorized_default 1
usb 1-7 keyboard
add 1-7
ok "nothing is let in on a bus whose interfaces come alive by themselves" is \
    "$(usb_knob usb1/interface_authorized_default) $(usb_state 1-7)" "0 1 1.0=1:usbhid"
ok "root hubs are never written" is "$(cat "$U/sys$(usb_path usb1)/authorized")" 1
rm -rf "$U/sys/bus/usb" "$U/sys/module/usbcore"
usb_mode COLDROOM
run guard apply COLDROOM --txn 0123456789abcdef0123456789abcdef --json
ok "a kernel without USB: in force, and absent" like "$status $out" '^0 .*"mode":"COLDROOM","sealed":true.*"absent":true'
run guard check --json
ok "to a check as well" like "$status $out" '^0 .*"sealed":true.*"absent":true'
tap_done
