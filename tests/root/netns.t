#!/bin/bash
# netns.t: other network namespaces that hold a real link are sealed, others left alone
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
command -v strace >/dev/null || skip_all "no strace"
net_up
tap R R r0

# Namespaces of H. Those with a link of their own to R, by what holds them:
#	N a bind mount	P a process	T one thread	F one descriptor
#	X a bind mount in the mount namespace of a process
#	Y the same, where a bind mount holds the mount namespace
# and M with a macvlan child of h0. To be left alone: C, a container, and U, of a
# user without privilege.
declare -A at=([N]=/run/netns/N) way
started=()
# start NAME CMD...: in H; the line it says is where the namespace is
start() {
	local name=$1 i
	shift
	in_h "$@" >"$T/said.$name" &
	started+=($!)
	for ((i = 0; i < 200; i++)); do
		[[ ! -s $T/said.$name ]] || break
		sleep 0.02
	done
	at[$name]=$(head -1 "$T/said.$name")
	[[ ${at[$name]} ]] || bail "no $name"
}
# They end with H, and bash need not speak of it.
at_exit end_started
end_started() {
	kill "${started[@]}" 2>/dev/null
	wait "${started[@]}" 2>/dev/null
}
in_ns() {
	local name=$1
	shift
	# shellcheck disable=SC2086
	in_h ${way[$name]-} nsenter "--net=${at[$name]}" "$@"
}
# What stands between the quotes is the inner shell's.
# shellcheck disable=SC2016
make_namespaces() {
	local hold='echo /proc/$$/ns/net; exec sleep infinity'
	in_h ip netns add N || bail "no N"
	start P unshare -n sh -c "$hold"
	start T "$helper/nsheld" thread
	start F "$helper/nsheld" fd
	in_h sh -ec 'mkdir /run/hide; mount -t tmpfs hide /run/hide; mount --make-private /run/hide
		: >/run/hide/x; : >"/run/hide/a b"; : >/run/hide/mnt' || bail "nowhere to hide"
	start X unshare -m sh -c 'unshare -n mount --bind /proc/self/ns/net /run/hide/x
		echo /proc/$$/root/run/hide/x; exec sleep infinity'
	# A kernel that numbers them by processor refuses now and then, lest they loop.
	local i
	for ((i = 0; i < 20; i++)); do
		! in_h unshare -n unshare --mount=/run/hide/mnt mount --bind /proc/self/ns/net "/run/hide/a b" 2>/dev/null ||
		    break
	done
	at[Y]="/run/hide/a b" way[Y]="nsenter --mount=/run/hide/mnt"
	start M unshare -n sh -c "$hold"
	start C unshare -n sh -c "$hold"
	start U setpriv --reuid 1234 --regid 1234 --clear-groups unshare -Urn sh -c "
		sysctl -qw net.ipv6.conf.default.disable_ipv6=1
		ip link add u0 type veth peer name u1; ip addr add 10.66.0.1/24 dev u0
		ip link set u0 up; ip link set u1 up; $hold"
}

held=(N P T F X Y)
declare -A number=([N]=1 [P]=2 [T]=3 [F]=4 [X]=5 [Y]=6)
# wire NAME: q in it, rqN in R
wire() {
	local n=${number[$1]}
	ip link add "q$n" type veth peer name "rq$n" netns R && ip link set "q$n" netns "$host_pid" ||
	    bail "no wire"
	# shellcheck disable=SC2086
	in_h ${way[$1]-} ip link set "q$n" netns "${at[$1]}" || bail "no wire into $1"
	ip netns exec R sysctl -qw "net.ipv6.conf.rq$n.accept_dad=0"
	in_ns "$1" sysctl -qw "net.ipv6.conf.q$n.accept_dad=0"
	in_r sh -ec "ip addr add 10.80.$n.2/24 dev rq$n; ip addr add fd80:$n::2/64 dev rq$n nodad; ip link set rq$n up" &&
	    furnish "$1" && tap "R$n" R "rq$n" || bail "no wire in $1"
}
# The link up with all it has; again for one that lost it.
furnish() {
	local n=${number[$1]} mac
	mac=$(in_r cat "/sys/class/net/rq$n/address" 2>/dev/null) || mac=$(net_mac in_r "rq$n")
	in_ns "$1" sh -ec "
		ip link set q$n up
		ip addr replace 10.80.$n.1/24 dev q$n; ip addr replace fd80:$n::1/64 dev q$n nodad
		ip neigh replace 10.80.$n.2 lladdr $mac dev q$n nud permanent
		ip neigh replace fd80:$n::2 lladdr $mac dev q$n nud permanent
		ip route replace 10.99.$n.0/24 via 10.80.$n.2
		ip route replace 10.98.$n.0/24 via 10.80.$n.2 table 77
		ip -6 route replace fd99:$n::/64 via fd80:$n::2"
}
fire() {
	local n=${number[$1]}
	in_ns "$1" sh -c "
		$helper/probe udp v4 $nonce 10.80.$n.2 9
		$helper/probe udp v6 $nonce fd80:$n::2 9
		$helper/probe frame ip l2 $nonce q$n" 2>/dev/null
}
count() {
	awk '$1 ~ /^(v4|v6|l2)$/ { n[$1] += $2 } END { print n["v4"] + 0, n["v6"] + 0, n["l2"] + 0 }' "$T/R${number[$1]}"
}
more() {
	awk '{ print $4 - $1, $5 - $2, $6 - $3 }' <<<"$1 $2"
}
# fire_all LABEL WANT NAME...: what arrives of v4, v6 and a frame, from each
fire_all() {
	local label=$1 want=$2 name
	shift 2
	local -A had
	for name; do
		had[$name]=$(count "$name")
		fire "$name"
	done
	sleep 0.12
	for name; do
		ok "$label: $name by $(what "$name")" is "$(more "${had[$name]}" "$(count "$name")")" "$want"
	done
}
what() {
	case $1 in
	N) echo "bind mount only" ;;
	P) echo process ;;
	T) echo "one thread only" ;;
	F) echo "one descriptor only" ;;
	X) echo "bind mount in a private mount namespace" ;;
	Y) echo "bind mount in a mount namespace that a bind mount holds" ;;
	esac
}
# What a namespace is like, without what the loss of carrier at the other end shows.
inside() {
	in_ns "$1" sh -c 'ip -d link; ip addr; ip route show table all; ip -6 route show table all
		ip neigh show nud permanent; nft list ruleset; ip rule; tc qdisc' |
	    sed -E 's/ ?(linkdown|tentative|dadfailed|dead)//g; s/state [A-Z]+ //; s/<[A-Z,_-]*>//'
}
same() {
	inside "$1" | diff "$T/before.$1" - | sed 's/^/# /'
	return "${PIPESTATUS[1]}"
}

make_namespaces
for n in "${held[@]}"; do
	wire "$n"
done
in_h ip link add m0 link h0 type macvlan mode bridge && in_h ip link set m0 netns "${at[M]}" || bail "no macvlan"
in_ns M sh -ec "sysctl -qw net.ipv6.conf.m0.disable_ipv6=1; ip addr add 10.77.0.3/24 dev m0; ip link set m0 up
	ip neigh replace 10.77.0.2 lladdr $(net_mac in_r r0) dev m0 nud permanent" || bail "no M"
in_h sh -ec "ip link add vc type veth peer name eth0; ip link set eth0 netns ${at[C]}
	ip addr add 10.88.0.1/24 dev vc; ip link set vc up" || bail "no C"
in_ns C sh -ec 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1; ip addr add 10.88.0.2/24 dev eth0; ip link set eth0 up; ip link set lo up
	ip route add default via 10.88.0.1; nft add table inet bnd; nft add chain inet bnd mine' || bail "no C"
in_h mkdir -p /etc/bnd
printf 'version 1\nout TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820\n' |
    in_h sh -c 'cat >/etc/bnd/net.allow; chmod 644 /etc/bnd/net.allow'
in_ns P "$helper/probe" serve 6002 "$nonce" /tmp/P.app &
started+=($!)
served() {
	in_r "$helper/probe" udp in "$nonce" 10.80.2.1 6002 2>/dev/null
	sleep 0.12
	in_h awk '$1 == "in" { n = $2 } END { print n + 0 }' /tmp/P.app
}
macvlan() {
	in_ns M "$helper/probe" udp mac "$nonce" 10.77.0.2 51820 2>/dev/null
	seen mac R
}

for n in N P C U M; do
	inside "$n" >"$T/before.$n"
done
fire_all "OPEN control" "1 1 1" "${held[@]}"
was=$(served)
ok "OPEN control: into P" is "$was" 1
ok "OPEN control: macvlan child elsewhere" is "$(macvlan)" 1

# ---- TRUSTED: rules, links stay up ----
seal TRUSTED
ok "TRUSTED: all of them are found, and held" like "$status $(field sealed "$out") $out" \
    '^(0|15) true .*"namespaces":\{"seen":9,"sealed":7\}'
ok "the layer is used" like "$out" '"namespaces":"used"'
fire_all TRUSTED "0 0 0" "${held[@]}"
ok "TRUSTED: into P" is "$(served)" "$was"
ok "TRUSTED: a listed flow by the macvlan child (N65)" is "$(macvlan)" 1
in_h "$helper/probe" udp host "$nonce" 10.77.0.2 51820
ok "TRUSTED: the same flow of the host (control)" is "$(seen host R)" 1
ok "links there are up" in_ns N sh -c 'ip -br link show q1 | grep -q UP'
run in_h net-seal check
ok "and check agrees" status 0

# ---- AIRGAP: links down too ----
seal AIRGAP
ok "AIRGAP is in force" is "$status $(field sealed "$out")" "0 true"
for n in "${held[@]}"; do
	ok "AIRGAP: the link of $n is down" in_ns "$n" sh -c "! ip link show q${number[$n]} | grep -q '[<,]UP[,>]'"
done
for n in C U; do
	ok "N70 AIRGAP: $n is left alone" same $n
done
for n in "${held[@]}"; do
	furnish "$n"
done
fire_all "AIRGAP, links held up" "0 0 0" "${held[@]}"
ok "AIRGAP, links held up: into P" is "$(served)" "$was"
run in_h net-seal check --json
ok "check finds a link that is up there" like "$status $out" '^1 .*"code":"namespace","text":"net:\[[0-9]+\], .*: link: q1 is up"'
in_ns P nft delete table inet bnd
run in_h net-seal check --json
ok "and rules that are gone" like "$status $out" '^1 .*"namespace","text":"net:\[[0-9]+\], pid [0-9]+: nft.missing: inet'
ok "in a namespace that has a name" like "$out" 'mounted on /run/netns/N'
run in_h net-seal apply --json
ok "apply repairs both" like "$status $(field sealed "$out") $(field links_down "$out")" '^(0|15) true 6$'
run in_h net-seal check
ok "so check has nothing to say" status 0

# ---- back ----
loosen AIRGAP TRUSTED
ok "TRUSTED again" is "$status $(field sealed "$out")" "0 true"
fire_all "TRUSTED again, links up" "0 0 0" "${held[@]}"
loosen TRUSTED OPEN
ok "OPEN again" is "$status $(field sealed "$out")" "0 true"
for n in N P M C U; do
	ok "N70 OPEN: $n is as it was" same $n
done
fire_all "OPEN again" "1 1 1" "${held[@]}"
ok "nothing is kept of them" is "$(in_h ls /run/bnd/net/ns)" ""

# ---- N57: what stands in a queue there ----
queued() {
	in_ns N tc qdisc replace dev q1 root tbf rate "$1" burst 1600 latency 60s || return
	in_ns N sh -c 'for i in 1 2 3 4 5 6 7 8; do "$0" frame lldp N57 "$1" q1
		ping -q -c1 -W0.01 -s 900 10.80.1.2; done' "$helper/probe" "$nonce" >/dev/null 2>&1
	return 0
}
if queued 8kbit; then
	seal TRUSTED
	ok "TRUSTED: a queue there that takes too long is said" \
	    like "$status $(field sealed "$out") $out" '^1 true .*N: backlog: q1: [0-9]+ packets in its tbf'
	seal TRUSTED
	ok "and again by the next" like "$status $(field sealed "$out") $out" '^1 true .*N: backlog: q1'
	loosen TRUSTED OPEN
else
	skip_kernel "N57 elsewhere" "no tbf here"
fi
tap_done
