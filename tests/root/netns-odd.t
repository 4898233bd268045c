#!/bin/bash
# netns-odd.t: other network namespaces that come, go, hide, hang or are many
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
command -v strace >/dev/null || skip_all "no strace"
net_up

# name N: a namespace of H called nN, held by its mount alone, with qN to rqN in R
in_n() {
	in_h ip netns exec "n$1" "${@:2}"
}
give() {
	local n=$1 mac
	ip link add "q$n" index $((100 + n)) type veth peer name "rq$n" netns R && ip link set "q$n" netns "$host_pid" &&
	    in_h ip link set "q$n" netns "n$n" || bail "no wire"
	in_r sh -ec "ip addr add 10.80.$n.2/24 dev rq$n; ip link set rq$n up"
	mac=$(net_mac in_r "rq$n")
	in_n "$n" sh -ec "ip addr add 10.80.$n.1/24 dev q$n; ip link set q$n up
		ip neigh replace 10.80.$n.2 lladdr $mac dev q$n nud permanent" || bail "no wire in n$n"
	tap "R$n" R "rq$n"
}
name() {
	in_h ip netns add "n$1" && give "$1"
}
# leaks N: what arrives of a datagram and a frame
leaks() {
	local had n=$1
	had=$(seen "v4" "R$n") had=$((had + $(settle=0 seen l2 "R$n")))
	in_n "$n" sh -c "$helper/probe udp v4 $nonce 10.80.$n.2 9; $helper/probe frame ip l2 $nonce q$n" 2>/dev/null
	echo $(($(seen v4 "R$n") + $(settle=0 seen l2 "R$n") - had))
}
# with INJECTION CMD...: in H, with a system call of it or its children disturbed
with() {
	local what=$1
	shift
	in_h strace -f -qq -o /dev/null -e trace=setns -e "inject=setns:$what" "$@"
}
apply() {
	run in_h net-seal apply "$1" --txn $txn --json
}
# until CMD...: it becomes true
until_true() {
	local i
	for ((i = 0; i < 200; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	return 1
}
# A net-seal is in nN.
visited() {
	in_h ip netns pids "n$1" 2>/dev/null | grep -q .
}
idle() {
	! in_h pgrep -x net-seal >/dev/null
}

# ---- made between two passes; killed in the middle ----
name 1
ok "n1 leaks in OPEN (control)" is "$(leaks 1)" 2
state TRUSTED
with delay_exit=1200000:when=1 net-seal apply TRUSTED --txn $txn -q 2>"$T/why" &
applying=$!
ok "a sweep is in n1" until_true visited 1
name 2
ok "n2, made meanwhile, leaks still (control)" is "$(leaks 2)" 2
wait $applying
ok "the apply is content" like "$?" '^(0|15)$' 
ok "n1 is sealed" is "$(leaks 1)" 0
ok "and n2, by the next pass" is "$(leaks 2)" 0
seal OPEN
with delay_exit=1200000:when=1 net-seal apply TRUSTED --txn $txn -q 2>/dev/null &
applying=$!
state TRUSTED
until_true visited 1
in_h pkill -KILL -o -x net-seal
wait $applying
ok "killed in the middle: nobody stays in there" until_true idle
ok "and n2 leaks (control)" is "$(leaks 2)" 2
apply TRUSTED
ok "the next apply repairs" is "$status $(leaks 1) $(leaks 2)" "0 0 0"

# ---- cannot be entered; hangs; ended who was in there ----
in_n 2 nft flush ruleset
in_n 1 nft flush ruleset
run with error=EPERM:when=1+ net-seal apply TRUSTED --txn $txn --json
ok "one that cannot be entered is a failure, by name" like "$status $out" '^19 .*n1: cannot enter.*n2: cannot enter'
in_n 2 nft flush ruleset
in_n 1 nft flush ruleset
run with signal=KILL:when=1 net-seal apply TRUSTED --txn $txn --json
ok "one where the child ends is, too" like "$status $out" '^19 .*mounted on /run/netns/n[12]: hangs, or ended'
ok "the other one is sealed" is "$(($(leaks 1) + $(leaks 2)))" 2
SECONDS=0
run with signal=STOP:when=1 net-seal check --json
ok "and one where it hangs" like "$status $out" '^1 .*mounted on /run/netns/n[12]: hangs'
ok "in $SECONDS seconds" test $SECONDS -lt 8
apply TRUSTED
ok "mended" is "$status $(leaks 1) $(leaks 2)" "0 0 0"

# ---- hidden under a mount ----
in_h mount -t tmpfs over /run/netns
run in_h net-seal check --json
ok "a mount that is covered is a failure" like "$status $out" '^1 .*mounted on /run/netns/n1: cannot be reached'
apply TRUSTED
ok "for an apply too" like "$status $out" '^19 '
in_h umount /run/netns
apply TRUSTED
ok "uncovered, all is well" status 0
# Found by a path alone, each is opened once more as self/fd/N.
mapfile -t again < <(printf -- '-Pself/fd/%s\n' {3..60})
run in_h strace -f -qq -o /dev/null "${again[@]}" -e inject=openat:error=EMFILE net-seal check --json
ok "one that cannot be opened is a failure" like "$status $out" '^1 .*mounted on /run/netns/n1: Too many open files'

# ---- both engines; by-passes ----
if in_h iptables-legacy -t raw -S >/dev/null 2>&1; then
	in_n 1 nft flush ruleset
	ok "nf_tables gone: the legacy tables hold n1 in IP" is "$(in_n 1 "$helper/probe" udp v4 "$nonce" 10.80.1.2 9 2>/dev/null; seen v4 R1)" "$(seen v4 R1)"
	run in_h net-seal check --json
	ok "check says so" like "$status $out" '^1 .*n1: nft.missing'
	in_n 1 iptables-legacy -t raw -F
	run in_h net-seal check --json
	ok "and of the legacy tables" like "$status $out" '^1 .*n1: legacy: IPv4 raw'
	apply TRUSTED
	ok "apply repairs both" status 0
	run in_h net-seal check
	ok "as check says" status 0
fi
if in_n 1 "$helper/probe" xdp q1 2>/dev/null; then
	run in_h net-seal check --json
	ok "an XDP program there is past the rules" like "$status $(field sealed "$out") $out" '^1 false .*n1: bypass: xdp on q1'
	apply TRUSTED
	ok "so its link goes down" like "$status $(field sealed "$out") $(field links_down "$out") $out" '^1 true 1 .*n1: bypass: xdp on q1'
	run in_h net-seal check --json
	ok "as check says and is content" like "$status $(field sealed "$out") $out" '^0 true .*n1: bypass: xdp on q1'
	in_n 1 ip link set q1 xdpgeneric off
	in_n 1 ip link set q1 xdp off
	apply TRUSTED
	ok "without it the link comes back" is "$status $(field links_up "$out") $(in_n 1 ip -4 -o addr show q1 | grep -c 10.80.1.1)" "0 1 1"
	ok "under the rules" is "$(leaks 1)" 0
fi

# ---- a circle of namespaces that leads nowhere ----
in_h sh -ec 'ip netns add v; ip netns add w; ip link add va netns v type veth peer name wa netns w
	ip -n v link set va up; ip -n w link set wa up
	ip link add vh type veth peer name hv netns w; ip link set vh up; ip -n w link set hv up'
apply TRUSTED
ok "a circle of namespaces joined to the host is left alone" is "$status $(in_h ip netns exec v nft list ruleset)$(in_h ip netns exec w nft list ruleset)" "0 "
ip link add xw type veth peer name rx netns R && ip link set xw netns "$host_pid" && in_h ip link set xw netns w
apply TRUSTED
ok "until one of them gets a link that leads out: that one is sealed" like \
    "$status $(in_h ip netns exec v nft list ruleset)$(in_h ip netns exec w nft list tables)" '^0 table.* bnd'
in_h ip netns del v
in_h ip netns del w

# ---- a hook finds what was moved away ----
name 3
run in_h net-seal hook 4711 --json
ok "a hook for a link that is not here any more finds it" like "$status $(leaks 3)" '^(0|15) 0$'

# ---- ended meanwhile; its inode is another's ----
seal AIRGAP
ok "AIRGAP" is "$status $(in_h ls /run/bnd/net/ns | wc -l)" "0 4"
was=$(in_h stat -Lc %i /run/netns/n1) mac=$(net_mac "in_n 1" q1)
in_h ip netns del n1
# The lowest that is free is taken; the kernel frees this one a moment later, and
# whoever else makes namespaces on this machine may be quicker.
hit=
reused() {
	local i
	for ((i = 0; i < 12; i++)); do
		in_h ip netns add "r$i"
		[[ $(in_h stat -Lc %i "/run/netns/r$i") != "$was" ]] || hit=r$i
	done
	for ((i = 0; i < 12; i++)); do
		[[ r$i == "$hit" ]] || in_h ip netns del "r$i"
	done
	[[ $hit ]]
}
for ((i = 0; i < 15; i++)); do
	! reused || break
done
if [[ $hit ]]; then
	ip link add q4 index 101 type veth peer name rq4 netns R && ip link set q4 netns "$host_pid" &&
	    in_h sh -ec "ip link set q4 address $mac; ip link set q4 netns $hit" || bail "no q4"
	ok "another namespace with the inode of n1 has a link of the same index and address (control)" \
	    like "$(in_h ip -n $hit -o link show q4)" "^101: .*$mac"
fi
loosen AIRGAP OPEN
ok "OPEN again, one having ended" is "$status $(field sealed "$out")" "0 true"
if [[ $hit ]]; then
	ok "the link in its place is not raised" in_h sh -c "! ip -n $hit link show q4 | grep -q '[<,]UP[,>]'"
	ok "and gets no address" is "$(in_h ip -n $hit -4 addr show)" ""
else
	skip_kernel "an inode that is another's" "somebody else on this machine took it"
fi
ok "the others are back" is "$(leaks 2) $(leaks 3)" "2 2"
ok "nothing is kept" is "$(in_h ls /run/bnd/net/ns)" ""

# ---- by a path that a server must be asked for, as on NFS, 9p or an overlay on them ----
# shellcheck disable=SC2016
in_h sh -c '[ -e /dev/fuse ] || mknod /dev/fuse c 10 229; mkdir /run/far; exec "$0" /run/far' "$helper/farfs" \
    >"$T/far" 2>"$T/why" &
far=$!
served() {
	grep -q up "$T/far" || ! kill -0 $far 2>/dev/null
}
until_true served
if grep -q up "$T/far"; then
	name 5
	in_h sh -ec 'mount -t tmpfs near /run/far/d; : >/run/far/d/x; mount --bind /run/netns/n5 /run/far/d/x
		umount /run/netns/n5; rm /run/netns/n5; ln -s /run/far/d/x /run/netns/n5' || bail "no n5"
	ok "n5, by such a path alone, leaks (control)" is "$(leaks 5)" 2
	seal TRUSTED
	ok "it is found and sealed" is "$status $(field sealed "$out") $(leaks 5)" "0 true 0"
	run in_h net-seal check
	ok "as check says" status 0
	in_h pkill -USR1 -x farfs
	in_n 2 nft flush ruleset
	SECONDS=0
	run in_h net-seal check --json
	ok "a server that falls silent is a failure, by name" \
	    like "$status $out" '^1 .*mounted on /run/far/d/x: a file system on the way is silent'
	ok "in $SECONDS seconds" test $SECONDS -lt 4
	apply TRUSTED
	ok "for an apply too" like "$status $out" '^19 .*/run/far/d/x: a file system on the way is silent'
	ok "the others are sealed" is "$(leaks 2)" 0
	ok "who asked and cannot be killed is still there (control)" in_h pgrep -x net-seal
	in_h pkill -KILL -x farfs
	ok "and ends with the server" until_true idle
	in_h umount -Rl /run/far
	in_h rm /run/netns/n5
	loosen TRUSTED OPEN
	ok "OPEN again" is "$status $(field sealed "$out")" "0 true"
else
	skip_kernel "a server that is asked each time" "no FUSE here: $(head -1 "$T/why")"
fi

# ---- who makes namespaces all the time ----
in_h sh -c 'while :; do unshare -n true; done' &
maker=$!
SECONDS=0
seal TRUSTED
ok "a process that keeps making namespaces does not hold up a seal" is "$status $(field sealed "$out")" "0 true"
ok "in $SECONDS seconds" test $SECONDS -lt 6
kill $maker
wait $maker 2>/dev/null

# ---- not where process 1 is ----
rules=$(in_h nft -s list ruleset | md5sum)
run in_h unshare -n net-seal apply TRUSTED --txn $txn --json
ok "outside the namespace of process 1 nothing is swept" like "$status $out" '^19 .*not the network namespace of process 1'
ok "so the host is not taken for another" is "$(in_h nft -s list ruleset | md5sum)" "$rules"
seal LOCKDOWN
ok "LOCKDOWN: not even lo there" is "$status $(in_n 2 nft list ruleset | grep -c 'iif.*lo.*accept')" "0 0"
tap_done
