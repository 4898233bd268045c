#!/bin/bash
# leaks-fresh.t: the same where conntrack had not been active before the seal
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
need_observer
net_up
leaks_up

# N34 and N36 need foreign rules that make conntrack active. N74 turns an entry
# round; where there was none, what the host sends first is a flow of its own.
for id in N34 N36 N74; do
	leaks skip $id
done
for on in {both,nft}/{RESTRICTED,TRUSTED} both/{AIRGAP,LOCKDOWN} legacy/RESTRICTED; do
	host "${on%/*}"
	m=${on#*/}
	how=''
	# It forwards, and there is no ctnetlink: nobody told conntrack of old flows.
	if [[ $kind == legacy ]]; then
		how=finding
		leaks skip N42
	fi
	in_h conntrack -F >/dev/null 2>&1
	leaks arm
	leaks control
	ok "conntrack knows nothing before $m" is "$(in_h conntrack -C)" 0
	enter "$m" "$how"
	leaks judge "$m, $kind"
	leaks drop
	seal OPEN
	ok "OPEN again" status 0
done
tap_done
