#!/bin/bash
# transition-real.t: all 36 pairs with the shipped enforcers, looked at from outside
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
command -v nft >/dev/null || skip_all "no nft"
spine_up
# The real enforcer after all, on the same clock as the rest.
install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal || bail "no net-seal"

ip link add seen0 type veth peer name seen1 || bail "no link"
ip addr add 10.9.9.1/24 dev seen0
ip link set seen0 up
ip link set seen1 up

# What the link counts, and ping says of loopback.
sees() {
	local out=shut lo=shut before after
	ping -c 1 -W 1 127.0.0.1 >/dev/null 2>&1 && lo=open
	ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:02 dev seen0 2>/dev/null
	before=$(cat /sys/class/net/seen0/statistics/tx_packets)
	bash -c 'for i in 1 2 3; do echo x >/dev/udp/10.9.9.2/9; done' 2>/dev/null
	after=$(cat /sys/class/net/seen0/statistics/tx_packets)
	((after - before < 3)) || out=open
	echo "$out $lo"
}
want() {
	case $1 in
	OPEN | RESTRICTED) echo "open open" ;;
	TRUSTED | AIRGAP | COLDROOM) echo "shut open" ;;
	LOCKDOWN) echo "shut shut" ;;
	esac
}
sysctl_strict() {
	case $1 in
	OPEN) is "$(cat /proc/sys/kernel/kptr_restrict)" "$found" ;;
	*) is "$(cat /proc/sys/kernel/kptr_restrict)" 2 ;;
	esac
}

echo 0 >/proc/sys/kernel/kptr_restrict
found=0
for from in "${modes[@]}"; do
	[[ $from != LOCKDOWN ]] || loosen to "$T" 2 OPEN >/dev/null 2>&1
	for to in "${modes[@]}"; do
		[[ $(mode-set --get) == "$from" ]] || mode-set "$from" >/dev/null 2>&1
		if at_least "$to" "$from" >/dev/null; then
			run mode-set "$to"
		else
			run loosen to "$T" 2 "$to"
		fi
		ok "$from to $to" is "$status $out" "0 $to"
		ok "$from to $to: net-seal reads it back" net-seal check --json
		ok "$from to $to: the knobs are its" sysctl_strict "$to"
		ok "$from to $to: out and loopback" is "$(sees)" "$(want "$to")"
		if [[ $(mode-set --get) != "$from" ]] && ! at_least "$from" "$(mode-set --get)" >/dev/null; then
			loosen to "$T" 2 "$from" >/dev/null 2>&1 || diag "cannot go back to $from"
		fi
	done
done
run chain-verify
ok "the log of all of it verifies" status 0
run mode-set --check
ok "kernel, state and log agree" status 0
tap_done
