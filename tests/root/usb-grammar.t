#!/bin/bash
# usb-grammar.t: rules as USBGuard takes them, but for what bnd-usbguard(7) lists
# SPDX-License-Identifier: ISC
#
# Debian's package, unpacked and never installed; its daemon is not started. Its
# own parser is asked about the list below, its library about what is made at random.
. "${0%/*}/../tap.sh"

dirs=$("$BND_TREE/tests/fetch" --have usbguard libusbguard1 libusbguard-dev libqb100 libprotobuf32 libumockdev0 libpcap0.8) ||
    skip_all "$dirs"
command -v g++ >/dev/null || skip_all "no g++"
libs='' headers=''
for d in $dirs; do
	l=$(echo "$d"/usr/lib/*-linux-gnu)
	[[ ! -d $l ]] || libs=$libs${libs:+:}$l
	[[ ! -d $d/usr/include ]] || headers=$d/usr/include
done
for d in $dirs; do [[ ! -x $d/usr/bin/usbguard-rule-parser ]] || parser=$d/usr/bin/usbguard-rule-parser; done
ours=$BND_BUILD/tests/helper/usb-rules
IFS=: read -ra each <<<"$libs"
run g++ -std=c++17 -O0 -w -I"$headers" -o "$T/theirs" "$BND_TREE/tests/helper/usbguard.cpp" \
    "${each[@]/#/-L}" -lusbguard -Wl,--allow-shlib-undefined
((status == 0)) || bail "cannot build usbguard.cpp: $err"
theirs() {
	LD_LIBRARY_PATH=$libs "$T/theirs"
}

# ---- the list, by its own parser: what it says, what we say, the rule ----

# fine: a rule to both; there, here: only to one
list=(
	'fine allow'
	'fine allow#c'
	'fine allow 1234:ABCD name "a\"b\\c\x41\xe2\x82\xac" serial "é"'
	'fine allow label "x" if true with-interface 03:00:01 via-port "1-1" parent-hash "q" hash "h" id 0001:0002'
	'fine allow if {true true}'
	'fine reject if !allowed-matches(  id 1234:5678 # c)'
	'fine block with-interface match-all { 03:*:* 08:*:* } # "'
	'fine allow if localtime(8:00-17:00)'
	'fine allow if one-of { random rule-applied(1h) !rule-evaluated }'
	'neither allow id 1:2'
	'neither allow *:1234'
	'neither allow name{ "a" }'
	'neither allow name {"a""b"}'
	'neither allow name "a\n"'
	'neither allow name "\x4"'
	'neither allow if !!true'
	'neither allow if true('
	'neither allow if allowed-matches'
	'neither allow if allowed-matches(name "a\)b")'
	'neither allow with-interface 12:*:34'
	'neither allow with-interface *:*:*'
	'neither allow id 1234:5678 id 1234:5678'
	'neither accept'
	'here allow '
	'here  allow'
	'here    '
	'here allow if allowed-matches(name "a\"b")'
	'here allow if localtime(whenever)'
	'there match id 1234:5678'
	'there device'
	'there allow label "x" label "y"'
	'there allow if true(x)'
	'there allow if allowed-matches(if true)'
	'there allow if allowed-matches(# c)'
	$'there allow # c\r'
)
for row in "${list[@]}"; do
	want=${row%% *} rule=${row#* }
	here=$("$ours" judge <<<"$rule")
	LD_LIBRARY_PATH=$libs "$parser" "$rule" >/dev/null 2>&1 && there=rule || there=error
	case $here$there in
	rulerule) got=fine ;;
	errorerror) got=neither ;;
	rule*) got=here ;;
	*) got=there ;;
	esac
	ok "UR-19 $want: $rule" is "$got" "$want"
done

# ---- the policies of its manual ----

for d in $dirs; do
	m=$d/usr/share/man/man5/usbguard-rules.conf.5.gz
	[[ ! -e $m ]] || zcat "$m" | sed 's/\\-/-/g; s/\\&//g' | grep -E '^ +(allow|block|reject)' >"$T/manual"
done
run usb-guard lint -v "$T/manual"
ok "UR-19 every rule of its manual is one here" is "$status $out" "1 $(grep -c . "$T/manual") rules"
ok "some, in truth" test "$(grep -c . "$T/manual")" -ge 8
ok "and what is weak in them is told" like "$err" 'random cannot be decided.*\(undecidable\)'
ok "its way of one keyboard at a time, too" like "$err" 'something else besides.*\(hid\)'

# ---- lines at random ----

# differ FILE: "OURS THEIRS RULE" of those that are not the same
differ() {
	"$ours" judge <"$1" >"$T/here" || bail "usb-rules judge"
	theirs <"$1" >"$T/there" || bail "usbguard.cpp"
	is "$(wc -l <"$T/here")" "$(wc -l <"$1")" >/dev/null && is "$(wc -l <"$T/there")" "$(wc -l <"$1")" >/dev/null ||
	    bail "not as many answers as questions"
	paste -d ' ' "$T/here" "$T/there" "$1" | awk '$1 != $2'
}
same() {
	paste -d ' ' "$T/here" "$T/there" | grep -c "^$1 $1\$"
}
# left PATTERN <LINES: how many lines nothing of the list explains
left() {
	grep -cavE "$1"
}

arg='(localtime|random|rule-applied|rule-evaluated)\('
for seed in 1 2 3; do
	"$ours" lines $seed 3000 >"$T/lines"
	differ "$T/lines" >"$T/differ"
	# Blanks around a rule; arguments that nobody reads; what is quoted in a query.
	here='^rule error ([[:blank:]]|.*([[:blank:]]$|'$arg'|allowed-matches\([^)]*\\))'
	# A carriage return in a comment; label twice; conditions where none belong.
	there='^error rule .*('$'\r''|#.*[^ -~]|label .* label|(true|false)\([^)]|allowed-matches\([^)]*(if |#)|^error rule *(match|device))'
	ok "UR-19 seed $seed: lines taken or refused as there, but for the list" \
	    is "$(left "$here|$there" <"$T/differ")" 0
	ok "UR-19 of both kinds" test "$(same rule)" -gt 500 -a "$(same error)" -gt 500
done

# ---- rules and devices at random ----

undecidable='(localtime|random|rule-applied|rule-evaluated)'
for seed in 4 5 6; do
	"$ours" pairs $seed 4000 >"$T/pairs"
	differ "$T/pairs" | sed 's/\x1f.*//' >"$T/differ"
	safe=(
		"^no yes allow .*$undecidable"
		'^no yes allow .*with-interface( equals)? \{ [^ ]+ [^}]+\}'
		'^no yes allow .*(name|serial|with-connect-type) match-all'
		"^yes no (block|reject) .*$undecidable"
		'^yes no (block|reject) .*allowed-matches\([^)]*with-interface( equals)? \{'
	)
	# Which are no matter of safe: ids as they are meant, and match-all.
	meant=(
		'^(yes no|no yes) .*1234:ABCD'
		'^yes no .*id match-all \{[^}]*\*'
		'^no yes (block|reject) .*(name|serial|with-connect-type) match-all'
	)
	all=$(IFS='|'; echo "${safe[*]}|${meant[*]}")
	ok "UR-19 seed $seed: rules match as there, but for the list" is "$(left "$all" <"$T/differ")" 0 ||
	    grep -avE "$all" "$T/differ" | head -n 5 | sed 's/^/# /'
	for p in "${safe[@]}" "${meant[@]}"; do
		echo "$p" >>"$T/classes"
		grep -aqE "$p" "$T/differ" && echo "$p" >>"$T/seen"
	done
	ok "UR-19 on many that match and many that do not" test "$(same yes)" -gt 400 -a "$(same no)" -gt 2000
done
ok "UR-19 each kind of difference was met" is "$(sort -u "$T/seen")" "$(sort -u "$T/classes")"

# Control: what perfect matching is for.
printf 'allow with-interface { 03:*:* 03:*:* }\x1fdevice id 1234:abcd with-interface { 08:06:50 03:01:01 }\n' >"$T/pairs"
differ "$T/pairs" >"$T/differ"
ok "UR-12 storage + keyboard passes there, and not here" like "$(cat "$T/differ")" '^no yes allow with-interface'
tap_done
