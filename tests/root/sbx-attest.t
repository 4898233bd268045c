#!/bin/bash
# sbx-attest.t: a start that leaves a step out is seen, and nothing runs
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

# The control is each line of it: the kernel let the step be left out, both
# children were ready to go, and only what was read back was against it.
while read -r stage step what; do
	skipping "$stage" "$step" stay exit 0
	ok "without $what: nothing runs" payload_did_not
	ok "without $what: setup-error, attest: $(result .detail)" is "$status $(result '.reason + " " + .stage')" "125 setup-error attest"
done <<'EOT'
clone 4 an IPC namespace
join 1 the limits' cgroups
join 5 a cgroup namespace
join 7 a network namespace
root 1 the host's root gone
host 1 rlimits
host 2 an empty bounding set
seal 0 the init's descriptors closed
seal 2 the init's filter
landlock 0 Landlock
creds 1 the payload's ids
fds 0 its descriptors closed
seccomp 0 its filter
EOT
# These are needed by a later step, which says so.
while read -r stage step what; do
	skipping "$stage" "$step" stay exit 0
	ok "without $what: nothing runs: $(result '.stage + ": " + .detail')" refused '[a-z]*'
done <<'EOT'
clone 1 a user namespace
clone 2 a mount namespace
clone 3 a pid namespace
clone 5 a UTS namespace
join 6 a time namespace
clone 6 its v2 leaf
join 4 the init's ids
time 1 clocks of its own
root 0 a root of its own
host 3 no_new_privs
seal 1 the init's capabilities dropped
creds 2 capabilities dropped
EOT

inside stay exit 0
ok "with all of it it runs" payload_ran
ok "and the result says what was read" is "$(result '.enforced | [.complete, .no_new_privs, .seccomp, .landlock_probe, (.caps | add), (.ns | length)] | join(" ")')" \
    "true 1 2 EPERM 00000 8"
ok "ids are leased ones" is_leased "$(result .enforced.uid)"
begin stay
for n in user mnt pid net ipc uts cgroup time; do
	seen+=" $(readlink "/proc/$P/ns/$n" | tr -dc 0-9)"
done
filter="$(host_status Seccomp) $(host_status Seccomp_filters)"
finish
ok "its filter, and how many with it, are those the host sees" is "$(result '.enforced | [.seccomp, .filters] | join(" ")')" "$filter"
ok "namespaces are those the host sees" is "$(result '.enforced.ns | [.user, .mnt, .pid, .net, .ipc, .uts, .cgroup, .time] | map(" " + tostring) | add')" "$seen"

# ---- what a kernel lacks is named, by the check as by a run ----
run sbx-run --check-host --json
ok "this host has all of it" is "$status $(jq -r '.default, ([.facility[] | select(.needed and (.present | not)).name] | join(","))' <<<"$out" | xargs)" "0 true"
for what in landlock clone3 open_tree mount_setattr close_range pidfd_open timens; do
	run "$BND_BUILD/tests/helper/without" $what sbx-run --check-host --json
	ok "without $what: default cannot run" is "$status $(jq -r .default <<<"$out")" "1 false"
	ok "and what is missing is named" test -n "$(jq -r '.facility[] | select(.present | not).name' <<<"$out")"
done
run "$BND_BUILD/tests/helper/without" openat2 sbx-run --check-host
ok "without openat2 nothing of ours can be opened: trouble" like "$status $err" '^2 .*not implemented'
run sbx-run --check-host
ok "for people" like "$out" 'the profile default can run here'

# ---- a name that is there is no facility ----

checked() {
	mode-set --check --json | jq -c '.enforced, .deviations, .notes'
}
checked_was=$(checked)
mkdir -p /sys/kernel/security/landlock /sys/fs/cgroup/landlock /run/tpm && echo landlock,seccomp >/sys/kernel/security/lsm
run "$BND_BUILD/tests/helper/without" landlock sbx-run --check-host --json
ok "directories of its name make no Landlock" is \
    "$status $(jq -r '.facility[] | select(.name == "landlock") | [.present, .how] | join(" ")' <<<"$out" | head -n 1)" \
    "1 false Operation not supported"
inside stay exit 0
ok "and a run says what the kernel said" is "$(result '.enforced | [.landlock, .landlock_probe] | join(" ")')" \
    "$(sbx-run --check-host --json | jq -r '.facility[] | select(.name == "landlock").how' | tr -dc 0-9) EPERM"
ok "nor does a check of the mode claim more than before" is "$(checked)" "$checked_was"
# shellcheck disable=SC2016
run unshare -m sh -c 'mount -t tmpfs t "$1" && touch "$1/tasks" "$1/cgroup.procs" "$1/memory.limit_in_bytes" &&
	sbx-run --check-host --json' sh "$(v1 memory)"
if [[ $(v1 memory) ]]; then
	ok "plain files of its names make no controller" is \
	    "$status $(jq -r '.facility[] | select(.name == "memory") | [.present, .how] | join(" ")' <<<"$out")" "1 false no controller"
fi
rm -rf /sys/kernel/security/landlock /sys/kernel/security/lsm /run/tpm
rmdir /sys/fs/cgroup/landlock

# ---- shipped probes, outside and inside ----
if ! sanitized; then
	run sbx-run --selftest --json
	ok "the self-test" is "$status $(jq -r '[.escaped, .unproven] | join(" ")' <<<"$out")" "0 0 0"
	ok "tries twenty and more" test "$(jq .contained <<<"$out")" -ge 20
fi
run sbx-run --selftest --profile nowhere
ok "of a profile that is not there" status 2
ok "nothing is harmed" unharmed
tap_done
