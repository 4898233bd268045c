#!/bin/bash
# succeed.t: a host whose log cannot go on gets out of LOCKDOWN, by its approvers
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../succeed.sh"
spine_up

# WHAT HOW MODE: damaged so, and LOCKDOWN is left for MODE at most.
each() {
	local what=$1
	spine_again
	mode-set airgap >/dev/null
	damage "$2"
	in_lockdown "$what"
	no_way_out "$what"
	succession "$what"
	way_out "$what" "$3"
}
each "a flipped bit" flip COLDROOM
each "a cut log" cut_back COLDROOM
each "a log without its head" lose_head COLDROOM
each "a bad head" spoil_head COLDROOM
each "an empty /var/lib/bnd" lose_var COLDROOM
each "an empty log" empty COLDROOM
each "a log cut to record 0" cut_to_genesis COLDROOM
each "a missing pin" lose_pin AIRGAP
each "a missing pin and attribute" lose_pin_and_attribute AIRGAP
each "a malformed pin" spoil_pin AIRGAP
tap_done
