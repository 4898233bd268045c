#!/bin/bash
# sbx-tree.t: terminal, signals, and a tree that hides, multiplies, will not go
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
. "${0%/*}/../terminal.sh"
need_bwrap
sbx_up

took() {
	start=${EPOCHREALTIME/./}
	"$@"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
}

# ---- somebody's terminal (X68) ----------------------------------------------
# A shell at a terminal runs it, and reads its next line from there.
at_shell() {
	at_terminal bash -c '"$@" || :; read -r -t 0.3 x; echo "next <$x>"' bash "$@"
	left
}
at_shell $payloads/inject n hacked
if [[ $out == *"next <hackedx>"* || $out == *"next <hacked>"* ]]; then
	at_shell "$sbx_bwrap" --unshare-all --ro-bind / / -- $payloads/inject n hacked
	ok "control: a payload of bubblewrap's types into it" like "$out" 'next <hacked'
	at_shell sbx-run -- $payloads/inject n safe
	ok "ours runs there" like "$out" 'nonce n'
	ok "and types nothing" like "$out" 'next <>'
	printf '%s\n' 'version 1' 'bind rx /usr' 'stdin any' >"$T/any.sbx"
	at_shell sbx-run -p "$T/any.sbx" -- $payloads/inject n safe
	ok "not even where the terminal itself is let in" like "$out" 'next <>'
	ok "by the filter" like "$out" 'type 0: EPERM'
	ok "whatever the upper half says" like "$out" 'high bits 0: EPERM'
	ok "nor is anything pasted" like "$out" 'paste 0: EPERM'
else
	skip_kernel "typing into a terminal" "this kernel lets nobody: $out"
fi
at_terminal sbx-run --result "$T/result" -- sh -c 'echo here; sleep 20'
shown here
say 'key C'
left
ok "Ctrl-C ends a run as it ends a command" is "$status $(result '.reason, .signal' | xargs)" "130 cancelled 2"
ok "nothing is left" left_nothing

# ---- signals from inside (X69) --------------------------------------------------
sbx=(-w 1s)
inside tree signals 1 0
ok "signals to the init and to its own group" payload_ran
ok "are heard by itself alone" is "$(result '.reason, .signal' | xargs)" "wall-limit 15"
sbx=()
inside tree kill -1 1
ok "a shot at everybody hits nobody but itself" canaries
ok "the run ends" like "$(result .reason)" '^(exited|signaled)$'
sbx_result=$T/result.two begin stay
pid=$P
sbx_two=$S in_two=$sbx_in begun_two=$begun
inside tree kill "$pid" "$S" $$
ok "numbers of the host mean nothing inside" payload_got "kill $pid 9" ESRCH
S=$sbx_two sbx_in=$in_two begun=$begun_two
finish
ok "the other ends well" status 0
sbx=()

# ---- what is left behind (X71, X72, X73) -------------------------------------------
bwrap=()
by_bwrap tree daemon
ok "control: bubblewrap returns" payload_ran
ok "control: and leaves a daemon" pgrep -f "^$payloads/tree $nonce"
pkill -KILL -f "^$payloads/tree $nonce"
took inside tree daemon
ok "with us a daemon" payload_ran
ok "ends with its starter" not pgrep -f "^$payloads/tree $nonce"
ok "and its starter's status counts" is "$status $(result .reason)" "0 exited"
ok "at once ($took ms)" test "$took" -lt 500
took inside tree keep
ok "one that holds standard output open is not waited for" payload_ran
ok "either ($took ms)" test "$took" -lt 500
took bash -c 'sbx-run -- "$@" | cat >/dev/null' bash $payloads/tree n keep
ok "and its reader sees the end" test "$took" -lt 500
sbx=(-k pids=64)
took inside tree orphans 2000
ok "two thousand orphans are reaped" is "$status" 0
ok "within the limit" test "$(result .pids_peak)" -le 65

# ---- killed at the limit (X74) ------------------------------------------------------
sbx=(-k pids=50)
begin tree storm
took kill -TERM "$S"
took finish
ok "a storm at its limit is over in a second ($took ms)" test "$took" -lt 1500
ok "and gone" left_nothing

# ---- that cannot be killed (X75) --------------------------------------------------------
sbx=()
if [[ $(v1 freezer) ]]; then
	begin stay
	ice=$(v1 freezer)/bnd-ice
	mkdir "$ice" && echo "$P" >"$ice/tasks" && echo FROZEN >"$ice/freezer.state"
	until grep -q FROZEN "$ice/freezer.state"; do sleep 0.01; done
	kill -TERM "$S"
	took finish
	ok "what cannot die is given up after two seconds" is "$(result .reason)" kill-stuck
	ok "($took ms)" test "$took" -lt 4000
	ok "with 125" status 125
	ok "and what is left is said" isnt "$(result .cleanup)" ok
	ok "the lease stays" is "$(find /run/bnd/sbx -type f -name '[0-9]*' -size +0 | wc -l)" 2
	echo THAWED >"$ice/freezer.state"
	for ((i = 0; i < 100; i++)); do rmdir "$ice" 2>/dev/null && break; sleep 0.02; done
	run sbx-run --gc
	ok "a sweep finishes it" left_nothing
else
	skip_kernel "a task that cannot die" "no freezer of cgroup v1"
fi

# ---- a supervisor's own calls (X106) ----------------------------------------------------
strace -qq -o "$T/calls" -e trace=kill,tkill,tgkill,pidfd_send_signal,rt_sigqueueinfo \
    "$BND_BUILD/sbx-run" -w 100ms -k grace=1ms -- sleep 9 2>/dev/null
ok "it signals by pidfd" grep -q '^pidfd_send_signal' "$T/calls"
ok "and by nothing else" not grep -qE '^(kill|tkill|tgkill|rt_sigqueueinfo)' "$T/calls"
# ---- nothing where others can write (S1-08) ---------------------------------------------
mkdir -m 1777 "$T/theirs"
for at in "$T/theirs" /tmp /var/tmp /dev/shm; do
	for name in sbx bnd bnd-sbx sbx-run sandbox root; do
		ln -s /etc "$at/$name" && chown -h 65534:65534 "$at/$name"
	done
done
cd "$T/theirs" || bail "no $T/theirs"
# The supervisor is who names what is the host's: the init has descriptors of it,
# and makes names below a root that nobody else sees.
TMPDIR=$T/theirs strace -qq -y -o "$T/calls" -e trace=%file "$BND_BUILD/sbx-run" -- true >/dev/null 2>&1
cd / || bail "no root"
# But for the directory it was called from, which is kept for names that begin there.
grep -v '^execve\|, "\.", ' "$T/calls" | sed 's/AT_FDCWD<[^>]*>/AT_FDCWD/g' >"$T/named"
ok "control: names that are looked up are seen" like "$(<"$T/named")" '"/?run/bnd'
ok "none of them is where others can write" is "$(grep -E '["</](tmp|var/tmp|dev/shm)[/">]' "$T/named")" ''
ok "what is made is below the root's own" is "$(grep '^mkdir' "$T/named" | grep -vE '[</"](run/bnd|sys/fs/cgroup)')" ''
ok "where leases are is root's alone" is "$(stat -c '%a %u:%g' /run/bnd/sbx)" "700 0:0"
chmod 777 /run/bnd/sbx
inside nothing
ok "or nothing runs" refused lease
chmod 700 /run/bnd/sbx
mv /run/bnd/sbx /run/bnd/aside && ln -s aside /run/bnd/sbx
inside nothing
ok "nor by way of a link" refused lease
rm /run/bnd/sbx && mv /run/bnd/aside /run/bnd/sbx
for at in /tmp /var/tmp /dev/shm; do rm -f $at/{sbx,bnd,bnd-sbx,sbx-run,sandbox,root}; done
ok "an ordinary program runs, nothing is left" unharmed
tap_done
