#!/bin/bash
# ceremony.t: one whole ceremony at a terminal, its cool-down waited for
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs nft agetty
vm_console
prompt='[$#] $'

# A neighbour, and a flow to it that counts what arrives.
pour=$BND_BUILD/tests/helper/pour
neighbour() {
	ip netns add R && ip link add h0 type veth peer name r0 netns R &&
	    ip addr add 10.77.0.1/24 dev h0 && ip link set h0 up &&
	    ip -n R addr add 10.77.0.2/24 dev r0 && ip -n R link set r0 up
}
flow() {
	ip netns exec R "$pour" take "$1" "/run/taken$1" &
	"$pour" give 10.77.0.2 "$1" &
}
# What port $1 takes in two seconds.
moves() {
	local a b
	a=$(cat "/run/taken$1" 2>/dev/null || echo 0)
	sleep 2
	b=$(cat "/run/taken$1" 2>/dev/null || echo 0)
	((b > a)) || { echo "$a, then $b"; return 1; }
}
# When REGEX comes, type TEXT; $said is what came before.
answer() {
	see "$1" 180 || return
	said=$seen
	type_ "$2"$'\n'
}
# Two persons: alice by passphrase, bob by a key that is elsewhere.
set_up() {
	"$BND_TREE/tests/guard" && echo 'need AIRGAP 2' >>/etc/bnd/bnd.conf &&
	    ceremony keygen /run/bob.key >/dev/null &&
	    mode-set --init --enroll bob --kind raw --key /run/bob.pub >/run/bob.text &&
	    ceremony sign -k /run/bob.key </run/bob.text >/run/bob.sig &&
	    mode-set --init --enroll alice --kind passphrase --passphrase-fd 0 <<<"$words" &&
	    mode-set --init --enroll bob --kind raw --key /run/bob.pub --sig /run/bob.sig
}
words='six random words of alice'
getty_up() {
	(while :; do setsid agetty -a root -8 -L --noissue --nohostname --nohints ttyS2 115200 dumb; done) &
	type_ ''
	see "$prompt" 120
}
uptime_s() {
	sed 's/[.].*//' /proc/uptime
}

all() {
	local start phrase
	vm_seal_modules
	ok "two persons may approve" set_up
	ok "there is a neighbour" neighbour
	flow 4001
	ok "and packets move" until_true 60 moves 4001
	run mode-set airgap
	ok "AIRGAP" is "$status $(mode-set --get)" "0 AIRGAP"
	ok "nothing moves" not moves 4001
	ok "root sits at the console" getty_up

	type_ $'mode-set -r "usb backup" open; echo exit=$?\n'
	ok "the text is shown, and a phrase asked for" see 'Type "downgrade AIRGAP to OPEN ....": $' 180
	ok "who asks is the console's" like "$seen" 'requester auid=0 uid=0 tty=ttyS2'
	[[ $seen =~ \"(downgrade[^\"]*)\" ]]
	phrase=${BASH_REMATCH[1]}
	type_ "$phrase"$'\n'
	ok "an approver is asked for" answer 'Approver .0 of 2 persons.*: $' alice
	ok "her passphrase" answer 'Passphrase of alice: $' "$words"
	ok "the other approver" answer 'Approver .1 of 2 persons.*: $' bob
	ok "the passphrase was not shown" unlike "$said" "$words"
	ceremony show --text >/run/text
	ok "his signature, made elsewhere" answer 'Signature of bob .raw, one line.: $' "$(ceremony sign -k /run/bob.key </run/text 2>/dev/null)"
	ok "the cool-down is counted" see 'cool-down   [0-9]+ s' 120
	start=$(uptime_s)
	ok "it is AIRGAP still" is "$(mode-set --get)" AIRGAP
	ok "and nothing moves" not moves 4001
	ok "it ends" see 'exit=[0-9]+' 180
	ok "as asked" like "$seen" $'OPEN\n(.*\n)*exit=0'
	ok "and was waited for" test $(($(uptime_s) - start)) -ge 57
	ok "the host is open" is "$(mode-set --get)" OPEN
	flow 4002
	ok "packets move again" until_true 60 moves 4002
	run chain-verify --approvals
	ok "the log says who allowed it: alice" like "$out" 'alice'
	ok "and bob" like "$out" 'bob'
	ok "and verifies" status 0
	ok "kernel, state and log agree" mode-set --check
	ok "the passphrase is nowhere in the log" not grep -rq "$words" /var/lib/bnd /run/bnd /etc/bnd
}

phase all
tap_done
