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
ok "the log verifies" chain-verify --quiet
tap_done
