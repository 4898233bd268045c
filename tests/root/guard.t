#!/bin/bash
# guard.t: no enforcer runs outside a throw-away host
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
why=$("$BND_TREE/tests/host" --can 2>&1) || skip_all "$why"
host="$BND_TREE/tests/host" guard="$BND_TREE/tests/guard"

run "$host" --bare "$guard"
ok "control: it lets an enforcer run inside" status 0

run "$guard"
ok "refused where there is no marker" status 1
ok "and says so" like "$err" 'not on a throw-away host'

# The marker alone is not enough: a namespace set without a network of its own.
run "$host" --bare unshare --mount sh -c "
	sed -i \"s/^net .*/net \$(stat -Lc %i /proc/self/ns/net)/\" /run/.bnd-test-host
	$guard"
ok "refused in the network it was started from" status 1
ok "and says so" like "$err" "not the throw-away host's own"

run "$host" --bare sh -c ": >/run/.bnd-test-host; $guard"
ok "refused when the marker names no network" status 1

run "$host" --bare sh -c "
	mkdir /run/n && mount -t tmpfs t /run/n && mkdir -p /run/n/eth0/device &&
	mount --bind /run/n /sys/class/net && $guard"
ok "refused when a real link is in sight" status 1
ok "and says so" like "$err" 'a real link is in sight'

run "$host" --observer "$host" --bare "$guard"
ok "a host below an observer is one, too" status 0
run "$host" --observer "$host" --bare grep -c '^net ' /run/.bnd-test-host
ok "and forbids both networks above it" is "$out" 2
tap_done
