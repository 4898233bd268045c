#!/bin/bash
# boot.t: what outlives a reboot and a power cut, and what does not
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
vm_needs strace nft
vm_disk 32
log_file=/var/lib/bnd/log/000001.jsonl

# A card on a hub, where nobody answers. The host keeps all of them, and once more
# those since the machine was told to.
vm_args+=(
	-netdev "hubport,id=wire,hubid=0" -netdev "hubport,id=far,hubid=0"
	-device "virtio-net-pci,netdev=wire"
	-object "filter-dump,id=all,netdev=wire,file=$T/all.pcap"
	-object "filter-dump,id=since,netdev=wire,status=off,file=$T/since.pcap"
)

# The real enforcer and kernel; both on the tests' clock, which begins with the
# boot's own, so that no cool-down is waited for.
tools() {
	vm_seal_modules
	install -m 0755 "$BND_BUILD/tests/helper/timed-mode-set" /usr/sbin/mode-set
	install -m 0755 "$BND_BUILD/tests/helper/timed-net-seal" /usr/sbin/net-seal
}
loosen() {
	"$BND_BUILD/tests/helper/loosen" "$@"
}
forward() {
	echo $(($(cat /run/.bnd-test-clock 2>/dev/null || echo 0) + $1)) >/run/.bnd-test-clock
}
mode() {
	mode-set --get 2>/dev/null
}
enforced() {
	net-seal check --json && mode-set --require "$1" && [[ $(mode) == "$1" ]]
}
last_record() {
	grep "\"ev\":\"$1\"" $log_file | tail -n 1
}
# What somebody started before bnd: datagrams and raw frames, on and on.
wire() {
	cat /sys/class/net/eth0/statistics/tx_packets
}
wire_up() {
	modprobe virtio_net && until_true 10 wire && ip link set eth0 up && wire_furnish || bail "no card"
	"$BND_BUILD/tests/helper/probe" flood 98 eth0 10.78.0.2 fd78::2 20000 >/dev/null &
	flood=$!
	ok "N98: frames leave before bnd" until_true 20 eval '(($(wire) > 30))'
}
wire_furnish() {
	ip addr replace 10.78.0.1/24 dev eth0 && ip -6 addr replace fd78::1/64 dev eth0 nodad &&
	    ip neigh replace 10.78.0.2 lladdr 02:00:00:00:00:98 dev eth0 nud permanent &&
	    ip neigh replace fd78::2 lladdr 02:00:00:00:00:98 dev eth0 nud permanent
}
wire_since() {
	qmp '{"execute":"qom-set","arguments":{"path":"/objects/since","property":"status","value":"on"}}' |
	    grep -q return || bail "the machine keeps no frames"
}
wire_down() {
	kill "$flood" && wait "$flood"
	ip link set eth0 down
}
# Frames of it that the rules stopped.
stopped() {
	nft list table netdev bnd | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | awk '{ n += $1 } END { exit n < 30 }'
}
wire_is_sealed() {
	wire_since
	ok "N98: the link is down" unlike "$(ip -br link show up)" eth0
	ip link set eth0 up && wire_furnish || bail "no card"
	ok "N98: raised behind its back, the rules stop what is sent" until_true 20 stopped
	wire_down
}
# On the host: nothing but the head of a pcap file (24 bytes).
silent() {
	ok "N98: $1: the host saw frames before" grep -qa bnd:98: "$T/all.pcap"
	ok "N98: $1: and none since" is "$(stat -c %s "$T/since.pcap")" 24
}

# What a host does first.
boots_into() {
	tools
	ok "$2: before --boot it is LOCKDOWN" is "$(mode)" LOCKDOWN
	run mode-set --boot
	[[ ! ${flood:-} ]] || wire_is_sealed
	ok "$2: boots into $1" is "$status $(mode)" "0 $1"
	ok "$2: which the kernel is in" enforced "$1"
	ok "$2: recorded" like "$(last_record mode.boot)" "\"mode\":\"$1\""
	ok "$2: the log verifies" chain-verify
	ok "$2: kernel, state and log agree" mode-set --check
}
# Loosen to $1, stopped after its Nth CALL; the power goes when it stands. Each
# record is two writes that are synced: the head, then the line.
stop_at() {
	local to=$1 call=$2 n=$3 id
	id=$(loosen hold /disk 2 "$to") || bail "no ceremony"
	strace -o "$T/trace" -e "trace=$call" -e "inject=$call:signal=STOP:when=$n" \
	    "$BND_BUILD/tests/helper/loosen" finish "$id" "$to" &
	ok "stands after its $call number $n" until_true 60 grep -q 'stopped by SIGSTOP' "$T/trace"
}

guess() {
	"$BND_BUILD/tests/helper/timed-ceremony" approve --name alice --passphrase-fd 9 "$1" 9<<<"not her six random words"
}
waits() {
	like "$(guess "$1" 2>&1)" "wait ${2:-[0-9]+} s"
}

first() {
	tools
	wire_up
	wire_since
	ok "control: and after" until_true 20 eval "((\$(wire) > $(wire) + 30))"
	wire_down
	loosen init /disk 2 || bail "cannot initialise"
	sync
	mode-set airgap >/dev/null
	loosen hold /disk 2 TRUSTED >/disk/id || bail "no ceremony"
	sync
	rm /run/.bnd-test-clock
	run mode-set airgap
	ok "AIRGAP is reported" is "$status $(mode)" "0 AIRGAP"
	power_cut
}

# The ceremony was held in another boot; then one of this boot is cut short, its
# intent on the disk.
void() {
	wire_up
	boots_into AIRGAP "cut right after the answer"
	forward 3600
	run mode-set --ceremony "$(cat /disk/id)" TRUSTED
	ok "a ceremony of the boot before is void" is "$status $(mode)" "13 AIRGAP"
	stop_at TRUSTED fdatasync 2
	ok "the intent is on the log" like "$(tail -n 1 $log_file)" '"ev":"mode.intent"'
	power_cut
}

intent() {
	boots_into AIRGAP "cut between intent and relaxing"
	ok "nothing was committed" not grep -q '"ev":"mode.commit".*"to":"TRUSTED"' $log_file
	stop_at TRUSTED fdatasync 4
	ok "nothing but the answer lacks" like "$(tail -n 1 $log_file)" '"ev":"mode.commit"'
	power_cut
}

commit() {
	local id
	boots_into TRUSTED "cut when the commit was durable"
	mode-set --check >/dev/null
	id=$(loosen hold /disk 2 RESTRICTED 3600) || bail "no ceremony"
	mode-set --check >/dev/null
	run mode-set --ceremony "$id" RESTRICTED
	ok "RESTRICTED for an hour" is "$status $(mode)" "0 RESTRICTED"
}

bounded() {
	boots_into TRUSTED "orderly reboot in a loosening for an hour"
	run mode-set --freeze "a stranger in the room"
	ok "frozen" status 0
	run mode-set lockdown
	ok "which holds up no tightening" is "$status $(mode)" "0 LOCKDOWN"
	power_cut
}

frozen() {
	local id
	wire_up
	boots_into LOCKDOWN "cut right after LOCKDOWN"
	run loosen to /disk 2 TRUSTED
	ok "still frozen" is "$status $(mode)" "14 LOCKDOWN"
	run loosen to /disk 2 UNFREEZE
	ok "two people end the freeze" status 0
	run loosen to /disk 2 TRUSTED
	ok "control: and then they loosen" is "$status $(mode)" "0 TRUSTED"
	id=$(loosen open RESTRICTED 2>&1 >/dev/null)
	# A counter that is lost is the longest wait; no guess need be derived.
	rm /var/lib/bnd/lockout
	ok "whoever guesses waits" waits "$id" '[0-9]{3}'
	power_cut
}

locked() {
	local id
	boots_into TRUSTED "cut while somebody guessed"
	id=$(loosen open RESTRICTED 2>&1 >/dev/null)
	ok "and waits in the next boot" waits "$id" '[0-9]{3}'
	forward 1000
	loosen end "$id" cancelled
	id=$(loosen open RESTRICTED 2>&1 >/dev/null)
	run guess "$id"
	ok "control: not for ever" unlike "$err" 'wait [0-9]+ s'
	run mode-set airgap
	ok "no guess holds up a tightening" is "$status $(mode)" "0 AIRGAP"
}

phase_cut first
on_host ok "N98: control: the host sees frames since it was told to" grep -qa bnd:98: "$T/since.pcap"
phase_cut void
on_host silent AIRGAP
phase_cut intent
phase commit
phase_cut bounded
phase_cut frozen
on_host silent LOCKDOWN
phase locked
tap_done
