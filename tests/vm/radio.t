#!/bin/bash
# radio.t: radios, queues of a driver that is full, and channels that are no links
# SPDX-License-Identifier: ISC
. "${0%/*}/lib.sh"
. "${0%/*}/../seal.sh"
vm_needs iw nft tc jq ldattach rdma
# shellcheck disable=SC2034,SC2054
vm_args=(-netdev hubport,id=n0,hubid=0 -device e1000,netdev=n0,mac=52:54:00:00:00:01)

in_h() {
	env "$@"
}
texts() {
	jq -r --arg kind "$1" --arg code "$2" '.[$kind][] | select(.code == $code) | .text' <<<"$out" | paste -sd ,
}
layer() {
	jq -r ".layers.$1" <<<"$out"
}
# switch NAME: its file; 1 is blocked. softs NAME...: of each
switch() {
	local s
	s=$(grep -lx "$1" /sys/class/rfkill/*/name) && echo "${s%name}soft"
}
softs() {
	local n
	for n; do cat "$(switch "$n")"; done | tr -d '\n'
}
# counted TABLE: packets that a rule of somebody else has seen
counted() {
	nft list table netdev "$1" | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}
ups() {
	ip -br link show up | awk '$1 != "lo" { print $1 }' | paste -sd ' '
}

# ---- N102, N103, T22 ----

radios() {
	local n
	modprobe -a mac80211_hwsim hci_vhci || bail "no simulated radios"
	exec 7<>/dev/vhci && printf '\xff\x00' >&7
	ok "N103: control: a Bluetooth controller has a switch" until_true 10 switch hci0
	iw phy phy0 interface add mon0 type monitor
	# The simulator's own monitor sees the air, whatever becomes of the seal.
	ip link set hwsim0 up && nft 'table netdev air { chain c {
		type filter hook ingress device hwsim0 priority -600; counter; }; }'
	echo 1 >"$(switch phy1)"
	ip link set mon0 up
	iw dev wlan0 set type mp && ip link set wlan0 up && iw dev wlan0 mesh join nowhere freq 2412
	ip addr add 10.9.0.1/24 dev wlan0
	ok "N102: control: management frames are on the air" until_true 10 eval '(($(counted air) > 0))'
	ok "control: one switch is blocked already" is "$(softs phy0 phy1 hci0)" 010

	seal AIRGAP
	ok "N102, N103: AIRGAP: every switch is blocked" \
	    is "$status $(field sealed "$out") $(layer radios) $(softs phy0 phy1 hci0)" "0 true used 111"
	ok "N102: their links are down" is "$(ups)" ""
	ok "N102: a monitor cannot be raised again" not ip link set mon0 up
	ip link set hwsim0 up
	n=$(counted air)
	ip link set wlan0 up 2>/dev/null
	iw dev wlan0 scan >/dev/null 2>&1
	sleep 0.5
	ok "N102: nothing is on the air" is "$(counted air)" "$n"
	ip link set hwsim0 down
	ok "N103: HCI is reported" like "$(texts uncovered bluetooth)" hci0

	echo 0 >"$(switch phy0)"
	run net-seal check --json
	ok "T22: check says no, and which" \
	    is "$status $(field sealed "$out") $(layer radios) $(texts findings radio)" "1 false failed phy0 is not blocked"
	seal AIRGAP
	ok "T22: apply blocks it again" is "$status $(field sealed "$out") $(softs phy0)" "0 true 1"
	echo 0 >"$(switch hci0)"
	run net-seal hook radio --json
	ok "T22: so does the hook, and tells" is "$(field sealed "$out") $(softs hci0) $(texts findings radio)" \
	    "true 1 a blocked one was switched on"
	ok "T22: and trips" is "$(mode-set --get)" LOCKDOWN
	by_udev
	seal AIRGAP
	exec 8<>/dev/vhci && printf '\xff\x00' >&8
	until_true 10 switch hci1
	run net-seal check --json
	ok "a switch that comes later is open, and found" is "$status $(texts findings radio)" "1 hci1 is not blocked"
	run net-seal hook radio --json
	ok "the hook blocks it, and it is nobody's fault" is "$status $(softs hci1) $(field found "$out")" "0 1 0"
	run net-seal check --json
	ok "check is content" is "$status $(layer radios)" "0 used"

	loosen AIRGAP OPEN
	ok "back: every switch as it was, and the link" is "$status $(field found "$out") \
$(softs phy0 phy1 hci0 hci1) $(ip -br -4 addr show dev wlan0 | awk '{ print $3 }')" "0 0 0100 10.9.0.1/24"
	ok "nothing is kept" not test -e /run/bnd/net/radios
	exec 7>&- 8>&-
	rmmod mac80211_hwsim hci_vhci
}

# The rule that is installed, and the real udev.
by_udev() {
	local udevd=/lib/systemd/systemd-udevd
	if [[ ! -x $udevd ]]; then
		skip_kernel "T22: by udev" "no udev on the host of this machine"
		return
	fi
	: >/etc/bnd/log.pin
	$udevd --daemon && echo 0 >"$(switch phy0)"
	ok "T22: by udev the hook blocks it at once" until_true 20 grep -q 1 "$(switch phy0)"
	udevadm settle -t 20
	# Nor does a link of ours alarm anybody: the probe's.
	seal AIRGAP
	run net-seal probe --json
	ok "a probe beside the real udev" is "$status $(field probe "$out")" "0 used"
	udevadm settle -t 20
	ok "trips nothing" is "$(mode-set --get) $(net-seal check -q; echo $?)" "AIRGAP 0"
	udevadm control --exit
	rm /etc/bnd/log.pin
}

# ---- N57: a default queue behind a driver that is full ----

# A serial line whose other end nobody reads: its driver takes a few packets.
line_up() {
	local pts
	modprobe slip || return
	# shellcheck disable=SC2016
	perl -e 'use Fcntl; use Time::HiRes "time"; sysopen(M, "/dev/ptmx", O_RDWR|O_NOCTTY) or die;
		my $n = pack("i", 0); ioctl(M, 0x40045431, $n); ioctl(M, 0x80045430, $n);
		open(F, ">", "/run/pts"); print F unpack("i", $n); close(F);
		select(undef, undef, undef, 0.1) until -e "/run/read"; my ($all, $some) = ("", "");
		fcntl(M, F_SETFL, O_RDWR|O_NONBLOCK); my $last = time;
		while (time() < $last + 1) { if (sysread(M, $some, 65536)) { $all .= $some; $last = time } else { select(undef, undef, undef, 0.1) } }
		open(F, ">", "/run/came"); print F $all; close(F)' &
	line=$!
	until_true 10 test -s /run/pts || return
	pts=$(cat /run/pts)
	ldattach -8 -n -1 SLIP "/dev/pts/$pts" && until_true 10 ip link show sl0 || return
	ip link set sl0 up && ip addr add 10.8.0.1 peer 10.8.0.2 dev sl0
}
waiting() {
	tc -s qdisc show dev sl0 | sed -n 's/.* backlog [^ ]* \([0-9]*\)p.*/\1/p'
}
queue() {
	local i before
	rm -f /run/read /run/came /run/pts
	line_up || { fail "no serial line"; return; }
	for ((i = 0; i < 60; i++)); do
		printf 'number-%02d-%0500d' "$i" 0 >/dev/udp/10.8.0.2/9
	done
	before=$(waiting)
	queues=$(tc qdisc show)
	ok "$1: control: packets stand in a default queue ($before)" test "$before" -gt 3
	seal "$1"
	after="$(waiting) $(tc qdisc show)"
	touch /run/read
	wait "$line"
	came=$(grep -ao 'number-[0-9][0-9]' /run/came | sort -u | wc -l)
}
fail() {
	ok "$1" false
}
default_queue() {
	local came after queues line open
	queue OPEN
	open=$came
	ok "N57: control: in OPEN all of them leave ($open)" test "$open" -gt 10
	ldattach_end
	queue TRUSTED
	ok "N57: TRUSTED: the default queue is empty, the same is there" \
	    is "$status $(layer queues) $after" "0 used 0 $queues"
	ok "N57: nothing leaves but what the driver had ($came)" test "$came" -lt $((open - 3))
	loosen TRUSTED OPEN
	ldattach_end
}
ldattach_end() {
	killall ldattach 2>/dev/null || busybox killall ldattach
	until_true 10 not ip link show sl0
}

# ---- N99 ----

card_up() {
	modprobe e1000 && until_true 10 test -e /sys/class/net/eth0 && ip link set eth0 up
}
reload() {
	ok "N99: control: a card with its link" card_up
	seal AIRGAP
	ok "N99: which is down" is "$status $(ups)" "0 "
	rmmod e1000
	ok "N99: control: the link is gone with its driver" not test -e /sys/class/net/eth0
	card_up
	until_true 10 grep -q 1 /sys/class/net/eth0/carrier
	run net-seal check --json
	ok "N99: a link that came back up is an uplink" is "$status $(texts findings uplink)" "1 eth0 is up"
	run net-seal hook "$(cat /sys/class/net/eth0/ifindex)" --json
	ok "N99: the hook takes it down" is "$(field sealed "$out") $(ups)" "true "
	run net-seal check
	ok "N99: and check is content" status 0
	loosen AIRGAP OPEN
}

# ---- N101 ----

network_files() {
	local n
	ip netns add R && ip link add h0 type veth peer name r0 netns R && ip link set h0 up &&
	    ip addr add 10.77.0.1/24 dev h0 && ip -n R addr add 10.77.0.2/24 dev r0 && ip -n R link set r0 up
	ip netns exec R nft 'table netdev nfs { chain c {
		type filter hook ingress device r0 priority 0; tcp dport 2049 counter; }; }'
	nfs() {
		timeout 3 mount -i -t nfs4 10.77.0.2:/ /mnt \
		    -o vers=4.1,addr=10.77.0.2,clientaddr=10.77.0.1,soft,timeo=5,retrans=1,retry=0
	}
	nfs_seen() {
		ip netns exec R nft list table netdev nfs | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
	}
	modprobe nfsv4 || return
	nfs
	n=$(nfs_seen)
	ok "N101: control: a mount of NFS asks its server" test "$n" -gt 0
	seal TRUSTED
	nfs
	ok "N101: TRUSTED: nothing reaches it" is "$(nfs_seen)" "$n"
	seal AIRGAP
	ip link set h0 up
	nfs
	ok "N101: AIRGAP: nor with the link raised" is "$(nfs_seen)" "$n"
	loosen AIRGAP OPEN
	ip netns del R
}

# ---- N106 to N110 ----

codes() {
	jq -r '.uncovered[].code' <<<"$out" | sort -u | paste -sd ' '
}
channels() {
	local n listed
	seal TRUSTED
	ok "control: none of the others is there yet" \
	    unlike " $(codes) " ' (vsock|rdma|tipc|can|nfc|ieee802154|llc|unseen) '
	modprobe -a vsock_loopback rdma_rxe tipc can_raw nfcsim mac802154_hwsim \
	    ieee802154_socket llc2 || bail "no modules"
	ip link set eth0 up
	rdma link add rxe0 type rxe netdev eth0
	run net-seal check --json
	listed=$(codes)
	for n in N106:vsock N107:rdma N110:tipc N110:can N110:nfc N110:ieee802154 N110:llc; do
		ok "${n/:/: } is listed" like " $listed " " ${n#*:} "
	done
	rdma link delete rxe0
	n=$(basename "$(readlink -f /sys/class/net/eth0/device)")
	# vfio-pci wants an IOMMU; this one hands the card to a program as well.
	modprobe uio_pci_generic
	echo uio_pci_generic >"/sys/bus/pci/devices/$n/driver_override"
	echo "$n" >"/sys/bus/pci/devices/$n/driver/unbind"
	echo "$n" >/sys/bus/pci/drivers_probe
	run net-seal check --json
	ok "N108: a card that was given away is a finding" \
	    is "$(texts findings unseen)" "card $n of driver uio_pci_generic has no link here"
	loosen TRUSTED OPEN
}

timed() {
	local start=$SECONDS
	"$@"
	diag "$1: $((SECONDS - start)) s"
}
all() {
	vm_seal_modules
	rm -f /etc/bnd/net.allow
	timed radios
	timed default_queue
	timed reload
	timed network_files
	timed channels
}

phase all
tap_done
