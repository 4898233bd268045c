# legacy.sh: a host with two packet engines, rules of others in both, and who looks on
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
#
# After tap.sh, net.sh, seal.sh and leaks.sh, in an observer: legacy_up, then
#	probes ID; arrived ID	unlisted UDP, out and through, v4 and v6 apart
#	say_all			exit status, sealed, and the layers of both engines
#	same_as_before WHAT	the rules of others are what they were

without=$helper/without

probes() { # ID: unlisted UDP out and through, v4 and v6 apart
	in_h "$helper/probe" udp "$1-v4" "$nonce" 10.77.0.2 9
	in_h "$helper/probe" udp "$1-v6" "$nonce" fd77::2 9
	in_r "$helper/probe" udp "$1-fwd4" "$nonce" 10.77.1.2 9
	in_r "$helper/probe" udp "$1-fwd6" "$nonce" fd77:1::2 9
} 2>/dev/null
arrived() { # ID: what of it, in one word each
	sleep 0.12
	local way all=''
	for way in v4 v6 fwd4 fwd6; do
		(($(settle=0 seen "$1-$way" R S) == 0)) || all+=" $way"
	done
	echo "${all# }"
}
legacy_of_all() {
	in_h iptables-legacy-save "$@"
	in_h ip6tables-legacy-save "$@"
}
plain() { # dates, counters of built-in policies, and what a table without rules is
	sed '/^#/d; s/^\(:[A-Z]* [A-Z]*\) \[.*/\1/'
}
ours() {
	legacy_of_all -t raw | grep -c bnd-
	legacy_of_all -t mangle | grep -c bnd-
}
say_all() {
	echo "$status $(field sealed "$out") $(grep -oE '"(inet|legacy)":"[a-z]*"' <<<"$out" | tr -d '"' | paste -sd' ')"
}

legacy_up() {
	net_up
	tap R R r0
	tap S S s1
	# Somebody else's rules: a comment that would be rules if it were read as text (T29).
	# shellcheck disable=SC2016
	in_h bash -ec 'for t in iptables ip6tables; do
		for table in raw mangle nat; do
			$t-legacy -t $table -c 5 500 -A OUTPUT -d "$([[ $t == ip6* ]] && echo 2001:db8::9 || echo 203.0.113.9)"
		done
		$t-legacy -t mangle -N theirs; $t-legacy -t mangle -A INPUT -p tcp --dport 99 -j theirs
		$t-legacy -t mangle -A theirs -m comment --comment "quo\"ted
-A OUTPUT -j ACCEPT" -j ACCEPT
		$t-legacy -L -n
	done' >/dev/null
	foreign_rules || bail "no foreign rules"
	before=$(legacy_of_all -c | plain)
	before_nft=$(in_h nft -a list ruleset)
}
same_as_before() {
	local now
	now=$(legacy_of_all -c | plain)
	[[ $now == "$before" ]] || diag "$(diff <(echo "$before") <(echo "$now") | head -20)"
	ok "$1: legacy rules of others are byte-equal" is "$now" "$before"
	ok "$1: and those of nf_tables" is "$(in_h nft -a list ruleset)" "$before_nft"
}
