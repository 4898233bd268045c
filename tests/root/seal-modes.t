#!/bin/bash
# seal-modes.t: every mode in force as the kernel shows it; never laxer than the state
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
in_h "$BND_TREE/tests/host-init" /tmp/keys >/dev/null 2>&1 || bail "cannot initialise H"
in_h cp -p /run/bnd/state /tmp/state

in_h nft -f - <<'NFT'
table inet foreign {
	set s { type ipv4_addr; elements = { 10.9.9.9 } }
	chain out { type filter hook output priority -400; policy accept; accept; }
	chain in { type filter hook input priority 0; policy accept; ct state established accept; }
}
table ip bnd {
	chain c { type filter hook input priority 0; policy accept; ip ttl 1 drop; }
}
NFT
before=$(in_h nft -a list ruleset)

# Each mode, its tables, and a check that agrees with the apply.
declare -A tables=([OPEN]='' [RESTRICTED]='bridge inet' [TRUSTED]='arp bridge inet netdev'
	[AIRGAP]='arp bridge inet netdev' [COLDROOM]='arp bridge inet netdev'
	[LOCKDOWN]='arp bridge inet netdev')
have() {
	in_h nft list tables | awk '$3 == "bnd" && $2 != "ip" { print $2 }' | sort | paste -sd ' '
}
for m in OPEN RESTRICTED TRUSTED AIRGAP COLDROOM LOCKDOWN; do
	seal $m
	ok "$m: apply exits 0" status 0
	ok "$m: and says it is sealed" is "$(field mode "$out") $(field sealed "$out")" "$m true"
	ok "$m: the kernel has its tables" is "$(have)" "${tables[$m]}"
	run in_h net-seal check --json
	ok "$m: check agrees" is "$status $(field sealed "$out")" "0 true"
	run in_h net-seal can $m
	ok "$m: and this kernel says it can" is "$status $out" "0 $m: yes"
done
ok "a tightening took both links down" is "$(in_h ip -br link show up | awk '{ print $1 }')" lo

# What is looser than the state is refused, whoever asks.
for m in OPEN AIRGAP COLDROOM; do
	run in_h net-seal apply $m --txn $txn --json
	ok "$m in LOCKDOWN: no, and LOCKDOWN is in force" \
	    is "$status $(field mode "$out") $(field sealed "$out")" "1 LOCKDOWN true"
done
run in_h net-seal apply OPEN
ok "a mode without a transaction is a usage error" status 2
for parent in 1 99999; do
	state leaving LOCKDOWN AIRGAP $txn $parent
	run in_h net-seal apply AIRGAP --txn $txn --json
	ok "a transaction of another parent ($parent) loosens nothing" is "$status $(field mode "$out")" "1 LOCKDOWN"
done
# shellcheck disable=SC2016
run in_h bash -c '"$0/state" leaving LOCKDOWN AIRGAP $1 $$
	net-seal apply AIRGAP --txn ffffffffffffffffffffffffffffffff --json; exit $?' "$helper" $txn
ok "another transaction's id loosens nothing" is "$status $(field mode "$out")" "1 LOCKDOWN"
# shellcheck disable=SC2016
run in_h bash -c '"$0/state" leaving LOCKDOWN AIRGAP $1 $$
	net-seal apply OPEN --txn $1 --json; exit $?' "$helper" $txn
ok "nor further than the transaction goes" is "$status $(field mode "$out")" "1 LOCKDOWN"
state request LOCKDOWN
# shellcheck disable=SC2016
run in_h bash -c '"$0/state" leaving COLDROOM AIRGAP $1 $$
	net-seal apply AIRGAP --txn $1 --json; exit $?' "$helper" $txn
ok "nor below a request" is "$status $(field mode "$out") $(field sealed "$out")" "1 LOCKDOWN true"
in_h rm -rf /run/bnd/request

# No usable state is LOCKDOWN, applied.
seal AIRGAP
for spoil in 'rm /run/bnd/state' 'truncate -s 40 /run/bnd/state' 'chmod 666 /run/bnd/state' \
    'rm /run/bnd/state; mkfifo /run/bnd/state'; do
	state AIRGAP && in_h sh -c "$spoil"
	run in_h net-seal apply --json
	ok "$spoil: LOCKDOWN, exit 9" is "$status $(field mode "$out") $(field sealed "$out")" "9 LOCKDOWN true"
	in_h rm -f /run/bnd/state
done

# Back, in one transaction, and everything foreign is what it was.
state LOCKDOWN && run in_h net-seal apply
loosen LOCKDOWN OPEN
ok "LOCKDOWN to OPEN in a transaction" is "$status $(field mode "$out") $(field sealed "$out")" "0 OPEN true"
ok "foreign rules and tables called bnd elsewhere are byte-equal" is "$(in_h nft -a list ruleset)" "$before"
ok "both links are up again" is "$(in_h ip -br link show up | awk '{ print $1 }' | sort | paste -sd ' ' | sed 's/@[a-z0-9]*//g')" "h0 h1 lo"

# Equal samples are no event; each change is one; several at once are all said.
seal TRUSTED
events=0
for ((i = 0; i < 100; i++)); do
	in_h net-seal check -q || events=$((events + 1))
done
ok "100 checks of a sealed host find nothing" is $events 0
in_h nft delete table arp bnd
run in_h net-seal check --json
ok "one change is found" is "$status $(field sealed "$out")" "1 false"
in_h nft delete table bridge bnd
in_h nft add rule inet bnd late accept
in_h sh -c 'mkdir -p /etc/bnd; echo "version 1" >/etc/bnd/net.allow; chmod 644 /etc/bnd/net.allow'
run in_h net-seal check --json
for what in 'arp: table' 'bridge: table' 'inet late: rule' 'net.allow is not the list'; do
	ok "three changes at once: $what is said" like "$out" "$what"
done
run in_h net-seal apply --json
ok "apply repairs and exits as the edited list demands" is "$status $(field sealed "$out")" "1 true"
run in_h net-seal apply -n
ok "-n prints rules" like "$out" 'table inet bnd'
in_h sh -c 'net-seal apply -n >/tmp/rules && nft -c -f /tmp/rules'
ok "which nft takes" is $? 0

# What is no link, and a card whose link is elsewhere, are listed
seal TRUSTED
codes() { jq -r ".$1[].code" <<<"$out" | sort -u | paste -sd ' '; }
ok "N108: every card has its link (control)" unlike " $(codes findings) $(codes uncovered) " ' unseen '
if in_h grep -q '^AF_VSOCK ' /proc/net/protocols; then
	ok "N106: AF_VSOCK is reported" like " $(codes uncovered) " ' vsock '
else
	skip_kernel "N106: AF_VSOCK" "not in this kernel"
fi
in_h sh -c 'd=/sys/bus/pci/devices/0000:00:09.0; mkdir $d && echo 0x020000 >$d/class && ln -s ../vfio-pci $d/driver'
run in_h net-seal check --json
ok "N108: a card that was given away is a finding, and no reason for a status" \
    is "$status $(field sealed "$out") $(codes findings)" "0 true unseen"
in_h rm -r /sys/bus/pci/devices/0000:00:09.0

# Unprivileged and odd uses
run in_h setpriv --reuid 65534 --clear-groups net-seal apply
ok "not root: exit 10" status 10
run in_h setpriv --reuid 65534 --clear-groups net-seal apply -R /tmp
ok "-R does not give what root has" status 1
run in_h env LD_PRELOAD=/nonexistent XTABLES_LIBDIR=/tmp net-seal apply --json
ok "the environment changes nothing" like "$out" '"sealed":true'
for bad in 'hook' 'hook eth0' 'hook 0' 'hook -1' 'can' 'can mars' 'apply mars' 'fly' ''; do
	# shellcheck disable=SC2086
	run in_h net-seal $bad
	ok "net-seal $bad: exit 2" status 2
done

# XB-30: nothing of ours opens a socket that could reach out, in any mode
state OPEN
for m in OPEN RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	state $m
	in_h strace -qq -f -e trace=socket,connect,sendto -o /tmp/sockets sh -c "
		net-seal apply $m --txn $txn -q; net-seal check -q; net-seal hook 2 -q"
	run in_h cat /tmp/sockets
	# The legacy tables are asked through a socket of IP, which stays as it is made.
	ok "$m: only netlink and local sockets" is \
	    "$(grep -cE 'AF_PACKET|(connect|sendto)\(.*AF_INET' <<<"$out")" 0
	ok "$m: and those were seen (control)" like "$out" AF_NETLINK
done

# A host without nf_tables (no socket of that bus can be had): 19, links down
# all the same, and nothing is said that is not so.
state LOCKDOWN
in_h net-seal apply LOCKDOWN --txn $txn -q
loosen LOCKDOWN OPEN
state AIRGAP
run in_h strace -qq -o /dev/null -e trace=socket -e inject=socket:error=EPROTONOSUPPORT:when=2+ \
    net-seal apply AIRGAP --txn $txn --json
ok "without nf_tables: exit 19, not sealed" is "$status $(field sealed "$out")" "19 false"
ok "and the links are down" is "$(in_h ip -br link show up | awk '{ print $1 }')" lo
run in_h strace -qq -o /dev/null -e trace=socket -e inject=socket:error=EPROTONOSUPPORT:when=2+ \
    net-seal check --json
ok "check says so too" is "$status $(field sealed "$out")" "19 false"

# What a host can have by its engines: the exit status of the apply, whether it is
# sealed, and what "can" says beforehand. H forwards, and without nf_tables there
# is no ctnetlink either: a finding.
state OPEN
in_h net-seal apply OPEN --txn $txn -q
while read -r on m want can; do
	host "$on"
	seal "$m"
	ok "$on, $m: exit and sealed" is "$status/$(field sealed "$out")" "$want"
	run in_h "${as[@]}" net-seal check --json
	ok "$on, $m: check says the same" is "$(field sealed "$out")" "${want#*/}"
	run in_h "${as[@]}" net-seal can "$m" -q
	ok "$on, $m: and so did can" is "$status" "$can"
	[[ $m != LOCKDOWN ]] || {
		ok "$on, $m: links are down all the same" is "$(in_h ip -br link show up | awk '{ print $1 }')" lo
		# The next host has not its tables to begin with.
		loosen LOCKDOWN OPEN
	}
done <<'END'
nft RESTRICTED 0/true 0
nft TRUSTED 0/true 0
nft AIRGAP 0/true 0
nft COLDROOM 0/true 0
nft LOCKDOWN 0/true 0
legacy RESTRICTED 1/true 0
legacy TRUSTED 19/false 1
legacy AIRGAP 0/true 0
legacy COLDROOM 0/true 0
legacy LOCKDOWN 0/true 0
neither RESTRICTED 19/false 1
neither TRUSTED 19/false 1
neither AIRGAP 19/false 1
neither COLDROOM 19/false 1
neither LOCKDOWN 19/false 1
END
host both

# With mode-set: a repair is on the log, and an uplink in AIRGAP trips LOCKDOWN.
in_h sh -c 'rm -f /run/bnd/net/list; cp -p /tmp/state /run/bnd/state; nft flush ruleset
	ip link set h0 up; ip link set h1 up'
run in_h mode-set airgap
ok "mode-set airgap" is "$status $(in_h mode-set --get)" "0 AIRGAP"
in_h nft delete table inet bnd
run in_h net-seal apply --json
ok "a repair exits 0" is "$status $(field sealed "$out")" "0 true"
run in_h sh -c 'cat /var/lib/bnd/log/*'
for ev in net.drift net.repair; do
	ok "$ev is on the log" like "$out" "\"ev\":\"$ev\""
done
in_h ip link set h0 up
run in_h net-seal hook 2 --json
ok "an uplink in AIRGAP: the hook says no and takes it down" \
    is "$status $(in_h cat /sys/class/net/h0/operstate)" "1 down"
ok "and LOCKDOWN is tripped" is "$(in_h mode-set --get)" LOCKDOWN
ok "in the kernel too" is "$(in_h net-seal check --json | grep -o '"mode":"LOCKDOWN","sealed":true')" '"mode":"LOCKDOWN","sealed":true'
ok "net.uplink is on the log" grep -q '"ev":"net.uplink"' <(in_h sh -c 'cat /var/lib/bnd/log/*')
run in_h chain-verify
ok "and the log verifies" status 0

# T22: radios, by a switch made of a file: what is written over its event is one
switch() { in_h sh -c 'printf "\003\000\000\000\001\000\00$0\000" >/dev/rfkill' "$1"; }
soft() { in_h od -An -tu1 -j6 -N1 /dev/rfkill | tr -d ' '; }
in_h sh -c 'mount -t tmpfs t /sys/class && mkdir -p /sys/class/rfkill/rfkill3 && echo phy0 >/sys/class/rfkill/rfkill3/name'
switch 0
seal AIRGAP
ok "a radio is blocked in AIRGAP" is "$status $(field radios "$out") $(soft)" "0 used 1"
switch 0
run in_h net-seal check --json
ok "T22: an open one is seen" is "$status $(field sealed "$out") $(field radios "$out")" "1 false failed"
run in_h net-seal apply --json
ok "T22: and blocked again, which is drift" is "$(field sealed "$out") $(soft) $(codes findings)" "true 1 radio"
switch 0
run in_h net-seal hook radio --json
ok "T22: the hook does so too, and tells" is "$(field sealed "$out") $(soft) $(codes findings)" "true 1 radio"
seal AIRGAP
in_h mv /dev/rfkill /dev/elsewhere
seal AIRGAP
ok "one that cannot be asked is not blocked: exit 19" is "$status $(field sealed "$out")" "19 false"
in_h mv /dev/elsewhere /dev/rfkill
loosen AIRGAP OPEN
ok "back in OPEN it is open again" is "$status $(soft)" "0 0"
in_h sh -c 'umount /sys/class; rm /dev/rfkill'
tap_done
