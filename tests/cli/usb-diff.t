#!/bin/bash
# usb-diff.t: the baseline beside what is here, as exact sets, by nothing that a re-plug changes
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

usb_ready OPEN
keyboard=(keyboard name=Keys serial=K1)
mouse=(mouse name=Mouse)
stick=(storage name=Stick serial=S1)

# Exit status and findings: "1 missing extra@1-2", in the order of the output.
found() {
	guard diff --json >"$T/diff"
	echo "$? $(python3 -c '
import json
d = json.load(open("'"$T/diff"'"))
print(*[f["code"] + ("@" + f["port"] if f["port"] else "") for f in d["findings"]])')"
}
plug() { # PORT WORD...: and its hook
	usb "$@"
	guard hook add "$(usb_path "$1")" >/dev/null
}
unplug() {
	local path
	path=$(usb_path "$1")
	usb_unplug "$1"
	guard hook remove "$path" >/dev/null
}

# ---- S0-11: no baseline is a violation ----
run guard diff
ok "S0-11 no baseline, nothing here: still no" is "$status $(tr -s ' ' <<<"$out")" "1  baseline there is none: usb-guard baseline --save makes one"
run guard diff --json
ok "S0-11 in JSON too" like "$status $out" '^1 \{"exit":1,"baseline":false,"lines":0,"present":0,"found":0,'
plug 1-1 "${keyboard[@]}"
plug 1-2 "${mouse[@]}"
ok "S0-11 what is here is extra" is "$(found)" "1 extra@1-1 extra@1-2"
guard baseline --save >/dev/null || bail "no baseline"
ok "S0-11 the same: nothing" is "$(found)" "0 "
run guard diff
ok "S0-11 and nothing is said" is "$status$out$err" 0
run guard diff -v
ok "S0-11 but with -v" is "$(tr -s ' ' <<<"$out" | cut -d' ' -f 2,3 | xargs)" "same 1-1 same 1-2"

# ---- exact sets ----
plug 1-3 "${stick[@]}"
ok "S0-11 plugged: extra, and it alone" is "$(found)" "1 extra@1-3"
unplug 1-2
ok "S0-11 unplugged: missing, too" is "$(found)" "1 missing extra@1-3"
unplug 1-3
plug 1-2 "${mouse[@]}"
ok "S0-11 both undone: nothing" is "$(found)" "0 "
plug 1-4 "${mouse[@]}"
ok "S0-11 a second one of a kind is extra" is "$(found)" "1 extra@1-4"
run guard diff
ok "S0-11 and is told from a stranger" like "$out" 'the baseline has it, but one less of it'
unplug 1-4

# ---- UP-13: the same device, wherever and whatever number it has ----
before=$(cat "$U/sys$(usb_path 1-1)/devnum")
unplug 1-1
plug 1-1 "${keyboard[@]}"
ok "UP-13 plugged again, another devnum" isnt "$(cat "$U/sys$(usb_path 1-1)/devnum")" "$before"
ok "UP-13 the same" is "$(found)" "0 "
unplug 1-1
plug 1-5 "${keyboard[@]}"
ok "UP-13 in another port: the same" is "$(found)" "0 "
unplug 1-5
usb_bus 7 pci0000:00/0000:00:1d.0
plug 7-1 "${keyboard[@]}"
ok "UP-13 on another bus: the same" is "$(found)" "0 "
guard baseline --save --port >/dev/null || bail "no baseline"
ok "UP-13 with a place: the same there" is "$(found)" "0 "
unplug 7-1
plug 1-1 "${keyboard[@]}"
ok "UP-13 and not elsewhere" is "$(found)" "1 missing@0000:00:1d.0/1 extra@1-1"
run guard diff
ok "UP-13 which is told" like "$out" 'extra +1-1 .*the baseline has it at 0000:00:1d\.0/1'
unplug 1-1
rm -r "$U"/sys/bus/usb/devices/usb7 "$U"/sys/devices/pci0000:00/0000:00:1d.0
usb_bus 3 pci0000:00/0000:00:1d.0
plug 3-1 "${keyboard[@]}"
ok "UP-13 the controller's other bus number: the same place" is "$(found)" "0 "
unplug 3-1
plug 1-1 "${keyboard[@]}"
guard baseline --save >/dev/null || bail "no baseline"

# ---- S0-14: nothing volatile is compared ----
n=0
for ((i = 0; i < 100; i++)); do
	guard diff -q || n=$((n + 1))
done
ok "S0-14 100 equal samples: $n findings" is "$n" 0

# ---- what a device turns out to be ----
unplug 1-2
plug 1-2 "${mouse[@]}" as=kbd
ok "a mouse that types is found" is "$(found | cut -c 1-11)" "1 kinds@1-2"
unplug 1-2
plug 1-2 "${mouse[@]}"

# ---- what no hook has seen ----
usb_unplug 1-2
ok "a going that was not seen is, too" is "$(found)" "1 missing unseen@1-2"
usb 1-2 "${mouse[@]}" on
ok "and a coming" is "$(found)" "1 unseen@1-2"
guard hook add "$(usb_path 1-2)" >/dev/null
ok "until it is settled" is "$(found)" "0 "
echo garbage >"$U/run/bnd/usb/1-9"
ok "a file of a port that is none" is "$(found)" "1 file@1-9"
run guard diff 1-1
ok "it takes no operand" status 2
sed -i 's/kinds=/kinds=x/' "$U/etc/bnd/usb.baseline"
run guard diff
ok "a bad baseline is trouble, not a difference" is "$status" 2
tap_done
