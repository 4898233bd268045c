#!/bin/bash
# net-lint.t: net-seal lint names file, line, column and code, and uses nothing
. "${0%/*}/../tap.sh"

# lint TEXT: a file of these bytes, linted
lint() {
	printf '%b' "$1" >"$T/list"
	run net-seal lint --json "$T/list"
}

for good in 'version 1\n' 'version 1\n# a comment\n\nin RESTRICTED proto=tcp dport=22\n'; do
	lint "$good"
	ok "accepted" is "$status $err" "0 "
done
ok "and printed back" like "$out" '"lines":\["in RESTRICTED proto=tcp dport=22"\]'

run net-seal lint "$BND_TREE/etc/net.allow"
ok "the shipped list is accepted" is "$status $err" "0 "
run net-seal lint --json "$BND_TREE/etc/net.allow"
ok "and is ssh alone" like "$out" '"lines":\["in RESTRICTED proto=tcp dport=22"\]'

# A row: text, code, line, column
rows=(
	'version 1\nin RESTRICTED if=eth+ proto=tcp dport=22\n|E_LINK|2|21'
	'version 1\nin RESTRICTED if=eth0;reboot proto=tcp dport=22\n|E_LINK|2|22'
	'version 1\nin RESTRICTED proto=tcp src=10.0.0.5/8 dport=22\n|E_HOSTBITS|2|29'
	'version 1\nin RESTRICTED proto=tcp src=010.0.0.1/32 dport=22\n|E_ADDR|2|29'
	'version 1\nin RESTRICTED proto=tcp src=evil.example/32 dport=22\n|E_ADDR|2|29'
	'version 1\nin RESTRICTED proto=tcp dport=https\n|E_PORT|2|31'
	'version 1\nin RESTRICTED proto=tcp dport=443-80\n|E_RANGE|2|31'
	'version 1\nin RESTRICTED proto=tcp dport=22\n-A OUTPUT -j ACCEPT\n|E_KEY|3|1'
	'version 1\nin AIRGAP proto=tcp dport=22\n|E_MODE|2|4'
	'version 1\nin RESTRICTED proto=tcp dport=22|E_EOF|2|33'
	'version 2\n|E_VERSION|1|9'
	'version 1\nin RESTRICTED \033[31m\n|E_BYTE|2|15'
)
for row in "${rows[@]}"; do
	IFS='|' read -r text code line col <<<"$row"
	lint "$text"
	ok "$code exits 2" status 2
	ok "$code at its place in JSON" like "$out" "\"code\":\"$code\",\"line\":$line,\"col\":$col,"
	ok "$code: no line is used" like "$out" '"lines":\[\]'
	run net-seal lint "$T/list"
	ok "$code: FILE:LINE:COL: reason" like "$err" "^$T/list:$line:$col: .+"
	ok "$code: no raw byte reaches the terminal" unlike "$err" $'[\001-\010\013-\037]'
done

{
	echo 'version 1'
	for ((i = 0; i < 100; i++)); do echo 'in RESTRICTED proto=tcp dport=0'; done
} >"$T/list"
run net-seal lint "$T/list"
ok "M50 100 errors, 100 lines, in order" \
    is "$(cut -d: -f2 <<<"$err" | paste -sd ' ')" "$(seq -s ' ' 2 101)"

mkfifo "$T/fifo"
run timeout 5 net-seal lint "$T/fifo"
ok "a FIFO is refused at once" status 8
run net-seal lint "$T/absent"
ok "a file that is not there is trouble" status 2
ok "and said so" like "$err" 'No such file'

printf 'version 1\nin RESTRICTED proto=tcp dport=22\nin RESTRICTED proto=tcp dport=22\n' >"$T/list"
run net-seal lint --json "$T/list"
ok "M49 a line twice is a note" is "$status" 0
ok "M49 with its code" like "$out" '"code":"W_DUP","line":3,'

# No name is looked up, no packet sent.
if command -v strace >/dev/null; then
	printf 'version 1\nin RESTRICTED proto=tcp src=evil.example/32 dport=https\n' >"$T/list"
	run strace -f -e trace=socket,connect,sendto,sendmsg -o "$T/calls" net-seal lint "$T/list"
	ok "M21 nothing is asked of a resolver" not grep -q AF_INET "$T/calls"
else
	skip "M21 nothing is asked of a resolver" "no strace"
fi
tap_done
