#!/bin/bash
# usb-lint.t: usb-guard lint names file, line and column, and uses nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"

# A host of its own: settings, no USB, no rules yet.
R=$T/root
mkdir -p "$R/etc/bnd/usb.d" && chmod -R go-w "$R" && : >"$R/etc/bnd/bnd.conf"
chmod 0644 "$R/etc/bnd/bnd.conf"

# lint TEXT: a file of these bytes, linted
lint() {
	printf '%b' "$1" >"$T/some.rules"
	run usb-guard lint -R "$R" "$T/some.rules"
}

# ---- a clean file ----

clean='# a comment\n\nallow hash "jEP/6WzviqdJ5VSeTUY8PatCNBKeaREvo2OqdplND/o=" label "dock"\n
allow 1d6b:0002 serial "0000:00:14.0" name "xHCI" with-interface 09:00:00\n
block with-interface one-of { 02:*:* 0a:*:* }\n
allow with-interface match-all { 08:06:50 08:06:62 }\n
allow with-interface match-all { 03:*:* } if !allowed-matches(with-interface one-of { 03:00:01 03:01:01 })\n
allow via-port "usb1"\nblock with-interface all-of { 08:*:* 03:*:* }\nblock\n'
lint "$clean"
ok "UR-18 a clean file gives none" is "$status $out$err" "0 "
run usb-guard lint --json -R "$R" "$T/some.rules"
ok "nor as JSON" is "$out" '{"exit":0,"errors":[],"warnings":[],"more":0}'
run usb-guard lint -v -R "$R" "$T/some.rules"
ok "its rules are counted" is "$out" '8 rules'

for f in "$BND_TREE"/etc/usb.d/*.example; do
	run usb-guard lint -v -R "$R" "$f"
	ok "${f##*/} as it is shipped" is "$status $err" "0 "
	ok "${f##*/} has rules" like "$out" '^[1-9]'
done

awk '/^\.Ss Examples/ { in_it = 1 } in_it && /^\.Ed/ { exit } on { print } in_it && /^\.Bd/ { on = 1 }' \
    "$BND_TREE/man/bnd-usb.5" >"$T/manual.rules"
run usb-guard lint -v -R "$R" "$T/manual.rules"
ok "the example of the manual" is "$status $out$err" "0 2 rules"

# ---- every warning, a file each: code, line, column, text ----

rows=(
	'unreached|2|1|allow hash "a"\nallow hash "a" name "b"\n'
	'unreached|3|1|block with-interface one-of { 08:*:* }\n\nallow hash "a" with-interface 08:06:50\n'
	'weak|1|1|allow\n'
	'weak|1|1|allow label "mine"\n'
	'weak|1|7|allow name "Keyboard"\n'
	'weak|1|17|allow label "x" name one-of { "a" "b" }\n'
	'weak|1|7|allow 046d:c31c\n'
	'weak|1|7|allow 046d:c31c name "Keyboard" with-interface match-all { 03:*:* }\n'
	'weak|1|7|allow id 046d:c31c serial ""\n'
	'weak|2|7|# c\nallow id 046d:* serial none-of { "a" }\n'
	'duplicate|1|31|allow with-interface { 08:*:* 08:*:* }\n'
	'duplicate|1|38|block with-interface equals { 03:*:* 03:*:* } name "x"\n'
	'hid|1|22|allow with-interface 03:01:01\n'
	'hid|1|31|allow with-interface { 08:*:* 03:*:* }\n'
	'hid|1|31|allow with-interface one-of { 03:*:* 08:*:* }\n'
	'hid|1|31|allow with-interface all-of { 03:*:* }\n'
	'keyboards|1|7|block with-interface one-of { 03:*:* 08:*:* }\n'
	'keyboards|1|8|reject with-interface 03:01:01\n'
	'connect|1|7|allow with-connect-type "hardwired"\n'
	'connect|1|34|allow hash "a" with-connect-type ""\n'
	'undecidable|1|19|allow hash "a" if localtime(8:00-17:00)\n'
	'undecidable|1|26|block hash "a" if { true !random }\n'
	'undecidable|1|19|block hash "a" if !rule-applied\n'
	'undecidable|1|19|block hash "a" if rule-evaluated(1h)\n'
	'impossible|1|16|allow hash "a" name { "a" "b" }\n'
	'impossible|1|16|allow hash "a" via-port { "1-1" "1-2" }\n'
	'impossible|1|16|allow hash "a" id all-of { 0001:* 0002:0003 }\n'
)
for row in "${rows[@]}"; do
	IFS='|' read -r code line col text <<<"$row"
	lint "$text"
	ok "UR-18 $code exits 1" status 1
	ok "UR-18 $code at its place: $text" like "$err" "^$T/some.rules:$line:$col: warning: .* \($code\)$"
done
# As intended they are silent.
for text in 'block with-interface 08:06:50\nallow hash "a" with-interface match-all { 03:*:* }\n' \
    'allow hash "a" with-interface match-all { 03:*:* }\nblock with-interface one-of { 03:*:* }\n' \
    'allow hash "a" with-interface one-of { 03:*:* }\n' 'allow id 046d:c31c serial "1"\n' \
    'allow hash "a" with-interface { 03:01:01 03:01:01 }\n' 'block name "x"\nreject id 0001:*\n' \
    'allow with-interface none-of { 03:*:* }\n'; do
	lint "$text"
	ok "UR-18 nothing to warn of: $text" is "$status$err" 0
done

# ---- rules of modes, by the name of their directory ----

mkdir -p "$T/usb.d/AIRGAP" "$T/usb.d/RESTRICTED"
echo 'block with-interface one-of { 08:*:* }' >"$T/usb.d/RESTRICTED/a.rules"
echo 'allow hash "a" with-interface 08:06:50' >"$T/usb.d/AIRGAP/a.rules"
run usb-guard lint -R "$R" "$T"/usb.d/*/a.rules
ok "UP-03 AIRGAP allows what RESTRICTED denies: dead" like "$err" "AIRGAP/a.rules:1:1: warning: .*RESTRICTED denies .*RESTRICTED/a.rules:1, .*\(dead\)"
ok "and exits 1" status 1
echo 'allow hash "b" with-interface 07:01:01' >"$T/usb.d/AIRGAP/a.rules"
run usb-guard lint -R "$R" "$T"/usb.d/*/a.rules
ok "UR-18 from TRUSTED on rules only take away" like "$err" "AIRGAP/a.rules:1:1: warning: .*baseline.* \(dead\)"
printf 'allow hash "b"\nblock\n' >"$T/usb.d/AIRGAP/a.rules"
run usb-guard lint -R "$R" "$T"/usb.d/*/a.rules
ok "but an exception from what is taken away is none" is "$status$err" 0

# ---- errors ----

lint 'allow\nblock nme "a"\n'
ok "an error exits 2" status 2
ok "with file, line, column" is "$err" "$T/some.rules:2:7: unknown attribute: \"nme\""
ok "and no warning about what is not in force" unlike "$err" warning
run usb-guard lint --json -R "$R" "$T/some.rules"
ok "as JSON" like "$out" '^\{"exit":2,"errors":\[".*some.rules:2:7: .*"\],"warnings":\[\],'
printf 'allow hash "a"\n' >"$T/other.rules"
run usb-guard lint -R "$R" "$T/absent.rules" "$T/some.rules" "$T/other.rules"
ok "every file is read" is "$(grep -c . <<<"$err")" 2
ok "the first error gives the status" status 2
lint 'allow name "\\x1b[31m" \x1b[2J\n'
ok "no raw byte reaches the terminal" unlike "$err" $'[\001-\010\013-\037]'
mkfifo "$T/fifo"
run timeout 5 usb-guard lint -R "$R" "$T/fifo"
ok "a FIFO is refused at once" status 8

# ---- UR-09: time and memory ----

# bounded WHAT FILE: refused in little time and little memory (not of a sanitizer)
bounded() {
	local kb=100000
	[[ $BND_BUILD == */release ]] || kb=unlimited
	run timeout 10 bash -c "ulimit -v $kb; exec usb-guard lint -R '$R' '$2'"
	ok "UR-09 $1 is refused" status 2
}
{ printf 'allow name "'; head -c 1000000 /dev/zero | tr '\0' a; echo '"'; } >"$T/line"
bounded "a line of 1 MB" "$T/line"
ok "UR-09 at the byte that is too many" like "$err" "^$T/line:1:8193: "
for ((i = 0; i < 100000; i++)); do echo allow; done >"$T/many"
bounded "100,000 rules" "$T/many"
ok "UR-09 at the rule that is too many" like "$err" "^$T/many:4097:1: "
for ((i = 0; i < 1000; i++)); do printf 'block with-interface {%s ff:00:%02x }\n' "$(printf ' 01:02:%02x' {0..80})" $((i % 256)); done >"$T/dense"
run timeout 10 usb-guard lint -R "$R" "$T/dense"
ok "UR-09 what cannot be compared in time is said" like "$status $err" '^1 .*\(many\)'
truncate -s 1G "$T/huge"
bounded "a file of 1 GB" "$T/huge"

# ---- what is installed ----

rules=$R/etc/bnd/usb.d/10-some.rules
put() {
	printf '%b' "$1" >"$rules"
	chmod 0640 "$rules"
}
put 'allow hash "a"\n'
run usb-guard lint -R "$R"
ok "without FILE: what is installed" is "$status $err" "0 "
put 'allow name "a"\n'
run usb-guard lint -R "$R"
ok "its warnings" like "$err" '^/etc/bnd/usb.d/10-some.rules:1:7: warning: '
put 'allow\nx\n'
run usb-guard lint -R "$R"
ok "its errors" is "$status $err" '2 /etc/bnd/usb.d/10-some.rules:2:1: expected allow, block or reject: "x"'
put 'allow hash "a"\n'
echo 'usb_composite maybe' >"$R/etc/bnd/bnd.conf"
run usb-guard lint -R "$R"
ok "errors of the settings" like "$status $err" '^2 /etc/bnd/bnd.conf:1:'
: >"$R/etc/bnd/bnd.conf"

# UR-14: whoever else could have written them
refused() {
	run usb-guard lint -R "$R"
	ok "UR-14 $1 is refused" is "$status" 8
	ok "UR-14 $1 is named" like "$err" "${2:-10-some.rules}"
}
chmod 0644 "$rules"
refused "a file that everybody reads"
chmod 0660 "$rules"
refused "a file that the group writes"
put 'allow hash "a"\n'
mv "$rules" "$T/elsewhere" && ln -s "$T/elsewhere" "$rules"
run usb-guard lint -R "$R"
ok "UR-14 a symbolic link is refused" isnt "$status" 0
rm "$rules" && mkfifo -m 0600 "$rules"
run timeout 5 usb-guard lint -R "$R"
ok "UR-14 a FIFO is refused at once" is "$status" 8
rm "$rules" && mv "$T/elsewhere" "$rules" && ln "$rules" "$T/second"
refused "a file with a second name"
rm "$T/second"
chmod 0775 "$R/etc/bnd/usb.d"
refused "a directory that a group writes" usb.d
chmod 0755 "$R/etc/bnd/usb.d"
if ((EUID == 0)); then
	chown 65534 "$rules"
	refused "a file of somebody else"
	chown 0 "$rules"
fi
run usb-guard lint -R "$R"
ok "control: put right it is taken" is "$status$err" 0

# ---- the host: buses, and a keyboard for LOCKDOWN ----

mkdir -p "$R/sys/bus/usb/devices/usb2" "$R/sys/module/usbcore/parameters" "$R/sys/class/input"
put 'allow hash "a" via-port "2-1.4"\nallow hash "b" via-port one-of { "1-1" "usb2" "x" }\n'
echo 'lockdown_hid none' >"$R/etc/bnd/bnd.conf"
run usb-guard lint -R "$R"
ok "UR-18 a bus that is not there" like "$err" '10-some.rules:2:34: warning: there is no usb1 now.* \(bus\)'
ok "one that is there is not told" is "$(grep -c '(bus)' <<<"$err")" 1
ok "UR-18 LOCKDOWN leaves no keyboard" like "$err" 'warning: LOCKDOWN leaves no keyboard: lockdown_hid .* \(no-keyboard\)'
run usb-guard lint --no-keyboard -R "$R"
ok "unless it is meant" unlike "$err" no-keyboard

# ---- nothing is touched ----

if command -v strace >/dev/null; then
	put 'allow hash "a"\n'
	run strace -f -e trace=openat,openat2,open,unlink,rename,renameat2,socket -o "$T/calls" usb-guard lint -R "$R"
	ok "UE-16 nothing is opened for writing" not grep -vE '"/dev/null"|O_RDONLY|O_PATH|\+\+\+' "$T/calls"
else
	skip "UE-16 nothing is opened for writing" "no strace"
fi
if ((EUID == 0)) && command -v setpriv >/dev/null; then
	chmod 0755 "$T"
	chmod 0644 "$T/other.rules"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$BND_BUILD/usb-guard" lint "$T/other.rules"
	ok "it needs no privilege" is "$status $err" "0 "
fi
tap_done
