#!/bin/bash
# host-cgroups.t: limits and kills of a throw-away host stay its own
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
host="$BND_TREE/tests/host"
why=$("$host" --cgroups --can 2>&1) || skip_all "$why"

# Directories of hosts that this test started: by the script's process.
ours() {
	find /sys/fs/cgroup -name "bnd-test-host.*.$1.*" 2>/dev/null
}
gone() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(ours "$1") ]] || return 0
		sleep 0.1
	done
	ours "$1"
	return 1
}

grep -E ' - (cgroup2?|cgroup) ' /proc/self/mountinfo | awk '{ print $5 }' | sort >"$T/layout"
find /sys/fs/cgroup -name bnd-host-cgroups 2>/dev/null >"$T/before"
"$host" --bare --cgroups bash -c '
	mkdir /tmp/o && set -- /tmp/o "$1" && cd /sys/fs/cgroup || exit
	grep -E " - (cgroup2?|cgroup) " /proc/self/mountinfo | awk "{ print \$5 }" | sort >"$1/inside"
	grep -E " - (cgroup2?|cgroup) " /proc/self/mountinfo | awk "{ print \$4 }" | sort -u >"$1/roots"
	find . -name cgroup.procs -printf "%h\n" | sort >"$1/dirs"
	"$2/tests/guard" && echo guarded >"$1/guard"
	unshare -Urpf --mount-proc true && echo proc >"$1/proc"
	grep -h "^bnd-sbx:[0-9]*:2048$" /etc/subuid /etc/subgid | sort -u | wc -l >"$1/ids"
	for d in $(cat "$1/dirs"); do mkdir "$d/bnd-host-cgroups"; done
	f=$(find . -path "*/bnd-host-cgroups/freezer.state" | head -1)
	[ ! "$f" ] || { sleep 999 & echo $! >"${f%/*}/tasks"; echo FROZEN >"$f"; cat "$f" >"$1/frozen"; }
	find . -name bnd-host-cgroups | wc -l >"$1/made"
	tar -C "$1" -cf - .' bash "$BND_TREE" >"$T/o.tar" &
job=$!
wait $job
ok "the host ends, a frozen process in it or not" is "$?" 0
tar -C "$T" -xf "$T/o.tar"
ok "its cgroups are mounted where they are here" cmp "$T/layout" "$T/inside"
ok "each with a root of its own" is "$(cat "$T/roots")" /
ok "control: it made some" test "$(cat "$T/made")" -gt 1
ok "a directory has room for those of the host only" not grep -Ev '^\./[^/]*(/init)?$' "$T/dirs"
ok "the guard lets an enforcer run in it" is "$(cat "$T/guard")" guarded
ok "a new user namespace may have a procfs" is "$(cat "$T/proc")" proc
ok "bnd-sbx has 2048 ids, the same for users and groups" is "$(cat "$T/ids")" 1
ok "nothing it made is left" gone $job
find /sys/fs/cgroup -name bnd-host-cgroups 2>/dev/null >"$T/after"
ok "nor anywhere else" cmp "$T/before" "$T/after"

env --default-signal "$host" --bare --cgroups sleep 999 &
job=$!
for ((i = 0; i < 100; i++)); do [[ ! $(ours $job) ]] || break; sleep 0.1; done
ok "control: a host has directories here while it runs" test -n "$(ours $job)"
kill -TERM $job
wait $job 2>/dev/null
ok "an interrupted one leaves none" gone $job

env --default-signal "$host" --pid "$T/pid" --bare --cgroups sleep 999 &
job=$!
for ((i = 0; i < 100; i++)); do [[ ! -e $T/pid ]] || break; sleep 0.1; done
kill -KILL $job
wait $job 2>/dev/null
ok "control: one whose script was killed does" test -n "$(ours $job)"
"$host" --bare --cgroups true
ok "and the next removes them" gone $job
tap_done
