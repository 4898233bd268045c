#!/bin/bash
# check-findings.t: mode-set --check lists and records all that is wrong
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
"$BND_TREE/tests/host-init" "$T/keys" || bail "no host"
log=/var/lib/bnd/log/000001.jsonl

mode-set restricted >/dev/null || bail "no RESTRICTED"
run mode-set --check
ok "control: nothing is wrong" status 0

nft delete table inet bnd
nft flush chain bridge bnd forward
echo 0 >/proc/sys/kernel/dmesg_restrict
run mode-set --check
ok "three things are wrong: no" status 1
ok "the table that is gone" like "$out" 'net is not in force: nft\.missing: inet'
ok "the rule that is gone" like "$out" 'net is not in force: nft\.missing: bridge forward'
ok "the knob that was turned" like "$out" 'knobs is not in force: .*dmesg_restrict'
ok "and all of it is on the record" test 3 = "$(grep '"ev":"mode.check"' $log |
    tail -n 1 | grep -oE 'nft\.missing: (inet|bridge)|dmesg_restrict' | sort -u | wc -l)"
run mode-set --check
ok "and was put right" status 0

# Everything at once, in each mode with a network: all of it is named, recorded
# and put right, and the mode stays.
ip netns add away && ip link add wire0 type veth peer name wire1 netns away && ip link set wire0 up &&
    ip link add soft0 type bridge && ip link set soft0 up || bail "no links"
ip -n away link set wire1 up
printf 'version 1\nin RESTRICTED proto=tcp dport=22\n' >/etc/bnd/net.allow
chmod 644 /etc/bnd/net.allow
# check_says EXIT WORD...: all of them, on the terminal and in one record
check_says() {
	local want=$1 word
	shift
	run mode-set --check
	ok "$mode: exit $want" status "$want"
	for word; do
		ok "$mode: said: $word" like "$out" "net( is not in force)?: $word"
		ok "$mode: recorded: $word" like "$(grep '"ev":"mode.check"' $log | tail -n 1)" "$word"
	done
}
for mode in RESTRICTED TRUSTED; do
	run mode-set $mode
	ok "$mode is entered" is "$status $(mode-set --check >/dev/null; echo $?)" "0 0"
	gen=$(sed -n 's/^gen //p' /run/bnd/state)
	words=('nft.missing: inet [a-z]+: [0-9]+ rules' 'nft.foreign: bridge forward: rule 2'
	    'list: /etc/bnd/net.allow is not')
	if [[ $mode == TRUSTED ]]; then
		nft delete table arp bnd
		nft delete chain netdev bnd in-0
		nft 'add chain netdev bnd in-0 { type filter hook ingress device wire0 priority -500; }; add rule netdev bnd in-0 counter drop'
		nft flush chain inet bnd late
		words+=('nft.missing: arp: table' 'nft.missing: netdev in-0: link soft0')
	else
		nft flush chain inet bnd in
		nft add table inet bnd '{ flags dormant; }'
		words+=('nft.foreign: inet: table, flags 1')
	fi
	nft add rule bridge bnd forward accept
	echo '# a word more' >>/etc/bnd/net.allow
	check_says 1 "${words[@]}"
	ok "$mode: the mode is what it was, in the next generation" is \
	    "$(mode-set --get) $(sed -n 's/^gen //p' /run/bnd/state)" "$mode $((gen + 1))"
	run net-seal check --json
	ok "$mode: it is in force again, the edited list is not taken in" is \
	    "$status $(grep -o '"sealed":true' <<<"$out") $(grep -o '"found":[0-9]*' <<<"$out")" '1 "sealed":true "found":1'
	nft flush ruleset
	run net-seal apply
	for ev in net.drift net.repair; do
		ok "$mode: a repair by net-seal is recorded: $ev" is \
		    "$(tail -n 2 $log | grep -c "\"ev\":\"$ev\"")" 1
	done
	mode-set $mode >/dev/null
done

# AIRGAP: the same is LOCKDOWN, and all of it is told before
mode=AIRGAP
mode-set airgap >/dev/null
ok "AIRGAP is in force" is "$(mode-set --check >/dev/null; echo $?)" 0
nft list chains | awk '$1 == "table" { t = $2 " " $3 } $1 == "chain" { print "flush chain", t, $2 }' | nft -f -
nft delete table arp bnd
ip link set wire0 up
check_says 1 'nft.missing: inet early-out: [0-9]+ rules' 'nft.missing: arp: table' 'nft.missing: bridge in: rule 1' \
    'and [0-9]+ more'
ok "AIRGAP: LOCKDOWN, in the kernel too" is "$(mode-set --get) $(net-seal check -q; echo $?)" "LOCKDOWN 0"
ok "AIRGAP: and the link is down" is "$(cat /sys/class/net/wire0/operstate)" down
ok "the log verifies" chain-verify --quiet
tap_done
