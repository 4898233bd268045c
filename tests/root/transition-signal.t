#!/bin/bash
# transition-signal.t: interrupted, or a call failing, on the way
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../sweep.sh"

for s in INT TERM HUP; do
	sweep tighten signal=$s 31
	ok "tightening sent $s at $runs calls" is "$bad" 0
	sweep loosen signal=$s 31
	ok "loosening sent $s at $runs calls" is "$bad" 0
done
sweep tighten error=EIO 7
ok "tightening with $runs calls failing" is "$bad" 0
sweep loosen error=EIO 7
ok "loosening with $runs calls failing" is "$bad" 0
tap_done
