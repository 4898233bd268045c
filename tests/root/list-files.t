#!/bin/bash
# list-files.t: a list that cannot be trusted, or changes while it is read
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up

list=/etc/bnd/net.allow
# allow PORT: the list is ssh on PORT.
allow() {
	# shellcheck disable=SC2016
	in_h bash -c 'mkdir -p /etc/bnd; chmod 755 /etc/bnd; rm -rf /etc/bnd/net.allow
		printf "version 1\nin RESTRICTED proto=tcp dport=%s\n" "$0" >/etc/bnd/net.allow
		chmod 644 /etc/bnd/net.allow' "$1"
}
# again MODE: into a mode as mode-set does it, wherever we are; judges nothing.
again() {
	# shellcheck disable=SC2016
	run in_h timeout 10 bash -c '
		"$1/state" entering OPEN "$2" 0123456789abcdef0123456789abcdef $$ &&
		net-seal apply "$2" --txn 0123456789abcdef0123456789abcdef --json
		exit $?' sh "$helper" "$1"
	state "$1"
}
ports() {
	in_h nft -s list chain inet bnd in 2>/dev/null | sed -n 's/.*tcp dport \([0-9]*\) accept.*/\1/p' | paste -sd ' '
}

# Each is in the place of a good list that would open port 7.
damage=(
	'a link|mv $list /etc/bnd/real; ln -s real $list'
	'two names|ln $list /etc/bnd/twice'
	'a FIFO|rm $list; mkfifo -m 644 $list'
	'a device|rm $list; mknod -m 644 $list c 1 5 || mkdir $list'
	'a directory|rm $list; mkdir $list'
	'mode 0666|chmod 666 $list'
	'mode 0755|chmod 755 $list'
	'of another owner|chown 65534 $list'
	'in a directory of everybody|chmod 777 /etc/bnd'
)
for d in "${damage[@]}"; do
	what=${d%%|*}
	allow 22
	again RESTRICTED
	ok "M47 control: a good list is used" is "$(ports)" 22
	allow 7
	# shellcheck disable=SC2016
	in_h list=$list bash -c "${d#*|}"
	run in_h timeout 10 net-seal lint --json
	ok "M47 $what: lint exits 8, at once" status 8
	ok "M47 $what: and says E_FILE" like "$out" '"code":"E_FILE"'
	run in_h net-seal lint
	ok "M47 $what: in one line that names the file" like "$err" "^$list:1:1: [^
]*\$"
	again RESTRICTED
	ok "M47 $what: apply exits 8, sealed" is "$status $(field sealed "$out")" "8 true"
	ok "M47 $what: what was accepted last stands" is "$(ports)" 22
	in_h rm -rf /etc/bnd/real /etc/bnd/twice
	seal OPEN
done

# One line more is that line more, and one line less is that one less: of all tables,
# chains, sets and rules, in their order, nothing else changes.
listed() {
	in_h nft -j list ruleset | jq -cS '.nftables[] | select(.metainfo | not) | walk(if type == "object" then
	    del(.handle) | if has("counter") then .counter = null else . end else . end)' >"$T/$1"
}
# What of the second is not in the first, by port; and how much the other way round.
more() {
	diff "$T/$1" "$T/$2" | sed -n 's/^> //p' | jq -r '[.. | .right? | numbers] | join(",")' | sort | uniq -c | xargs
}
less() {
	diff "$T/$1" "$T/$2" | grep -c '^<'
}
in_h nft add table inet somebody '{ chain c { type filter hook input priority 5; tcp dport 99 accept; }; }'
allow 22
again RESTRICTED
listed one
n=$(jq -c 'select([.. | .right? | numbers] | index(22))' "$T/one" | wc -l)
ok "control: the list is in the rules ($n)" test "$n" -gt 0
echo 'in RESTRICTED proto=tcp dport=2323' | in_h tee -a $list >/dev/null
again RESTRICTED
listed two
ok "a line more is its own rules and no other" is "$(more one two)" "$n 2323"
ok "and takes nothing away" is "$(less one two)" 0
echo 'in RESTRICTED proto=udp dport=2424' | in_h tee -a $list >/dev/null
again RESTRICTED
listed three
ok "one more again" is "$(less two three) $(more two three)" "0 $n 2424"
allow 22
again RESTRICTED
listed back
ok "without them it is as before, to the byte" cmp "$T/one" "$T/back"
in_h nft delete table inet somebody

# An error, one or many: nothing of the file is used.
allow 22
again RESTRICTED
rules=$(in_h nft -s list ruleset)
for bad in 'in RESTRICTED proto=tcp dport=0' '-A OUTPUT -j ACCEPT' 'in RESTRICTED if=wg0"; proto=tcp dport=9' \
    'in RESTRICTED proto=tcp dport=80 uid=0'; do
	allow 7
	printf '%s\n' "$bad" | in_h tee -a $list >/dev/null
	again RESTRICTED
	ok "apply with '$bad' exits 2, sealed" is "$status $(field sealed "$out")" "2 true"
	ok "and names the place" like "$err" "^$list:3:[0-9]+: "
	ok "the rules are the same as before" is "$(in_h nft -s list ruleset)" "$rules"
done

# Nothing accepted and nothing good: the empty list.
in_h rm -rf /run/bnd/net/list
again TRUSTED
ok "a bad list with none before it: sealed, exit 2" is "$status $(field sealed "$out")" "2 true"
ok "and nothing is open" is "$(ports)" ""
seal OPEN

# What was judged is what is used, however it changes meanwhile.
in_h mkdir -p /etc/bnd
# shellcheck disable=SC2016
in_h bash -c '
	list=/etc/bnd/net.allow; rm -rf $list
	a="version 1"; b="version 1"
	for ((i = 1; i <= 200; i++)); do
		a+=$'"'\\n'"'"in RESTRICTED proto=tcp dport=$i"
		b+=$'"'\\n'"'"in RESTRICTED proto=tcp dport=$((i + 1000))"
	done
	echo "$a" >/run/a; echo "$b" >/run/b
	for ((;;)); do
		cat /run/a >$list; cat /run/b >$list; : >$list
		cp /run/a /etc/bnd/new; mv /etc/bnd/new $list
	done' &
churn=$!
odd=0 used=0
for ((i = 0; i < 25; i++)); do
	again RESTRICTED
	accepted=$(in_h sed -n 's/.*dport=//p' /run/bnd/net/list 2>/dev/null | paste -sd ' ')
	[[ $(ports) == "$accepted" ]] || odd=$((odd + 1))
	[[ -z $accepted ]] || used=$((used + 1))
	[[ $status == 0 || $status == 15 || $status == 2 || $status == 8 ]] || odd=$((odd + 1))
done
kill $churn
wait $churn 2>/dev/null
ok "M48 the rules are those of the bytes that were kept, 25 times" is "$odd" 0
ok "M48 and some of them were good ($used)" test "$used" -gt 0
tap_done
