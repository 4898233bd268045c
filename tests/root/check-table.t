#!/bin/bash
# check-table.t: what net-seal check shows a person: the verdict, what is wrong, what to type, what holds
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
in_h "$BND_TREE/tests/host-init" /tmp/keys >/dev/null 2>&1 || bail "cannot initialise H"
in_h sh -c 'cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'EOT'
version 1
vpn wg0/wireguard
in RESTRICTED proto=tcp dport=22
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=53
EOT
# at COLUMNS: the same on a terminal of that width
at() {
	in_h "$helper/tty" sh -c "stty cols $1 && net-seal check" </dev/null | tr -d '\r'
}
plain() {
	sed 's/\x1b\[[0-9;]*m//g'
}
# rows KIND TEXT: the rows of that kind, without it
rows() {
	sed -n "s/^  $1 *//p" <<<"$2"
}
# A layer's row, or the last one of those that are not needed.
layer='^  layer      ([a-z]+ +(used  |absent|failed)  [A-Za-z]|not needed: [a-z ]+$)'

for m in RESTRICTED TRUSTED; do
	in_h mode-set $m >/dev/null
	run in_h net-seal check
	ok "$m: the verdict comes first" is "$status ${out%%$'\n'*}" "0 $m: in force, as the kernel says"
	ok "$m: not more than a screen" test "$(wc -l <<<"$out")" -le 25
	ok "$m: every layer with what it stops" is "$(grep '^  layer' <<<"$out" | grep -cvE "$layer")" 0
	ok "$m: inet holds" like "$out" $'\n  layer      inet        used    IPv4 and IPv6'
	ok "$m: links" is "$(rows link "$out")" "h0               veth       real  up, uplink
h1               veth       real  up, uplink"
	ok "$m: no colour but on a terminal" unlike "$out" $'\x1b'
	ok "$m: nothing is to be typed" is "$(rows type "$out")" ""
	wide=$(at 400)
	ok "$m: on a terminal there is" like "$wide" $'^'"$m"$': \x1b\\[32min force'
	ok "$m: and it is the same text" is "$(plain <<<"$wide" | sed 's/ *$//')" "$out"
	ok "$m: NO_COLOR" unlike "$(in_h env NO_COLOR=1 "$helper/tty" net-seal check </dev/null)" $'\x1b\\[3'
done
ok "what a mode lets by" is "$(rows 'lets by' "$out")" "loopback, listed flows, listed VPN links"
ok "which line waits, for what, and why" like "$(rows waiting "$out")" '^line 2 for wg0/wireguard: '
ok "what is not covered, in a row" like "$(rows uncovered "$out")" '^[a-z]+(, [a-z]+)*: net-seal check -v$'
run in_h net-seal check -v
ok "-v: with words" like "$(rows uncovered "$out")" '^[a-z]+: [a-z].* [a-z]'

# Wrong in several ways, and a link of a hostile name
in_h sh -c 'echo >>/etc/bnd/net.allow
	ip link add "$(printf "e\033[31mx")" type bridge; net-seal hook 4 -q; nft delete table arp bnd
	nft flush chain inet bnd late'
run in_h net-seal check
ok "not in force: the first word of it" is "$status ${out%%$'\n'*}" "1 TRUSTED: NOT in force"
ok "what is wrong comes next" is "$(sed -n '2,$p' <<<"$out" | awk '$1 != "finding" { exit } 1' | wc -l)" \
    "$(rows finding "$out" | wc -l)"
ok "a table that is gone" like "$out" $'\n  finding    nft.missing: arp: table\n'
ok "twenty rules of a chain are one row" like "$out" $'\n  finding    nft.missing: inet late: [0-9]+ rules, rule 1\n'
ok "then what to type" is "$(rows type "$out")" "mode-set trusted                 puts it back, with the list file as it is
net-seal apply                   puts it back, with the list accepted last
mode-set airgap                  is safe at once: loopback only"
ok "which layers failed" is "$(rows layer "$out" | awk '$2 == "failed" { print $1 }' | xargs)" "inet arp"
ok "a name that would drive the terminal is spelt" is "$(at 400 | grep -c $'\x1b\\[31mx')$(grep -c 'e\\x1b\[31mx' <<<"$out")" 01
ok "not more than a screen" test "$(wc -l <<<"$out")" -le 30
for width in 40 60 80; do
	narrow=$(at $width | plain)
	ok "$width columns are kept" is "$(awk -v w=$width 'length > w' <<<"$narrow")" ""
	ok "and the text stands below itself" is "$(grep -cvE '^(TRUSTED|  [a-z]|             [^ ])' <<<"$narrow")" 0
	ok "and no word is lost" is "$(tr -s ' \n' ' ' <<<"$narrow")" "$(tr -s ' \n' ' ' <<<"$out")"
done
# What it says to type is what helps.
in_h sh -c "$(rows type "$out" | awk -F '  +' 'NR == 1 { print $1 }')" >/dev/null
ok "and typing it helps" is "$(in_h net-seal check -q; echo $?)" 0

in_h mode-set airgap >/dev/null
in_h ip link set h1 up
run in_h net-seal check
ok "AIRGAP: a link that is up" is "$status $(rows finding "$out")" "1 uplink: h1 is up"
ok "stands first among them" is "$(rows link "$out" | head -1)" "h1               veth       real  up, uplink"
ok "and the hint" like "$(rows type "$out")" '^mode-set airgap  '
for ((i = 0; i < 20; i++)); do in_h ip link add "soft$i" type bridge; done
run in_h net-seal check
ok "many links are cut short, the real ones stay" is \
    "$(rows link "$out" | wc -l) $(rows link "$out" | grep -c real) $(rows link "$out" | tail -1)" "9 2 and 15 more: net-seal check -v"
run in_h net-seal check -v
ok "-v has them all" is "$(rows link "$out" | wc -l)" 24
tap_done
