#!/bin/bash
# log-degraded.t: after a failed sync nothing is appended until the disk was read again
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
log=$BND_BUILD/tests/helper/log
dir=/var/lib/bnd/log file=$dir/000001.jsonl mark=/run/bnd/degraded

run "$BND_TREE/tests/host-init" "$T/keys"
ok "a host is set up" status 0
run "$log" append usb.test '{"n":1}'
ok "its log grows" status 0

: >$mark
n=$(wc -l <"$file")
run "$log" append usb.test '{"n":2}'
ok "degraded: refused" status 9
run "$log" append usb.deny '{"n":3}' spool
ok "degraded: a denial is spooled" status 15
ok "degraded: the log stands" is "$(wc -l <"$file")" "$n"
run mode-set --check
ok "a check reads it again and says so" like "$out$err" 'had an I/O error; it verifies'
ok "the mark is gone" not test -e $mark
run "$log" append usb.test '{"n":4}'
ok "it grows again" status 0
ok "the denial is there, once" is "$(grep -c usb.deny "$file")" 1
ok "chain-verify agrees" chain-verify --quiet

: >$mark
chattr -a "$file" 2>/dev/null
truncate -s -1 "$file"
run mode-set --check
ok "a log that is not proven" like "$out$err" 'had an I/O error: nothing is appended'
ok "keeps its mark" test -e $mark

tap_done
