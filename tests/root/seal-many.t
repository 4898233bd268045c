#!/bin/bash
# seal-many.t: three hundred links: all hooked, all down, all back, in linear time
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up

# links N: so many more, half of them real (their other end is in R)
made=0
links() {
	local i
	for ((i = made; i < made + $1; i++)); do
		echo "link add m$i type veth peer name n$i netns R"
	done | ip -batch - || return
	for ((i = made; i < made + $1; i++)); do
		echo "link set m$i netns $host_pid"
	done | ip -batch - || return
	for ((i = made; i < made + $1; i++)); do
		echo "addr add 10.88.$((i / 250)).$((i % 250 + 1))/32 dev m$i"
		echo "link set m$i up"
		echo "route add 10.89.$((i / 250)).$((i % 250 + 1))/32 dev m$i"
	done | in_h ip -batch - || return
	for ((i = made; i < made + $1; i++)); do
		echo "link set n$i up"
	done | in_r ip -batch - || return
	made=$((made + $1))
}
now() { echo "${EPOCHREALTIME/./}"; }
# cost CMD...: microseconds, the best of five
cost() {
	local best=999999999 i a b
	for ((i = 0; i < 5; i++)); do
		a=$(now)
		in_h "$@" >/dev/null
		b=$(now)
		((b - a >= best)) || best=$((b - a))
	done
	echo $best
}
ok "30 links" links 30
seal TRUSTED
few=$(cost net-seal check -q)
ok "270 more" links 270
before=$(in_h ip -4 route show | sort)
seal TRUSTED
ok "TRUSTED with 302 links" is "$status $(field sealed "$out") $(field links_all "$out")" "0 true 303"
run in_h nft list table netdev bnd
for i in 0 1 299; do
	ok "m$i is hooked both ways" is "$(grep -cE "[ ,{]m${i}[ ,}]" <<<"$out")" 2
done
ok "in blocks that a chain takes" is "$(grep -c 'chain in-' <<<"$out")" 2
many=$(cost net-seal check -q)
ok "check is linear: $few us with 32, $many us with 302" test "$many" -lt $((few * 12))
run in_h net-seal check
ok "and content" status 0
seal AIRGAP
ok "AIRGAP takes all of them down" is "$status $(field links_down "$out") $(in_h ip -br link show up | wc -l)" "0 302 1"
loosen AIRGAP OPEN
ok "and all come back" is "$(field links_up "$out") $(in_h ip -br link show up | wc -l)" "302 303"
ok "with their routes" is "$(in_h ip -4 route show | sort)" "$before"
tap_done
