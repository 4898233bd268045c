#!/bin/bash
# succeed-kill.t: a succession killed at every step, or whose sync fails, is gone on with
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../succeed.sh"
command -v strace >/dev/null || skip_all "no strace"
strace -o /dev/null true 2>/dev/null || skip_kernel_all "ptrace is not allowed here"
export ASAN_OPTIONS=detect_leaks=0
spine_up

# What changes names and files; whoever dies before a sync died after the write.
calls=(mkdirat renameat renameat2 unlinkat ftruncate write pwrite64)
places=(/run/bnd /var/lib/bnd /etc/bnd)
runs=0 bad=0

note() {
	bad=$((bad + 1))
	((bad > 10)) || diag "$*"
}
# A host as it is, and again; cp does not know the append-only attribute.
keep() {
	local p
	rm -rf "$T/host"
	for p in "${places[@]}"; do
		mkdir -p "$T/host${p%/*}"
		cp -a "$p" "$T/host$p"
	done
	cp /run/.bnd-test-clock "$T/host/clock"
}
back() {
	local p
	chattr -R -f -a /var/lib/bnd
	rm -rf "${places[@]}"
	for p in "${places[@]}"; do
		cp -a "$T/host$p" "$p"
	done
	cp "$T/host/clock" /run/.bnd-test-clock
	find /var/lib/bnd -name '*.jsonl' -exec chattr +a {} +
}
disturbed() {
	(
		strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:$2:when=$3" \
		    chain-keep "${@:4}"
		exit $?
	) >/dev/null 2>&1
}
# In LOCKDOWN all the time, and the old log is there to the byte.
check_cut_short() {
	still_locked >/dev/null || note "$1: $(kernel) $(published)"
	[[ $(mode-set --get 2>/dev/null) == LOCKDOWN ]] || note "$1: not LOCKDOWN"
	[[ $(cat /var/lib/bnd/log*/000001.jsonl | grep -cFxf "$T/lines") -ge $lines ]] ||
	    note "$1: the old log is not what it was"
}
# sweep WHAT NEXT ARGUMENTS...: killed at the Kth of each call, for every K; of
# the syncs the Kth fails.
sweep() {
	local call k how
	for call in "${calls[@]}" fsync fdatasync; do
		how=signal=KILL
		[[ $call != f*sync ]] || how=error=EIO
		for ((k = 1; k < 200; k++)); do
			back
			disturbed "$call" "$how" "$k" "${@:3}" && break
			runs=$((runs + 1))
			check_cut_short "$1, $call $k"
			"$2" "$1, $call $k"
		done
	done
}

# A host whose log was cut; nothing is spooled, nor in the way.
spine_again
mode-set airgap >/dev/null
damage cut_back
cp $log_file "$T/lines"
lines=$(wc -l <"$T/lines")
mode-set --check >/dev/null 2>&1
echo 0 >/run/.bnd-test-clock
keep

next_begin() {
	begin >/dev/null || { note "$1: cannot begin again: $(tail -n 1 "$T/said")"; return; }
	approve 1 2 >/dev/null || note "$1: cannot be approved"
}
sweep "begin" next_begin succeed
((runs > 10)) || bail "the beginning was interrupted $runs times"
ok "disturbed $runs times while it begins: begun again, and approved" is "$bad" 0

back
begin || bail "cannot begin"
approve 1 2 || bail "cannot approve"
forward 91
keep
runs=0 bad=0
next_finish() {
	local said
	# By whoever comes by first: a check, or the next call.
	if ((runs % 2)); then mode-set --check >/dev/null 2>&1; fi
	if ! chain-verify -q; then
		said=$(chain-keep succeed --ceremony "$id" 2>&1) || { note "$1: $said"; return; }
	fi
	chain-verify -q || note "$1: $(chain-verify 2>&1 | tail -n 1)"
	# Killed in the last of it, its transaction is finished by a check.
	mode-set --check >/dev/null 2>&1 || said=$(mode-set --check 2>&1) || note "$1: check: $said"
	still_locked >/dev/null || note "$1: out of LOCKDOWN"
	chain-verify -q --pin "$pin_kept" --previous /var/lib/bnd/log.old-*
	(($? == 5)) || note "$1: no rightful successor"
}
sweep "finish" next_finish succeed --ceremony "$id"
((runs > 20)) || bail "the end was interrupted $runs times"
ok "disturbed $runs times while it is finished: finished, with one approval" is "$bad" 0
tap_done
