#!/bin/bash
# legacy.t: hosts with one packet engine, both, or none, and what each mode makes of them
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
. "${0%/*}/../legacy.sh"
need_observer
legacy_up

# ---- hosts with one engine, both, none ---------------------------------------

# expect HOST MODE: exit, sealed, both layers; TRUSTED judges frames
expect() {
	case $1.$2 in
	both.*) echo "0 true inet:used legacy:used" ;;
	nft.*) echo "0 true inet:used legacy:absent" ;;
	legacy.TRUSTED) echo "19 false inet:absent legacy:used" ;;
	legacy.*) echo "0 true inet:absent legacy:used" ;;
	neither.*) echo "19 false inet:absent legacy:absent" ;;
	esac
}
state OPEN
probes control
ok "all four arrive in OPEN (control)" is "$(arrived control)" "v4 v6 fwd4 fwd6"
for host in both nft legacy neither; do
	case $host in
	both) as=() ;;
	nft) as=("$without" legacy) ;;
	legacy) as=("$without" nft) ;;
	neither) as=("$without" 'legacy,nft') ;;
	esac
	for m in RESTRICTED TRUSTED AIRGAP LOCKDOWN; do
		want=$(expect $host $m)
		run in_h "${as[@]}" net-seal can $m
		ok "$host: can $m" status "$([[ $want == 0* ]] && echo 0 || echo 1)"
		[[ $want == 0* ]] || ok "$host: and it says what lacks" like "$out" 'lacks *nf_tables'
		seal $m
		[[ $m != RESTRICTED || $status != 15 ]] || status=0
		# Without ctnetlink what is forwarded already cannot be cut, which is told.
		if [[ $host.$m == legacy.RESTRICTED ]]; then
			ok "$host: $m: exit 1, for flows go on" like "$status $out" '^1 .*no ctnetlink'
			status=0
		fi
		ok "$host: $m" is "$(say_all)" "$want"
		run in_h "${as[@]}" net-seal check --json
		ok "$host: $m: check says the same" is "$(say_all)" "$want"
		if [[ $m == AIRGAP ]]; then
			ok "$host: $m: the links are down" is "$(in_h cat /sys/class/net/h{0,1}/operstate | paste -sd' ')" "down down"
		fi
		if [[ $want == 0* ]]; then
			[[ $m < R ]] && leaks_raise
			probes "$host-$m"
			ok "$host: $m: nothing that is not listed" is "$(arrived "$host-$m")" \
			    "$([[ $m == RESTRICTED ]] && echo v4 v6)"
			ok "$host: $m: loopback" is "$(in_h ping -n -c1 -W0.2 127.0.0.1 >/dev/null; echo $?)" \
			    "$([[ $m == LOCKDOWN ]] && echo 1 || echo 0)"
		fi
		loosen $m OPEN
	done
	leaks_raise
	same_as_before "$host"
done
as=()

# IPv6 alone lacks: no engine for both, so it is not counted, but it stands for IPv4
as=("$without" "nft,legacy6")
seal AIRGAP
ok "legacy of IPv4 only: 19" is "$(say_all)" "19 false inet:absent legacy:absent"
leaks_raise
probes half
ok "and IPv4 is stopped all the same" is "$(arrived half)" "v6 fwd6"
loosen AIRGAP OPEN
leaks_raise
as=()

# What -n prints is what iptables-restore makes of it, entry for entry.
leaks_list | in_h sh -c 'mkdir -p /etc/bnd; cat >/etc/bnd/net.allow'
for m in RESTRICTED TRUSTED AIRGAP; do
	seal $m
	[[ $m != AIRGAP ]] || leaks_raise
	sealed=$(legacy_of_all | plain)
	in_h sh -c "net-seal apply -n $m >/tmp/rules" || ok "$m: -n" false
	loosen $m OPEN
	leaks_raise
	for f in iptables ip6tables; do
		in_h sh -c "sed -n 's/^# $f //p' /tmp/rules | $f-legacy-restore --noflush" ||
			ok "$m: $f takes it" false
	done
	loaded=$(legacy_of_all | plain)
	[[ $loaded == "$sealed" ]] || diag "$(diff <(echo "$sealed") <(echo "$loaded"))"
	ok "$m: -n, restored by iptables, is what was put there" is "$loaded" "$sealed"
	run in_h net-seal apply --json
	ok "$m: and of that nothing stays in OPEN" is "$(ours | paste -sd' ')" "0 0"
done
same_as_before "the end"
tap_done
