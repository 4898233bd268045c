#!/bin/bash
# leaks-legacy.t: the catalogue of IP leaks on a host that has only the legacy tables
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up
foreign_ct || bail "no conntrack here"
host legacy
# Flows forwarded before go on where there is no ctnetlink, which the wrapper takes.
declare -A how=([RESTRICTED]=finding [TRUSTED]=cannot)
legacy() {
	in_h iptables-legacy-save | sed 's/^#.*//; s/\[[0-9:]*\]//'
	in_h ip6tables-legacy-save | sed 's/^#.*//; s/\[[0-9:]*\]//'
}
in_h sh -ec 'for t in iptables-legacy ip6tables-legacy; do
	for table in raw mangle filter; do $t -t $table -I OUTPUT -j ACCEPT; done; done'
before=$(legacy)

for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	leaks arm
	leaks control
	enter $m "${how[$m]:-}"
	ok "$m: by the legacy tables alone" like "$out" '"inet":"absent".*"legacy":"used"'
	ok "$m: no table of nf_tables is ours" is "$(in_h nft list tables | grep -c ' bnd$')" 0
	leaks judge "$m"
	# The rules alone, without the links being down.
	if [[ ! ${how[$m]:-} ]]; then
		leaks_raise
		leaks judge "$m, links held up"
	fi
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
ok "legacy rules of others are what they were" is "$(legacy)" "$before"

# A rule names a link, but the index decides.
leaks serve H 6038
leaks udp R app P 10.77.0.1 6038 N38 control: in by h0 in OPEN
enter RESTRICTED finding
leaks udp R app . 10.77.0.1 6038 N38 RESTRICTED: listed for h1, in by h0
leaks udp S app P 10.77.1.1 6038 N38 RESTRICTED: listed for h1, in by h1
in_h sh -ec 'ip link set h1 name hx; ip link set h0 name h1'
leaks udp R app . 10.77.0.1 6038 N38 RESTRICTED: listed for h1, in by h0 that is called so now
in_h sh -ec 'ip link set h1 name h0; ip link set hx name h1'

# New flows are counted and told here, for nobody else does it.
run in_h iptables-legacy-save -t mangle
ok "new flows are told, at a limit" like "$out" 'bnd-out .*NEW -m limit --limit 10/sec --limit-burst 50 -j LOG --log-prefix "bnd out " --log-uid'
seal OPEN
ok "and nothing of that stays" is "$(legacy)" "$before"
tap_done
