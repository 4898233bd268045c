#!/bin/bash
# others-iptables.t: iptables' own shell tests, each on a sealed host: one engine at most
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../others.sh"
others_need iptables-source
need_observer
net_up
tar -C "$others_dirs/iptables/tests/shell" -cf - testcases | in_h sh -c 'mkdir /run/t && tar -C /run/t -xf -' ||
    bail "cannot unpack the tests"
in_h ln -sf /bin/true /usr/sbin/modprobe
others=iptables
others_watch
others_control
others_enter AIRGAP

# What a link that was down has lost, and the tables as they were before anybody.
in_h sh -c 'cat >/run/t/raise' <<EOT
link set h0 up
link set h1 up
addr replace fd77::1/64 dev h0 nodad
addr replace fd77:1::1/64 dev h1 nodad
neigh replace 10.77.0.2 lladdr $(net_mac in_r r0) dev h0 nud permanent
neigh replace fd77::2 lladdr $(net_mac in_r r0) dev h0 nud permanent
neigh replace 10.77.1.2 lladdr $(net_mac in_s s1) dev h1 nud permanent
neigh replace fd77:1::2 lladdr $(net_mac in_s s1) dev h1 nud permanent
EOT
in_h sh -c 'for t in raw mangle nat filter; do iptables-legacy -t $t -S; ip6tables-legacy -t $t -S; done
	cat >/run/t/all' >/dev/null <<'EOT'
cd /run/t || exit
for t in raw mangle nat filter; do
	echo "*$t"
	iptables-legacy -t $t -S | sed -n 's/^-P \([A-Z]*\) .*/:\1 ACCEPT [0:0]/p'
	echo COMMIT
done >fresh
# The seal first: what comes next opens one of its engines.
clear() {
	net-seal apply -q
	nft list tables | grep -v ' bnd$' | sed 's/^/delete /' >tables
	[ ! -s tables ] || nft -f tables
	if [ $back = legacy ]; then
		iptables-legacy-restore <fresh
		ip6tables-legacy-restore <fresh
		net-seal apply -q
	fi
	ip -batch raise
}
# Each script as its own harness runs it. A line each: back-end, script, its exit,
# what check finds.
for back in legacy nft; do
	for script in $(find ./testcases -type f -executable | sort); do
		XT_MULTI=xtables-$back-multi timeout 20 "$script" >/dev/null 2>&1 </dev/null
		status=$?
		codes=$(net-seal check --json | jq -r '[.findings[].code | select(. != "uplink" and . != "link.up")] |
			unique | join(",")')
		clear >/dev/null 2>&1
		echo "$back ${script#./testcases/} $status $codes"
	done
done
EOT
at=$(others_counts) both='' passed='' ran=0 hurt=0 whole=0
while read -r back script code codes <&9; do
	ran=$((ran + 1))
	((code != 0)) || whole=$((whole + 1))
	[[ ! $codes ]] || { hurt=$((hurt + 1)); diag "$back $script hurt $codes"; }
	[[ $codes != *nft* || $codes != *legacy* ]] || both+=" $back/$script"
	got=$(settle=0 grown ' v' "$at")
	[[ ! $got ]] || { passed+=" $back/$script: $got;"; at=$(others_counts); }
done 9< <(in_h bash /run/t/all)
got=$(grown ' v' "$at")
diag "$ran runs, $whole of them content with a host that is sealed, $hurt hurt an engine"
ok "T19: every script ran with both back-ends" test "$ran" -ge 100 -a "$whole" -ge $((ran / 3))
ok "T19: none hurt both engines" is "$both" ""
ok "T19: no packet passed, while they ran and after" is "$passed$got" ""
ok "T19: check is content after the last" is "$(others_findings)" ""
tap_done
