#!/bin/bash
# rules-packets.t: the predicate that judges open flows agrees with packets sent
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up
leaks_list >"$T/list"

# How many of the packets pass: enough to mean something, fewer where stricter.
least=601
for m in OPEN RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
	if [[ $m != OPEN ]]; then
		enter $m
	fi
	[[ $m != AIRGAP && $m != LOCKDOWN ]] || leaks_raise
	run "$helper/guess" $m "$T/list" "H=/proc/$host_pid/ns/net" R=/run/netns/R S=/run/netns/S 600
	ok "$m: 600 packets do what the predicate says" like "$out" 'agreed 600 passed'
	passed=${out##* }
	ok "$m: and $passed of them arrive, fewer than before" test "$passed" -lt "$least"
	least=$passed
	case $m in
	OPEN) ok "OPEN: all of them" is "$passed" 600 ;;
	AIRGAP | LOCKDOWN) least=1 ;;
	*) ok "$m: some of them" test "$passed" -gt 20 ;;
	esac
	[[ $m == OPEN ]] || seal OPEN
done
tap_done
