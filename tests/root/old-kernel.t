#!/bin/bash
# old-kernel.t: nf_tables without a family, or without egress: done without, or exit 19
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
in_h "$BND_TREE/tests/host-init" /tmp/keys >/dev/null 2>&1 || bail "cannot initialise H"
in_h install -m 755 "$helper/old-net-seal" /usr/sbin/net-seal || bail "not installed"
lacks() { in_h sh -c 'echo "$0" >/run/.bnd-test-lacks' "$1"; }
layers() { jq -c '.layers' <<<"$out"; }
down() { in_h ip -br link show up | awk '{ print $1 }'; }
state OPEN

# What the kernel has for it, MODE, exit and sealed, whether it can, and the layer.
while read -r what m want can layer; do
	lacks "$what"
	seal "$m"
	ok "N100: without $what, $m: exit and sealed" is "$status/$(field sealed "$out")" "$want"
	ok "N100: without $what, $m: the layer" is "$(field "$what" "$(layers)")" "$layer"
	[[ $can == yes ]] ||
	    ok "N100: without $what, $m: apply names it" like "$out" "\"lacks\"[^}]*$what"
	run in_h net-seal check --json
	ok "N100: without $what, $m: check says the same" \
	    is "$(field sealed "$out") $(field "$what" "$(layers)")" "${want#*/} $layer"
	run in_h net-seal can "$m"
	ok "N100: without $what, $m: so did can" like "$status $out $err" \
	    "$([[ $can == yes ]] && echo "^0 " || echo "^1 .*$what")"
	[[ $m != LOCKDOWN ]] || {
		ok "N100: without $what, $m: links are down" is "$(down)" lo
		[[ $what != egress ]] || ok "ingress is there without egress" \
		    like "$(in_h nft list table netdev bnd)" 'hook ingress'
		loosen LOCKDOWN OPEN
		in_h ip link show br0 >/dev/null 2>&1 && in_h ip link del br0
		in_h nft list tables >"$T/tables"
		ok "N100: without $what: nothing of it stays" not grep -q bnd "$T/tables"
	}
	[[ $what$m != bridgeTRUSTED || $can != yes ]] || in_h ip link add br0 type bridge
done <<'END'
none RESTRICTED 0/true yes
none TRUSTED 0/true yes
none LOCKDOWN 0/true yes
egress RESTRICTED 0/true yes unused
egress TRUSTED 19/false no absent
egress AIRGAP 0/true yes absent
egress LOCKDOWN 0/true yes absent
netdev RESTRICTED 0/true yes unused
netdev TRUSTED 19/false no absent
netdev AIRGAP 0/true yes absent
netdev LOCKDOWN 0/true yes absent
arp RESTRICTED 0/true yes unused
arp TRUSTED 19/false no absent
arp AIRGAP 0/true yes absent
arp LOCKDOWN 0/true yes absent
bridge RESTRICTED 0/true yes absent
bridge TRUSTED 0/true yes absent
bridge RESTRICTED 19/false no absent
bridge TRUSTED 19/false no absent
bridge AIRGAP 0/true yes absent
bridge LOCKDOWN 0/true yes absent
END
tap_done
