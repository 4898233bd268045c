#!/bin/bash
# net-try.t: a list is tried, confirmed or taken back, and never is anything laxer than both lists
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../try.sh"
need_observer
net_up
tap R R r0
# On the tests' clock; who waits for the end of a try has the kernel's.
for tool in net-seal mode-set; do
	in_h cp -f "$helper/timed-$tool" /usr/sbin/$tool || bail "cannot put $tool there"
done
in_h "$BND_TREE/tests/host-init" /tmp/keys >/dev/null 2>&1 || bail "cannot initialise H"

# passes: which of the ports 51 (of the list before), 52 (of the new one) and 53
# (of neither) arrive at R
passes() {
	local p out=''
	local -A before
	for p in 51 52 53; do
		before[$p]=$(arrived $p)
		in_h "$helper/probe" udp "p$p" "$nonce" 10.77.0.2 $p 2>/dev/null
	done
	sleep 0.12
	for p in 51 52 53; do
		(($(arrived $p) == before[$p])) || out+="$p "
	done
	echo "${out% }"
}
arrived() {
	awk -v id="p$1" '$1 == id { n = $2 } END { print n + 0 }' "$T/R"
}
forward 0
told() { # WHAT: the last net.try on the log
	in_h grep '"ev":"net.try"' /var/lib/bnd/log/000001.jsonl | tail -n 1 | grep -c "\"what\":\"$1\""
}
list /etc/bnd/net.allow "$ssh" "$(line 51)"
list /etc/bnd/new "$ssh" "$(line 52)"
in_h mode-set trusted >/dev/null || bail "no TRUSTED"
ok "what is listed passes, the rest does not (control)" is "$(passes)" 51
old=$(rules)

# Refused: nothing is changed
refused() { # WHAT STATUS ARGUMENT...
	local what=$1 want=$2
	shift 2
	run in_h net-seal "$@"
	ok "$what: exit $want" status "$want"
	ok "$what: said" isnt "$err$out" ''
	[[ $(rules) == "$old" ]] && ! in_h test -e /run/bnd/net/try && ! waiter >/dev/null
	ok "$what: rules unchanged, nobody waits" is $? 0
}
list /etc/bnd/bad "$ssh" "${ssh}x" 'nonsense'
list /etc/bnd/loose "$(line 53)"
in_h sh -c 'chmod 666 /etc/bnd/loose; ln -s new /etc/bnd/link; mkfifo /etc/bnd/fifo'
refused "a bad list" 2 try /etc/bnd/bad
ok "a bad list: all errors by line and column" is "$(grep -cE '^/etc/bnd/bad:[34]:[0-9]+: ' <<<"$err")" 2
refused "a bad list, for scripts" 2 try --json /etc/bnd/bad
ok "and they have codes" like "$out" '"code":"E_PORT","line":3,"col":31.*"code":"E_KEY","line":4'
for f in loose link fifo; do
	refused "a list that cannot be trusted ($f)" 8 try /etc/bnd/$f
done
refused "no list of that name" 2 try /etc/bnd/none
for t in 0s 601s 11m 1x ''; do
	refused "for '$t'" 2 try --for "$t" /etc/bnd/new
done
refused "no list named" 2 try
refused "nothing to confirm" 1 confirm
refused "a file to confirm" 2 confirm /etc/bnd/new
run in_h setpriv --reuid 65534 --clear-groups net-seal try /etc/bnd/new
ok "not root: exit 10" status 10

# In force for three seconds, then taken back by who was left behind
run in_h net-seal try --for 3s /etc/bnd/new
ok "a list is tried" status 0
ok "and its lines are in force, the others are not" is "$(passes)" 52
ok "and it is on the log" is "$(told begun)" 1
run in_h net-seal check --json
ok "check is content, and says so" like "$status $(field sealed "$out") $(field trying "$out")" '^0 true [123]$'
waits=$(waiter)
ok "who waits holds its timer and the root, and no terminal" is \
    "$(in_h sh -c "ls -l /proc/$waits/fd | sed -n 's/.*-> //p' | sort -u | paste -sd ' '")" '/ /dev/null anon_inode:[timerfd]'
ok "is in a session of its own" is "$(in_h ps -o sid= -p "$waits" | tr -d ' ')" \
    "$(in_h ps -o pgid= -p "$waits" | tr -d ' ')"
in_h kill -HUP "$waits"
in_h kill -TERM "$waits"
ok "and its timer is of CLOCK_BOOTTIME" like "$(in_h sh -c "cat /proc/$waits/fdinfo/*")" 'clockid: 7'
taken_back() {
	local i
	for ((i = 0; i < 300; i++)); do
		waiter >/dev/null || return 0
		sleep 0.02
	done
	return 1
}
ok "hangup and termination do not end it, its time does" taken_back
ok "and the list before is in force" is "$(passes)" 51
ok "the very rules" is "$(rules)" "$old"
ok "the end is on the log" is "$(told ended)" 1
run in_h net-seal check --json
ok "nothing is being tried" is "$status $(field trying "$out")" "0 "

# One at a time; the wall clock is of no importance
in_h net-seal try --for 60s -q /etc/bnd/new
run in_h net-seal try --for 60s /etc/bnd/new
ok "a second try while one runs is refused" is "$status $(grep -c 'being tried already' <<<"$err")" "11 1"
for wall in 100000000 -100000000; do
	in_h sh -c "echo $wall >/run/.bnd-test-clock.wall"
	ok "the wall clock set by $wall s: tried still" is "$(in_h net-seal check --json | grep -c '"trying":')" 1
done
in_h rm -f /run/.bnd-test-clock.wall
for verb in apply 'hook 2'; do
	# shellcheck disable=SC2086
	run in_h net-seal $verb
	ok "$verb meanwhile keeps it" is "$status $(passes)" "0 52"
done
in_h nft flush chain inet bnd late
ok "so does $verb's repair (control: it was hurt)" is "$(in_h net-seal check -q; echo $?)" 1
in_h net-seal apply -q
ok "as it was tried" is "$(passes)" 52

# Confirmed: the very bytes, though the file was swapped; mode and group stay
list /etc/bnd/new "$(line 53)"
in_h sh -c 'chgrp 4 /etc/bnd/net.allow; chmod 640 /etc/bnd/net.allow; cp -p /etc/bnd/net.allow /etc/bnd/was'
run in_h net-seal confirm
ok "confirmed" is "$status $(passes)" "0 52"
ok "FILE swapped after: the file holds what was tried" is "$(in_h sed -n '3s/.*=//p' /etc/bnd/net.allow)" 52
ok "with the mode and group it had" is "$(in_h stat -c '%a %u %g' /etc/bnd/net.allow)" "640 0 4"
ok "what was there before is beside it" in_h cmp /etc/bnd/was /etc/bnd/net.allow.old
ok "file and accepted copy agree" is "$(in_h net-seal check -q; echo $?)" 0
ok "and it is on the log" is "$(told confirmed)$(in_h sh -c 'tail -n 1 /var/lib/bnd/log/000001.jsonl' | grep -c net.list)" 11
run in_h net-seal confirm
ok "confirmed twice: no" status 1
kill_waiter

# begin AGAIN: list before (51) accepted, and the new one (52) tried, nobody waiting
again() {
	kill_waiter
	list /etc/bnd/net.allow "$ssh" "$(line 51)"
	list /etc/bnd/new "$ssh" "$(line 52)"
	in_h mode-set trusted >/dev/null
	in_h net-seal try --for 60s -q "${1:-/etc/bnd/new}" && kill_waiter
}

# The one who waits is killed: the next one to come by takes it back
for how in 'net-seal apply' 'net-seal hook 2' 'mode-set --check' 'net-seal confirm'; do
	again
	ok "$how: before its time it is in force" is "$(passes)" 52
	forward 61
	run in_h net-seal check --json
	ok "$how: past it, check says no" is "$status $(grep -c 'not taken back' <<<"$out")" "1 1"
	# Edited, so that it is seen which list a repair takes.
	list /etc/bnd/net.allow "$(line 53)"
	# shellcheck disable=SC2086
	run in_h $how
	[[ $how != *confirm ]] || ok "too late to confirm: no" is "$status $(grep -c 'too late' <<<"$out")" "1 1"
	ok "$how: takes back to the list accepted before, not the edited one" is "$(passes)" 51
	ok "$how: and it is told" is "$(told ended) $(in_h test -e /run/bnd/net/try; echo $?)" "1 1"
	[[ $how != mode-set* ]] || ok "$how: and the mode is what it was" is "$(in_h mode-set --get)" TRUSTED
done
# The file itself was edited and tried
again
forward 61
in_h net-seal apply -q
list /etc/bnd/net.allow "$ssh" "$(line 52)"
in_h net-seal try --for 60s -q /etc/bnd/net.allow
kill_waiter
ok "the edited file itself is tried" is "$(passes)" 52
forward 61
in_h mode-set --check >/dev/null
ok "and taken back by mode-set --check" is "$(passes)" 51

# Spoiled, it is no try
for spoil in 'sed -i s/52/53/' 'truncate -s -1' 'sed -i s/until/untie/' 'cp /dev/null' 'chmod 666' 'ln -sf /etc/bnd/new'; do
	again
	in_h sh -c "$spoil /run/bnd/net/try"
	run in_h net-seal check
	ok "$spoil: check says no" status 1
	run in_h net-seal apply --json
	ok "$spoil: back, and the rest is gone" is "$(field sealed "$out") $(passes) $(in_h test -e /run/bnd/net/try; echo $?)" "true 51 1"
done

# After a reboot nothing of it is there, and put back it is of another state
again
in_h sh -c 'cp -p /run/bnd/net/try /etc/bnd/kept; rm -rf /run/bnd/net; nft flush ruleset; mode-set trusted' >/dev/null
ok "without /run it is the file that is in force" is "$(passes)" 51
in_h cp -p /etc/bnd/kept /run/bnd/net/try
run in_h net-seal check
ok "an old one put back is no try" is "$status $(passes)" "1 51"
in_h net-seal apply -q
ok "and goes away" is "$(passes) $(in_h test -e /run/bnd/net/try; echo $?)" "51 1"

# The mode: a change of it, or asserting it again, ends a try; the way back never is laxer
again
in_h mode-set trusted >/dev/null
ok "asserting the mode again ends it" is "$(passes) $(in_h test -e /run/bnd/net/try; echo $?)" "51 1"
in_h net-seal try --for 1s -q /etc/bnd/new
in_h mode-set airgap >/dev/null
ok "a stricter mode ends it" is "$(in_h test -e /run/bnd/net/try; echo $?) $(told ended)" "1 1"
taken_back
run in_h net-seal check --json
ok "and who waited for it left the mode as it is" is "$status $(field mode "$out") $(field sealed "$out")" "0 AIRGAP true"
in_h ip link set h0 up
ok "nothing passes, link or no link" is "$(passes)" ""
in_h net-seal apply -q
for verb in 'try /etc/bnd/new' confirm; do
	# shellcheck disable=SC2086
	run in_h net-seal $verb
	ok "AIRGAP: $verb is refused" status 1
done

# A session stalls under a list that refuses it, and goes on when it is taken back
state TRUSTED
in_h net-seal apply TRUSTED --txn $txn -q
state RESTRICTED
list /etc/bnd/net.allow "$ssh"
list /etc/bnd/none
in_h sh -c "ip link set h0 up; ip neigh replace 10.77.0.2 lladdr $(net_mac in_r r0) dev h0 nud permanent
	net-seal apply RESTRICTED --txn $txn -q"
in_h perl -MIO::Socket::INET -e '
	my $l = IO::Socket::INET->new(LocalPort => 22, Listen => 1, ReuseAddr => 1) or die;
	open(my $f, ">", "/tmp/got"); $f->autoflush(1);
	my $c = $l->accept; while (<$c>) { print $f $_ }' &
session=$!
heard() { # WORD: within 3 s
	local i
	for ((i = 0; i < 300; i++)); do
		! in_h grep -qx "$1" /tmp/got || return 0
		sleep 0.02
	done
	return 1
}
for ((i = 0; i < 200; i++)); do
	! in_h test -e /tmp/got || break
	sleep 0.02
done
coproc R { exec ip netns exec R bash -c 'exec 3<>/dev/tcp/10.77.0.1/22; while read -r w; do echo "$w" >&3; done'; }
echo one >&"${R[1]}"
ok "a session is there (control)" heard one
in_h net-seal try --for 1s -q /etc/bnd/none
echo two >&"${R[1]}"
sleep 0.3
ok "its packets are stopped" is "$(in_h grep -c two /tmp/got)" 0
taken_back
ok "and it goes on when the list is taken back" heard two
in_h net-seal try --for 60s -q /etc/bnd/none
in_h net-seal confirm --json >"$T/json"
ok "a confirmation cuts it" is "$(field cut_sockets "$(cat "$T/json")")" 1
# shellcheck disable=SC1083,SC2093
exec {R[1]}>&-
kill "$session" 2>/dev/null
kill_waiter
tap_done
