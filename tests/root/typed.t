#!/bin/bash
# typed.t: who enters a mode that nobody could type his way out of is told, afterwards
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"

fresh() {
	chattr -R -a /var/lib/bnd 2>/dev/null
	rm -rf /run/bnd /etc/bnd /var/lib/bnd "$T/keys"
}
says='admits no token and no stick'

ok "a host whose two approvers hold keys in files" "$BND_TREE/tests/host-init" "$T/keys" 2
for m in restricted trusted airgap; do
	run mode-set $m
	ok "$m: nothing is said" unlike "$err" "$says"
done
run mode-set coldroom
ok "COLDROOM: in force" status 0
ok "and it is said" like "$err" "COLDROOM $says: of the 2 who must approve to leave it 0 can by passphrase"
run mode-set coldroom
ok "said once, not again" unlike "$err" "$says"
run mode-set -j lockdown
ok "LOCKDOWN: in JSON, too" like "$out" "\"notes\":\[\"LOCKDOWN $says"
ok "in the kernel" net-seal check

fresh
"$BND_TREE/tests/host-init" "$T/keys" 2
run mode-set --trip "no configuration is read"
ok "a trip reads nothing" unlike "$err" "$says"
ok "and is LOCKDOWN" is "$(mode-set --get)" LOCKDOWN

fresh
"$BND_TREE/tests/host-init" "$T/keys" 1
printf 'damaged' >>/var/lib/bnd/log/000001.jsonl
run mode-set --at-least coldroom
ok "a damaged log holds nothing up" like "$(mode-set --get)" '^(COLDROOM|LOCKDOWN)$'

fresh
ok "a host with one passphrase" mode-set --init --enroll alice --kind passphrase --passphrase-fd 9 9<<<'correct horse battery staple'
run mode-set coldroom
ok "is enough for one" unlike "$err" "$says"

fresh
ceremony keygen "$T/bob.key" >/dev/null 2>&1
mode-set --init --enroll bob --kind raw --key "$T/bob.pub" >"$T/text" 2>/dev/null
ceremony sign --key "$T/bob.key" <"$T/text" >"$T/sig" 2>/dev/null
mode-set --init --enroll alice --kind passphrase --passphrase-fd 9 9<<<'correct horse battery staple' 2>/dev/null
ok "one of two" mode-set --init --enroll bob --kind raw --key "$T/bob.pub" --sig "$T/sig"
run mode-set lockdown
ok "is not" like "$err" "of the 2 who must approve to leave it 1 can by passphrase"
run chain-verify
ok "and the log of both kinds verifies" status 0
tap_done
