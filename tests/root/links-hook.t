#!/bin/bash
# links-hook.t: whatever link comes, however many at once: judged, and no uplink unseen
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
probe=$helper/probe
in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'EOT'
version 1
vpn tv0/tun
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
EOT
index() {
	in_h cat "/sys/class/net/$1/ifindex"
}
up() {
	in_h ip -br link show "$1" | grep -q '[<,]UP[,>]'
}

# An index that says nothing: rules stand, the exit status tells usage from trouble
for m in TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	seal $m
	for i in 2147483647 999999 1; do
		run in_h net-seal hook $i --json
		ok "$m: hook $i: in force, exit 0" is "$status $(field sealed "$out")" "0 true"
	done
	for i in -1 +2 0 2147483648 18446744073709551618 2x ' 2' '' eth0; do
		run in_h net-seal hook -- "$i"
		ok "$m: hook '$i' is no index" is "$status $(grep -c 'not the index' <<<"$err$out")" "2 1"
	done
	ok "$m: lo stays as it was" up lo
	ok "$m: and check is content" is "$(in_h net-seal check -q; echo $?)" 0
done
loosen LOCKDOWN OPEN

# many WHERE FIRST LAST: pairs of links; the other ends are in R, or here
many() {
	local i there=''
	[[ $1 == here ]] || there='netns R'
	for ((i = $2; i <= $3; i++)); do
		echo "link add b$i type veth peer name e$i $there"
	done | ip -batch - || return
	for ((i = $2; i <= $3; i++)); do
		echo "link set b$i netns $host_pid"
		[[ $1 != here ]] || echo "link set e$i netns $host_pid"
	done | ip -batch - || return
	for ((i = $2; i <= $3; i++)); do
		echo "link set b$i up"
		[[ $1 != here ]] || echo "link set e$i up"
	done | in_h ip -batch - || return
	[[ $1 == here ]] || for ((i = $2; i <= $3; i++)); do
		echo "link set e$i up"
	done | in_r ip -batch -
}
# hooks PATTERN: one for each such link, sixteen at a time as udev runs them; how
# they ended, each status once with its number
hooks() {
	# shellcheck disable=SC2016
	in_h sh -c 'cat /sys/class/net/'"$1"'/ifindex | xargs -P16 -I{} sh -c "net-seal hook {} -q; echo \$?" 2>/dev/null' |
	    sort | uniq -c | awk '{ printf "%s%dx%d", s, $2, $1; s = " " }'
}
now() { echo $((${EPOCHREALTIME/./} / 1000)); }

# 200 links at once, TRUSTED
seal TRUSTED
ok "100 pairs of links" many here 1 100
run in_h net-seal check -q
ok "TRUSTED: they are seen before any hook has run" status 1
t=$(now)
ended=$(hooks '[be][0-9]*')
ok "TRUSTED: 200 hooks at once, each says 0" is "$ended" "0x200"
diag "200 hooks took $(($(now) - t)) ms"
run in_h nft list table netdev bnd
ok "every one is hooked, both ways" is "$(grep -oE '[ ,{]"?[be][0-9]+"?[ ,}]' <<<"$out" | wc -l)" 400
ok "check is content" is "$(in_h net-seal check -q; echo $?)" 0
tap E R r0
in_h sh -c 'for i in $(seq 1 100); do echo "link del b$i"; done | ip -batch -'

# Uplinks at once, AIRGAP: whoever comes first trips, and nothing stays up
seal AIRGAP
ok "20 wires to R" many R 1 20
t=$(now)
ended=$(hooks 'b[0-9]*')
ok "AIRGAP: whoever comes first says no ($ended)" like "$ended" '(^| )1x'
ok "AIRGAP: none of them is up" is "$(in_h ip -br link show up | grep -c '^b')" 0
diag "20 hooks took $(($(now) - t)) ms"
run in_h net-seal check --json
ok "AIRGAP: all down, all judged" is "$status $(field sealed "$out")" "0 true"
# The hook of a harmless link finds another's uplink: it must say so itself.
in_h ip link add so0 type veth peer name so1
in_h ip link set b7 up
run in_h net-seal hook "$(index so0)" --json
ok "AIRGAP: the hook of another link names the uplink, says no, takes it down" \
    is "$status $(grep -c '"uplink","text":"b7 came up"' <<<"$out") $(in_h cat /sys/class/net/b7/operstate)" "1 1 down"
run in_h net-seal hook "$(index b7)" --json
ok "AIRGAP: b7's own hook has nothing left to say" is "$status $(field sealed "$out")" "0 true"
seal COLDROOM
in_h ip link set so0 up
run in_h net-seal hook "$(index so0)" --json
ok "COLDROOM: a link that is not real goes down, and is no uplink" \
    is "$status $(in_h cat /sys/class/net/so0/operstate) $(grep -c '"uplink"' <<<"$out")" "0 down 0"

# A loosening is under way: the hook waits for its end and obeys what it ended in
loosen COLDROOM OPEN
in_h sh -c 'for i in $(seq 1 20); do echo "link del b$i"; done | ip -batch -'
seal AIRGAP
state leaving AIRGAP TRUSTED $txn $$
in_h net-seal hook "$(index so0)" --json >"$T/hook.out" 2>&1 &
hook=$!
sleep 0.3
ok "leaving: the hook waits" kill -0 $hook
loosen AIRGAP TRUSTED
ok "leaving: the loosening is done" is "$(field sealed "$out")" true
wait $hook
ok "leaving: then the hook obeys TRUSTED" is "$(field mode "$(cat "$T/hook.out")") $(field sealed "$(cat "$T/hook.out")")" "TRUSTED true"
ok "leaving: and the links it raised stay up" up h0
ok "leaving: check is content" is "$(in_h net-seal check -q; echo $?)" 0

# A link that is renamed, or comes back from elsewhere under another index
in_h ip link set h1 name r9
tap W S s1
in_h "$probe" frame ip N58 "$nonce" r9
n=$(seen N58 W)
run in_h net-seal hook 3
in_h "$probe" frame ip N58 "$nonce" r9
ok "N58: renamed: hooked again, nothing leaves" is "$(in_h net-seal check -q; echo $?) $(seen N58 W)" "0 $n"
diag "N58: between the rename and its hook $n of 1 raw frames left"
in_h ip link set r9 name h1
in_h net-seal hook 3 -q
in_h ip tuntap add tv0 mode tun
in_h ip link set tv0 up
run in_h net-seal hook "$(index tv0)" --json
ok "a vpn link that comes is taken, and not judged" \
    is "$(field sealed "$out") $(grep -c line <<<"$(grep -o '"waiting":\[[^]]*' <<<"$out")")" "true 0"
ok "the late chain names it" grep -q "oif $(index tv0)\|oif \"tv0\"" <(in_h nft list chain inet bnd late)
in_h ip link set tv0 down
in_h ip link set tv0 name tx0
run in_h net-seal hook "$(index tx0)" --json
ok "renamed, its line waits, and no rule lets out by it" \
    is "$(grep -o 'line 2 for tv0/tun: it is not there' <<<"$out") $(in_h nft list chain inet bnd late | grep -c tun)" \
    "line 2 for tv0/tun: it is not there 0"
in_h ip tuntap del tx0 mode tun
run in_h net-seal hook 2
ok "gone, and all is in force" is "$(in_h net-seal check -q; echo $?)" 0

# How long raw frames find a new link open, by the clock of whoever sends them
seal TRUSTED
net_link n0 R n1 9
tap N R n1
i=$(index n0)
in_h "$probe" flood "$nonce" n0 10.77.9.2 fd77:9::2 >"$T/sent" &
flood=$!
sleep 0.05
t=${EPOCHREALTIME/./}
in_h net-seal hook "$i" -q
t=$((${EPOCHREALTIME/./} - t))
n=$(seen l2 N)
sleep 0.3
ok "N72: TRUSTED: no frame after the hook has returned" is "$(seen l2 N)" "$n"
ok "N71: and no IP packet before it either" is "$(seen v4 N) $(seen v6 N)" "0 0"
in_h pkill -TERM -x probe
wait $flood
ok "the flood went on all the while (control)" test "$(cat "$T/sent")" -gt "$n"
diag "N72: $n raw frames passed before the hook had run; the hook took $t us"
tap_done
