#!/bin/bash
# usb-status.t: one look: what is here, what became of it and why, whatever devices call themselves
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

usb_ready OPEN
# A device's row, blanks squeezed.
row() {
	grep -m1 -E "^  device +$1 " <<<"$out" | tr -s ' ' | sed 's/^ //'
}

# ---- hostile names (UT-01, UT-04, UT-05, UT-06) ----
usb 1-1 keyboard on serial=$'S\n  device     9-9      admitted' \
    name=$'Kbd\nresult=ALLOW "q" \\ \e[31m\a\r' maker=$'\e]0;title\a'
usb 1-2 storage on name=$'safe\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbfgpj.exe'
usb 1-3 mouse on name=$'\xc2\x9b31m\x9b\x7f\xe2\x80\xa8\xff'
usb 1-4 hub on
usb 1-5 ff:00:00 on name="$(printf 'x%.0s' {1..300})"
for how in status 'status -v' diff 'apply -n lockdown' check 'check -v' 'apply -v'; do
	# shellcheck disable=SC2086
	run guard $how
	ok "$how prints plain ASCII, whatever devices are called" \
	    not grep -qaP '[^\x20-\x7e\n]' "$T/.out" "$T/.err"
	ok "$how: no name begins a line" unlike "$out" $'\n(result|  device +9-9)'
done
for how in status diff 'apply -n lockdown' check; do
	# shellcheck disable=SC2086
	run guard $how --json
	ok "$how --json is JSON, in one line" \
	    is "$(wc -l <"$T/.out") $(python3 -c 'import json,sys; json.load(sys.stdin); print("good")' <"$T/.out")" "1 good"
	ok "$how --json: plain ASCII too" not grep -qaP '[^\x20-\x7e\n]' "$T/.out"
done
run guard status
ok "status exits 0" status 0
ok "the first line is mode and verdict" is "${out%%$'\n'*}" "OPEN: in force, as the kernel says"
ok "a row each" is "$(grep -c '^  device ' <<<"$out")" 5
ok "bytes are spelled" like "$(row 1-1)" 'kbd Kbd\\x0aresult=ALLOW "q" \\x5c \\x1b\[31m\\x07\\x0d no rule'
ok "so are those that turn the text round, or are not seen" \
    like "$(row 1-2)" 'block safe\\xe2\\x80\\xae\\xe2\\x80\\x8b\\xef\\xbb\\xbfgpj'
ok "C1, DEL, U+2028, no UTF-8" like "$(row 1-3)" 'pointer \\xc2\\x9b31m\\x9b\\x7f\\xe2\\x80\\xa8\\xff'
ok "no name at all" is "$(row 1-4)" "device 1-4 admitted hub - no rule against it"
ok "a long one is cut, and what follows is not" like "$(row 1-5)" ' x+\.\.\. no rule against it$'
run guard status --json
ok "in JSON the bytes are all there" is \
    "$(python3 -c 'import json,sys; d=json.load(sys.stdin)["devices"]; print([x["name"].encode("latin1") for x in d if x["port"]=="1-3"][0].hex())' <<<"$out")" \
    c29b33316d9b7fe280a8ff
run guard status -v
ok "-v has each as a rule" is "$(grep -c '^  rule       allow id 1234:abcd serial "' <<<"$out")" 5
ok "which can be pasted" bash -c 'grep "^  rule" <<<"$1" | sed "s/^  rule *//" >"$2" && usb-guard lint "$2" | grep -c error | grep -qx 0' sh "$out" "$T/pasted.rules"
ok "and its identity" is "$(grep -cE '^  identity   bnd1:[0-9a-f]{64}$' <<<"$out")" 5

# ---- on a terminal ----
at_terminal_do() {
	TERM=xterm "$BND_BUILD/tests/helper/tty" "$@" </dev/null >"$T/screen" 2>/dev/null
}
export LD_PRELOAD=$usb_kernel ASAN_OPTIONS=verify_asan_link_order=0
at_terminal_do usb-guard -R "$U" status
ok "a terminal is given colours" grep -q $'\e\[32m' "$T/screen"
ok "and no other escapes than ours" not grep -qaP '[^\x20-\x7e\r\n]' <(sed 's/\x1b\[[0-9;]*m//g' "$T/screen")
NO_COLOR=1 at_terminal_do usb-guard -R "$U" status
ok "NO_COLOR is obeyed" not grep -q $'\e' "$T/screen"
unset LD_PRELOAD ASAN_OPTIONS
for p in 1-1 1-2 1-3 1-4 1-5; do usb_unplug $p; done

# ---- what decided ----
echo "block with-interface one-of { 08:*:* }" >"$U/etc/bnd/usb.d/10-desk.rules"
printf '# for work\nreject id 1234:*\n' >"$U/etc/bnd/usb.d/20-else.rules"
chmod 0600 "$U/etc/bnd/usb.d/"*.rules
usb 1-1 storage name=Stick
usb 1-2 id=4321:abcd keyboard on
usb 1-3 mouse
run guard apply -q
ok "apply -q says nothing" is "$status$out$err" 0
run guard status
ok "a rule is named by file and line" is "$(row 1-1)" \
    "device 1-1 denied storage Stick OPEN: block rule /etc/bnd/usb.d/10-desk.rules:1"
ok "what a rule rejected has been thrown off its bus" is "$(row 1-3)" ""
ok "what no rule is about is admitted" like "$(row 1-2)" '^device 1-2 admitted kbd - '
ok "rules are counted" like "$out" 'policy +2 rules, 0 devices in the baseline \(there is none\); lockdown_hid auto'
ok "keyboards are" like "$out" 'keyboards +1 now; LOCKDOWN would leave 0'
usb_knob usb1/authorized_default 1
run guard status
ok "a bus that lets in by itself is seen" like "$out" 'knobs +.*plugged into 0 of 1 buses'
ok "and makes the verdict" like "$out" '^OPEN: NOT in force'
ok "what it costs is check's matter: status exits 0" status 0
usb_knob usb1/authorized_default 0

# ---- what cannot be used ----
echo 'allow name "x' >"$U/etc/bnd/usb.d/30-bad.rules"
chmod 0600 "$U/etc/bnd/usb.d/30-bad.rules"
run guard status
ok "a bad rule is named by file, line and column" \
    like "$out" 'policy +the console set only: /etc/bnd/usb.d/30-bad.rules:1:1'
run guard status --json
ok "in JSON, too" like "$out" '"settings":\{"usable":false,"why":"/etc/bnd/usb.d/30-bad.rules:1:'
rm "$U/etc/bnd/usb.d/30-bad.rules"
rm "$U/run/bnd/state"
run guard status
ok "without a state it is LOCKDOWN" like "$out" '^LOCKDOWN: '
ok "and says why" like "$out" 'state +.*state'
# ---- as many as there can be: mode-set takes 64 KiB, and arrays of 64 ----
usb_mode OPEN
rm "$U/etc/bnd/usb.d/"*.rules
for ((b = 2; b <= 7; b++)); do
	usb_bus $b "pci0000:00/0000:00:1$b.0"
	for ((i = 1; i <= 11; i++)); do
		usb $b-$i mouse name="$(printf '\xe2\x82\xac%.0s' {1..126})" serial=$b$i
	done
done
for how in check apply; do
	run guard $how --json
	ok "$how of 68 devices is an answer mode-set takes" is "$(wc -c <"$T/.out" | awk '{ print $1 < 65536 }') $(python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["present"], len(d["devices"]) <= 64, len(d["findings"]) <= 64, d["found"] >= len(d["findings"]))' <<<"$out")" "1 68 True True True"
done
run guard status --json
ok "status leaves none of them out" is "$(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["devices"]))' <<<"$out")" 75
run guard status 1-1
ok "it takes no operand" status 2
run setpriv --reuid 65534 --regid 65534 --clear-groups usb-guard status
((EUID)) || ok "and the real one takes root" status 10
tap_done
