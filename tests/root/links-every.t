#!/bin/bash
# links-every.t: chains of all links, where the library writes them: no window at all
#
# nft 1.0.6 never ends when it lists such a chain: it is not called here.
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
need_observer
net_up
probe=$helper/probe
in_h install -m 755 "$helper/every-net-seal" /usr/sbin/net-seal || bail "not installed"
in_h sh -c 'mkdir -p /etc/bnd && cat >/etc/bnd/net.allow && chmod 644 /etc/bnd/net.allow' <<'EOT'
version 1
vpn tv0/tun
out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820
EOT
in_h ip tuntap add tv0 mode tun
run in_h net-seal can TRUSTED --json
[[ $status == 0 ]] || skip_kernel_all "this kernel cannot do TRUSTED"
tap R R r0
tap S S s1
send() { # ID LINK
	in_h "$probe" frame ip "$1" "$nonce" "$2" 2>/dev/null
}
send control h0
in_h "$probe" udp listed "$nonce" 10.77.0.2 51820
ok "OPEN: frames and packets arrive (control)" is "$(seen control R) $(seen listed R)" "1 1"

seal TRUSTED
ok "TRUSTED is in force" is "$(field sealed "$out")" true
in_h ip link add w0 type veth peer name w1
run in_h net-seal check -q
((status == 0)) || skip_kernel_all "this kernel hooks links by name only"
ok "a link that comes changes nothing" status 0
in_h ip link del w0
in_h "$probe" udp listed "$nonce" 10.77.0.2 51820
ok "what the list lets by passes" is "$(seen listed R)" 2
send N47 h0
send N47 h1
ok "other frames do not" is "$(seen N47 R S)" 0
# shellcheck disable=SC2016
ok "loopback is left alone" in_h bash -c 'busybox nc -l -p 77 & sleep 0.1; exec 3<>/dev/tcp/127.0.0.1/77'

# N58, N72: no window, and no hook has run
in_h ip link set h1 name x1
send N58 x1
ok "N58: TRUSTED: renamed: no frame, not even before the hook" is "$(seen N58 S)" 0
in_h ip link set x1 name h1
net_link n0 R n1 9
tap N R n1
in_h "$probe" flood "$nonce" n0 10.77.9.2 fd77:9::2 >"$T/sent" &
sleep 0.3
in_h pkill -TERM -x probe
wait $!
ok "N72: TRUSTED: a new link: of $(cat "$T/sent") none passes" is "$(seen l2 N) $(seen v4 N) $(seen v6 N)" "0 0 0"
in_h ip link set n0 down
seal OPEN
in_h ip link set n0 up
send control n0
ok "in OPEN it does (control)" is "$(seen control N)" 1

# The same below the modes that allow nothing, links held up by hand
for m in AIRGAP LOCKDOWN; do
	seal $m
	ok "$m is in force" is "$(field sealed "$out")" true
	run in_h ping -q -c1 -W1 127.0.0.1
	if [[ $m == AIRGAP ]]; then
		ok "$m: loopback is alive" status 0
	else
		ok "$m: loopback is not" test $status -ne 0
	fi
	in_h ip link set h0 name z0
	in_h ip link set z0 up
	send "N73$m" z0
	ok "N73: $m: raised and renamed: nothing" is "$(seen "N73$m" R)" 0
	# It trips, and has LOCKDOWN published; that is undone for what follows.
	run in_h net-seal hook 2 --json
	ok "$m: and the hook takes it down" is "$(in_h cat /sys/class/net/z0/operstate)" down
	in_h ip link set z0 name h0
	state $m
	loosen $m OPEN
	ok "$m to OPEN" is "$(field mode "$out") $(field sealed "$out")" "OPEN true"
done
run in_h net-seal check
ok "OPEN: nothing of it is left" status 0
tap_done
