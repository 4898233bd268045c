#!/bin/bash
# legacy-child.t: what the environment, a plugin or a kernel without one does to the older engine
. "${0%/*}/../tap.sh"
. "${0%/*}/../net.sh"
. "${0%/*}/../seal.sh"
. "${0%/*}/../leaks.sh"
. "${0%/*}/../legacy.sh"
need_observer
legacy_up

# ---- the child ---------------------------------------------------------------------------

plugin=$(in_h sh -c 'ls /usr/lib/*/xtables/libxt_multiport.so')
fake=$BND_BUILD/tests/fake/plugin.so
# T26: what names other files to load, another lock, other ids
in_h sh -ec "mkdir /tmp/lib; for p in multiport conntrack icmp; do cp $fake /tmp/lib/libxt_\$p.so; done; echo drop >/tmp/plugin"
evil=(env XTABLES_LIBDIR=/tmp/lib IPTABLES_LIB_DIR=/tmp/lib IP6TABLES_LIB_DIR=/tmp/lib XTABLES_LOCKFILE=/dev/full LD_PRELOAD=)
in_h "${evil[@]}" iptables-legacy -t mangle -A INPUT -p tcp -m multiport --dports 1 2>/dev/null
ok "T26: another program loads what the environment names (control)" in_h test -e /tmp/plugin-was-loaded
in_h sh -c 'rm /tmp/plugin-was-loaded; iptables-legacy -t mangle -D INPUT -p tcp -m multiport --dports 1' 2>/dev/null
as=("${evil[@]}")
seal RESTRICTED
ok "T26: in force as without" like "$(say_all)" '(0|15) true inet:used legacy:used'
ok "T26: nothing of that was loaded" not in_h test -e /tmp/plugin-was-loaded
as=(setpriv --ruid 65534)
run in_h "${as[@]}" net-seal apply --json
ok "T26: uid is not euid: the same" is "$(say_all)" "0 true inet:used legacy:used"
as=()
# T27: no program is run, whatever modprobe is said to be
in_h sh -c 'printf "#!/bin/sh\ntouch /tmp/modprobe-ran\n" >/tmp/modprobe; chmod 755 /tmp/modprobe; echo /tmp/modprobe >/proc/sys/kernel/modprobe'
run in_h strace -qq -f -e trace=execve -o /tmp/execs net-seal apply --json
ok "T27: in force" is "$(say_all)" "0 true inet:used legacy:used"
ok "T27: nothing runs but net-seal" is "$(in_h grep -c execve /tmp/execs) $(in_h ls /tmp/modprobe-ran 2>/dev/null)" "1 "
# The child inherits nothing but the pipe.
in_h strace -qq -f -e trace=close_range,setresuid,prctl -o /tmp/calls net-seal check -q
ok "the child closes all but the pipe, and is root alone" \
    is "$(in_h grep -cE 'close_range\(4, 4294967295, 0\)|setresuid\(0, 0, 0\)|PR_SET_PDEATHSIG, SIGKILL' /tmp/calls)" 3
loosen RESTRICTED OPEN

# M51, T28: what builds another rule than asked, or is not there
broken() { # WHAT WHY: RESTRICTED is not in force, and no rule is in the legacy tables
	seal RESTRICTED
	ok "$1: RESTRICTED is not in force" is "$status $(field sealed "$out")" "19 false"
	ok "$1: and says why" like "$out$err" "$2"
	ok "$1: nothing is committed" is "$(ours | paste -sd' ')" "0 0"
	probes "${1/ /-}"
	ok "$1: nf_tables stands" is "$(arrived "${1/ /-}")" "v4 v6"
	state OPEN
	in_h net-seal apply OPEN --txn $txn -q
}
in_h sh -ec "cp $plugin /tmp/real; cp $fake $plugin"
for what in drop other stub; do
	in_h sh -c "echo $what >/tmp/plugin"
	broken "M51 $what" 'built another multiport|stub of multiport'
done
in_h sh -c 'echo die >/tmp/plugin'
broken "M51 die" 'died'
in_h sh -c 'echo hang >/tmp/plugin'
start=$(date +%s%N)
seal RESTRICTED
ms=$((($(date +%s%N) - start) / 1000000))
ok "a child that hangs: ended after its deadline ($ms ms)" test $ms -gt 1900 -a $ms -lt 3500
ok "and said" like "$status $err$out" '^19 .*no answer in 2 s'
ok "nothing of it is left" is "$(in_h pgrep -x net-seal)" ""
seal AIRGAP
ok "AIRGAP needs no such part" is "$(say_all)" "0 true inet:used legacy:used"
loosen AIRGAP OPEN
leaks_raise
in_h rm "$plugin"
broken T28 'no usable multiport'
in_h cp /tmp/real "$plugin"
# A kernel without an extension: nf_tables does without the older engine, which is told.
as=("$without" ext:conntrack)
seal RESTRICTED
ok "T28: a kernel without xt_conntrack: nf_tables alone" is "$(say_all)" "0 true inet:used legacy:absent"
ok "T28: and no shorter rule" is "$(ours | paste -sd' ')" "0 0"
loosen RESTRICTED OPEN
as=("$without" "nft,ext:conntrack")
seal RESTRICTED
ok "T28: and without nf_tables: 19" is "$(say_all)" "19 false inet:absent legacy:absent"
ok "T28: says what lacks" like "$out$err" 'kernel has no xtables conntrack'
state OPEN
in_h "${as[@]}" net-seal apply OPEN --txn $txn -q
as=()
leaks_raise
same_as_before "the end"

# A kernel whose module for table raw is not there, on a host of its own where none was made.
# shellcheck disable=SC2016
run "$BND_TREE/tests/host" bash -c 'h=$BND_BUILD/tests/helper; $h/state AIRGAP
	for lack in ext:raw "nft,ext:raw"; do
		$h/without $lack net-seal apply AIRGAP --txn 0123456789abcdef0123456789abcdef --json; echo "exit $?"
		$h/without $lack net-seal check --json; echo "exit $?"
	done' 2>/dev/null
ok "without table raw: nf_tables alone, and without that 19" is "$(grep -oE '"legacy":"[a-z]*"|exit [0-9]+' <<<"$out" | paste -sd' ')" \
    '"legacy":"absent" exit 0 "legacy":"absent" exit 0 "legacy":"absent" exit 19 "legacy":"absent" exit 19'
tap_done
