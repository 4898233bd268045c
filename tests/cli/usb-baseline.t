#!/bin/bash
# usb-baseline.t: what belongs here is changed, read back and recorded; or refused, and as it was
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../usb.sh"

usb_ready OPEN
file=$U/etc/bnd/usb.baseline

ids() {
	sed -n 's/^\(bnd1:[0-9a-f]*\).*/\1/p' "$file" 2>/dev/null | sort | xargs
}
id_of() {
	guard status -v | awk -v port="$1" '$1 == "device" { on = $2 == port } on && $1 == "identity" { print $2 }'
}
# The last record of the baseline: what, before, devices.
recorded() {
	grep '"ev":"usb.policy"' "$usb_log" | grep '"what":"[ars][a-z]*"' | tail -n 1 |
	    sed 's/.*"what":"\([a-z]*\)".*"before":\([0-9]*\),"baseline":\([0-9]*\).*/\1 \2 \3/'
}
records() {
	grep -c '"ev":"usb.policy".*"what"' "$usb_log"
}

# ---- none ----
run guard baseline
ok "without one it is no, and said" is "$status $err" "1 usb-guard: there is no baseline (/etc/bnd/usb.baseline)"
for bad in '--save --add 1-1' '--port' '--remove bnd1:00000000 --port' '1-1' '--remove bnd1:0'; do
	# shellcheck disable=SC2086
	run guard baseline $bad
	ok "baseline $bad is usage" status 2
done
ok "and makes nothing" not test -e "$file"

# ---- save ----
usb 1-1 keyboard name=Keys serial=K1 on
usb 1-2 hub on
usb 1-2.1 mouse name=Mouse on
usb 1-3 storage name=Stick
run guard baseline --save -n
ok "-n says what would be" is "$status $out" "0 nothing is written: 0 devices were in the baseline, 3 are to be
LOCKDOWN would leave 1 of 1 keyboards"
ok "and writes nothing" not test -e "$file"
run guard baseline --save
ok "--save" is "$status $err" "0 "
ok "takes what is let in, and nothing else" is "$(ids)" "$(printf '%s\n' "$(id_of 1-1)" "$(id_of 1-2)" "$(id_of 1-2.1)" | sort | xargs)"
ok "it is root's alone" is "$(stat -c %a "$file")" 600
ok "with what each has turned out to be" is "$(grep -o 'kinds=[a-z,]*' "$file" | sort | xargs)" "kinds=hub kinds=kbd kinds=pointer"
ok "and its report's digest" is "$(grep -c ' report=[0-9a-f]\{64\}' "$file")" 2
ok "it is recorded" is "$(recorded)" "save 0 3"
ok "with the digest of the file" grep -q "\"sha256\":\"$(sha256sum <"$file" | cut -d' ' -f1)\"" "$usb_log"
run guard baseline
ok "it is printed as it is" is "$out" "$(sed '1d;$d' "$file")"
run guard baseline --json
ok "as JSON too" is "$(python3 -c 'import json,sys; print(*sorted(d["kinds"] for d in json.load(sys.stdin)["devices"]))' <<<"$out")" "hub kbd pointer"
before=$(stat -c %i "$file") said=$(records)
run guard baseline --save
ok "the same again" is "$status ${out%%$'\n'*}" "0 the baseline is as it was: 3 devices"
ok "writes and records nothing" is "$(stat -c %i "$file") $(records)" "$before $said"

# ---- the policy that was in force stays in force ----
run guard apply
ok "what was changed here is no foreign edit" is "$status $err" "0 "
usb 1-4 mouse name=Late on
run guard baseline --add 1-4
ok "--add" is "$status $(recorded)" "0 add 3 4"
run guard check
ok "and it counts at once" is "$status $out" "0 OPEN: in force, as the kernel says"
run guard baseline --add 1-4
ok "twice is once" is "$status ${out%%$'\n'*} $(recorded)" "0 the baseline is as it was: 4 devices add 3 4"
echo 'block id 9999:*' >"$U/etc/bnd/usb.d/50-new.rules"
chmod 0600 "$U/etc/bnd/usb.d/50-new.rules"
run guard check
ok "control: a foreign edit is seen" like "$out$err" 'policy changed'
run guard baseline --remove "$(id_of 1-4)"
ok "a change of the baseline" is "$status $(recorded)" "0 remove 4 3"
run guard check
ok "takes in nothing else" like "$out$err" 'policy changed'
rm "$U/etc/bnd/usb.d/50-new.rules" "$U/run/bnd/usb/policy"

# ---- twins, places, names ----
usb 1-5 mouse name=Late on
run guard baseline --add 1-4
run guard baseline --add 1-5
ok "two of a kind take a line each" is "$(ids | tr ' ' '\n' | grep -c "$(id_of 1-4)")" 2
run guard baseline --add 1-4
ok "and no more" is "$(ids | wc -w)" 5
run guard baseline --remove "$(id_of 1-4 | cut -c 1-13)"
ok "thirteen characters name it, and all its lines go" is "$status $(ids | wc -w)" "0 3"
run guard baseline --remove "$(id_of 1-4)"
ok "one that is not there is refused" is "$status" 1
run guard baseline --add 1-4 --port
ok "--port binds it to its place" grep -q 'port=0000:00:14.0/4 allow id' "$file"
for bad in 1-9 usb1 ../1-1 ''; do
	run guard baseline --add "$bad"
	ok "no device at '$bad'" isnt "$status" 0
done
usb 1-6 storage name=New
run guard baseline --add 1-6
ok "one that is not let in cannot be learned" is "$status" 1
ok "and is told so" like "$err" '1-6 is not let in'
ok "none of these changed it" is "$(ids | wc -w)" 4
usb_unplug 1-6

# ---- the lock-out guard (UP-14) ----
run guard baseline --remove "$(id_of 1-1)"
ok "UP-14 to remove the only keyboard is refused" status 1
ok "UP-14 and says what would be, and the ways out" like "$err" \
    'not done: LOCKDOWN would leave none of 1 keyboard; .*lockdown_hid.*serial console.*rescue medium.*--no-keyboard'
ok "UP-14 it is still there" is "$(ids | wc -w)" 4
usb_ps2
run guard baseline --remove "$(id_of 1-1)" -n
ok "UP-14 not so with a PS/2 keyboard" status 0
find "$U/sys" -lname "*i8042*" -delete
rm -r "$U/sys/devices/platform/i8042"
run guard check
ok "UP-14 check agrees while it is there" status 0
run guard baseline --remove "$(id_of 1-1)" --no-keyboard
ok "UP-14 --no-keyboard says it is meant" is "$status $(recorded)" "0 remove 4 3"
run guard check
ok "UP-14 check finds that none would be left" is "$status $(grep -c 'finding    keyboard: LOCKDOWN would leave none of 1 keyboard;' <<<"$out")" "1 1"
run guard check --json
ok "UP-14 which is no failure to enforce" like "$out" '"sealed":true,"exit":1,.*"keyboards":1,"lockdown":0'
run guard check --no-keyboard
ok "UP-14 unless it is meant" status 0
run guard apply --json
ok "UP-14 apply refuses nothing, and tells the count" like "$status $out" '^0 .*"keyboards":1,"lockdown":0'
run guard baseline --add 1-1
ok "UP-14 to add is never refused" is "$status $(recorded)" "0 add 3 4"
sed -i 's/^#* *lockdown_hid.*//' "$U/etc/bnd/bnd.conf"
echo 'lockdown_hid none' >>"$U/etc/bnd/bnd.conf"
rm -f "$U/run/bnd/usb/policy"
run guard baseline --remove "$(id_of 1-1)" -n
ok "UP-14 nor is anything where LOCKDOWN is to leave none" status 0
sed -i '/^lockdown_hid/d' "$U/etc/bnd/bnd.conf"
usb_serial_console
run guard baseline --remove "$(id_of 1-1)" -n
ok "UP-14 nor where a serial console is what auto relies on" status 0
echo 'lockdown_hid keep' >>"$U/etc/bnd/bnd.conf"
rm -f "$U/run/bnd/usb/policy"
run guard baseline --remove "$(id_of 1-1)" -n
ok "UP-14 but not where a keyboard is to be kept" status 1

# ---- modes ----
usb_mode TRUSTED
rm -f "$U/run/bnd/usb/policy"
for how in '--add 1-4' --save; do
	# shellcheck disable=SC2086
	run guard baseline $how
	ok "nothing is added in TRUSTED by $how" is "$status $err" \
	    "1 usb-guard: nothing is added in TRUSTED: OPEN and RESTRICTED are for that"
done
run guard baseline --remove "$(id_of 1-4)"
ok "but taken away" is "$status $(recorded)" "0 remove 4 3"
rm "$U/run/bnd/state"
run guard baseline --add 1-4
ok "without a state, too" is "$status" 1
usb_mode OPEN

# ---- another mode meanwhile ----
# Whoever adds is held up, here by the log, as a device that is slow to be read does.
cp "$file" "$T/before"
"$BND_BUILD/tests/helper/hold" "${U#/}/var/lib/bnd/log/lock" &
holder=$!
for ((i = 0; i < 100; i++)); do
	! grep -q ":$(stat -c %i "$U/var/lib/bnd/log/lock") " /proc/locks || break
	sleep 0.02
done
guard baseline --add 1-4 2>"$T/late" &
adder=$!
for ((i = 0; i < 100; i++)); do
	! cmp -s "$file" "$T/before" || { sleep 0.02; continue; }
	break
done
usb_mode AIRGAP
kill $holder
wait $adder
ok "who began to add in OPEN and ends in AIRGAP adds nothing" is "$? $(cmp "$file" "$T/before" && cat "$T/late")" \
    "1 usb-guard: nothing is added in AIRGAP: OPEN and RESTRICTED are for that; so the baseline is as it was"
usb_mode OPEN

# ---- nothing without a record ----
cp "$file" "$T/kept"
mv "$U/etc/bnd/log.pin" "$T/"
run guard baseline --add 1-4
ok "what cannot be recorded is not added" status 15
ok "and says that it was undone" like "$err" 'not recorded: .*so the baseline is as it was'
ok "which it is" cmp "$file" "$T/kept"
run guard baseline --remove "$(id_of 1-2.1)"
ok "what is taken away stays taken away" is "$status $(ids | wc -w)" "15 2"
mv "$T/log.pin" "$U/etc/bnd/"

# ---- files that are not believed ----
cp "$file" "$T/kept"
chmod 0644 "$file"
run guard baseline --add 1-4
ok "a baseline others can read is not believed" status 8
chmod 0600 "$file"
sed -i '$d' "$file"
for how in '' '--add 1-4' --save '--remove bnd1:0123456789'; do
	# shellcheck disable=SC2086
	run guard baseline $how
	ok "nor one that was cut: baseline $how" like "$status $err" '^2 usb-guard: /etc/bnd/usb.baseline:[0-9]+:[0-9]+: '
done
ok "and it is left as it is" is "$(wc -l <"$file")" "$(($(wc -l <"$T/kept") - 1))"
cp "$T/kept" "$file"
run chain-verify --log "$U/var/lib/bnd/log" --pin "$U/etc/bnd/log.pin"
ok "the log verifies" is "$status" 0
tap_done
