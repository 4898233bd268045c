#!/bin/bash
# net-seal-root.t: -R changes the kernel only inside a user namespace of one's own
. "${0%/*}/../tap.sh"

# Always in a network namespace of its own: what is tested is a refusal.
unshare -Urn true 2>/dev/null || skip_all "no user namespace here"
run unshare -Urn net-seal apply --json -R "$T"
ok "in a user namespace of one's own: no state, so LOCKDOWN, exit 9" status 9
ok "and it is in force" like "$out" '^\{"mode":"LOCKDOWN","sealed":true'
run unshare -Urn sh -c 'net-seal apply -q -R "$1"; nft list tables' sh "$T"
ok "the kernel of that namespace has it" like "$out" 'table inet bnd'
if ((EUID == 0)); then
	run unshare -n sh -c 'net-seal apply -R "$1"; echo $?; nft list tables' sh "$T"
	ok "in the host's user namespace: refused, exit 1, nothing changed" is "$out" 1
	run unshare -Ur unshare -n sh -c 'net-seal apply -q -R "$1"; echo $?' sh "$T"
	ok "a network namespace made inside it will do" is "$out" 9
	run unshare -n unshare -Ur sh -c 'net-seal apply -R "$1"; echo $?' sh "$T"
	ok "one that belongs to another user namespace will not" is "$out" 1
fi
tap_done
