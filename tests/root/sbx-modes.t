#!/bin/bash
# sbx-modes.t: sandboxes and changes of the mode, from both sides
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
# That on the tests' clock, as mode-set runs it.
PATH=/usr/bin:$PATH

profile() {
	local name=$1
	shift
	mkdir -p /etc/bnd/sbx
	printf '%s\n' "version 1" "$@" >"/etc/bnd/sbx/$name.sbx"
}
profile big "mem 6G" "pids 600" "cpu 500%" "swap 0"
profile cold "nofile 5000" "on-tighten freeze"
profile rigid "nofile 5000"
# Within every floor but LOCKDOWN's.
profile small "mem 64M" "cpu 50%" "out 1M" "wx none" "syscalls @base @file @proc @thread" \
    "pass-env none" "nofile 64" "tmp 1M 1K" "fsize 1M" "fds none"

# The leaf of $P in a hierarchy: v2, or a controller of v1.
leaf() {
	local path
	if [[ $1 == v2 ]]; then
		echo "$(v2)$(sed -n 's/^0:://p' "/proc/$P/cgroup")"
		return
	fi
	path=$(sed -nE "s/^[0-9]+:([^:]*,)?$1(,[^:]*)?://p" "/proc/$P/cgroup")
	if [[ $path ]]; then echo "$(v1 "$1")$path"; else leaf v2; fi
}
limit() {
	local d
	d=$(leaf "$1")
	cat "$d/$2" 2>/dev/null || cat "$d/$3"
}
limits() {
	echo "$(limit memory memory.max memory.limit_in_bytes) $(limit pids pids.max pids.max)" \
	    "$(limit cpu cpu.max cpu.cfs_quota_us | cut -d' ' -f1)"
}
lease() {
	sed -n 's/^0:.*\///p' "/proc/$P/cgroup"
}
is_gone() {
	! kill -0 "$P" 2>/dev/null || { echo "$P lives"; return 1; }
}
event() {
	sed -n "s/^$1 //p" "$2/cgroup.events"
}
# Wall clock of a command, in milliseconds.
took() {
	local from=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}
# A second, and what a program that does nothing needs on this host just now.
soon() {
	test "$1" -lt $((1000 + 3 * ${2:-0})) || { echo "$1 ms, with ${2:-0} ms for nothing"; return 1; }
}
tighten() {
	run mode-set "$@"
}
open_again() {
	loosen to "$T" 1 OPEN >/dev/null 2>&1 || bail "cannot loosen"
}

# ---- X115: lowered in place, frozen, killed; never loosened ----
sbx=(-p big)
begin stay
ok "a big one runs" is "$(limits)" "$((6 << 30)) 601 500000"
tighten trusted
ok "TRUSTED is entered" is "$status $(published)" "0 TRUSTED"
ok "it is within that floor and goes on" is "$(limits)" "$((6 << 30)) 601 500000"
tighten airgap
ok "AIRGAP is entered" is "$status $(published)" "0 AIRGAP"
ok "its limits are AIRGAP's now" is "$(limits)" "$((4 << 30)) 513 400000"
ok "and it runs on" kill -0 "$P"
# shellcheck disable=SC2154
ok "on record" test "$(grep -c '"ev":"sbx.enforce".*"lowered":1' $log_file)" = 1
# What a collector is told are the kernel's figures.
figures() {
	sed -n 's/^bnd_sbx_\(running\|frozen\) //p' "$T/page" | xargs
}
counted() {
	local d n=0 ice=0
	for d in "$(v2)"/bnd-sbx/*/; do
		[[ $(event populated "$d") != 1 ]] || n=$((n + 1))
		[[ $(event frozen "$d") != 1 ]] || ice=$((ice + 1))
	done
	echo "$n $ice"
}
run mode-set --check --metrics "$T/page"
ok "a check finds nothing: $out" status 0
ok "as many are counted as the kernel has" is "$(figures)" "$(counted)"
ok "which is one, not frozen" is "$(counted)" "1 0"
run mode-set --check --json
ok "so says its JSON" is "$(jq -r '.enforced.sbx | "\(.running) \(.stopped)"' <<<"$out")" "1 0"
open_again
ok "loosening" is "$(published)" OPEN
ok "loosens nothing that runs" is "$(limits)" "$((4 << 30)) 513 400000"
finish
ok "and it ends as it would have" ended exited

# The built-in profile has no quota of processor: there is no group of v1 to lower.
sbx=()
begin stay
if [[ $(leaf cpu) == "$(leaf v2)" ]]; then
	tighten airgap
	ok "cpu max becomes AIRGAP's" is "$(limit cpu cpu.max none | cut -d' ' -f1)" 400000
else
	tighten airgap
	ok "cpu max cannot be lowered on cgroup v1: it is dead" is_gone
fi
finish
open_again

sbx=(-p rigid)
begin stay
tighten restricted
ok "within RESTRICTED: it goes on" kill -0 "$P"
ms=$(took mode-set trusted)
ok "a tightening that it is too loose for is over ($ms ms)" is "$(published)" TRUSTED
ok "and it is dead" is_gone
finish
ok "mode-change" is "$status $(result '.reason + " " + .mode + " " + .mode_then')" "124 mode-change OPEN TRUSTED"
open_again

sbx=(-p cold)
begin stay
ok "one that may be frozen runs" like "$(said)" ready
d=$(leaf v2)
tighten trusted
ok "the other kind is frozen" is "$status $(event frozen "$d")" "0 1"
ok "and lives" kill -0 "$P"
run mode-set --check --metrics "$T/page"
ok "a frozen one is no deviation: $out" status 0
ok "and counted as the kernel has it" is "$(figures) $(counted)" "1 1 1 1"
run sbx-run --check --json
ok "it is counted" is "$(jq -r .stopped <<<"$out")" 1
tighten airgap
ok "in AIRGAP none is frozen: it is dead" is_gone
finish
ok "mode-change, again" ended mode-change
open_again
begin stay
d=$(leaf v2)
tighten trusted
open_again
ok "thawed when the floor has room for it again" is "$(event frozen "$d")" 0
ok "and not before it is published" test "$(grep -c '"ev":"sbx.enforce".*"thawed":1' $log_file)" = 1
finish
ok "it ends by itself" ended exited

# ---- X121: no lease to be believed, nobody to ask ----
sbx=(-p small)
for what in empty garbage writable stopped; do
	begin stay
	n=$(lease) d=$(leaf v2)
	case $what in
	empty) : >"/run/bnd/sbx/$n" ;;
	garbage) echo 'bnd-lease 1' >"/run/bnd/sbx/$n" ;;
	writable) chmod 0666 "/run/bnd/sbx/$n" ;;
	stopped) kill -STOP "$S" ;;
	esac
	run sbx-run --check
	if [[ $what == stopped ]]; then
		ok "supervisor $what: the sandbox is as it should be" status 0
		ms=$(took sbx-run --enforce --mode lockdown)
	else
		ok "lease $what: seen" status 1
		ms=$(took sbx-run --enforce)
	fi
	ok "$what: dead within a second ($ms ms)" soon "$ms" "$(took sbx-run --version)"
	ok "$what: and read back" is "$(event populated "$d" 2>/dev/null || echo 0)" 0
	kill -CONT "$S" 2>/dev/null
	chmod 0600 "/run/bnd/sbx/$n"
	finish
	sbx-run --gc >/dev/null
	# That of the other sandbox was ended by LOCKDOWN's one write.
	[[ $what != stopped ]] || break
done
run sbx-run --enforce --json
ok "with nothing left it says so" is "$status $(jq -r '[.sealed, .running] | join(" ")' <<<"$out")" "0 true 0"

# ---- X122: LOCKDOWN with bombs, and with a broken floor ----
bombs=()
bomb() {
	sbx-run -q -- $payloads/tree x storm >/dev/null 2>&1 &
	bombs+=($!)
}
populated() {
	local i
	for ((i = 0; i < 100; i++)); do
		[[ $(cat "$(v2)"/bnd-sbx/*/cgroup.procs 2>/dev/null | wc -l) -lt $1 ]] || return 0
		sleep 0.05
	done
	return 1
}
for how_broken in whole broken; do
	if [[ $how_broken == broken ]]; then
		mkdir -p /etc/bnd/sbx/floor
		echo 'nonsense' >/etc/bnd/sbx/floor/COLDROOM.sbx
	fi
	for _ in 1 2 3; do bomb; done
	ok "$how_broken: three bombs are at it" populated 150
	idle=$(took sbx-run --version)
	ms=$(took sbx-run --enforce --mode lockdown)
	ok "$how_broken: nothing lives after $ms ms" is "$(event populated "$(v2)/bnd-sbx")" 0
	ok "$how_broken: within a second" soon "$ms" "$idle"
	wait "${bombs[@]}"
	bombs=()
done
rm -f /etc/bnd/sbx/floor/COLDROOM.sbx
for _ in 1 2 3; do bomb; done
populated 150
# Until the kernel says that nobody is left, whatever mode-set still has to do.
empty_after() {
	local from=${EPOCHREALTIME/./} pid
	"$@" >/dev/null 2>&1 &
	pid=$!
	until [[ $(event populated "$(v2)/bnd-sbx") == 0 ]]; do
		kill -0 $pid 2>/dev/null || break
	done
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
	wait $pid
}
idle=$(took mode-set --get)
ms=$(empty_after mode-set --trip intruder)
ok "a tripwire with three bombs: none is left" is "$(published) $(event populated "$(v2)/bnd-sbx")" "LOCKDOWN 0"
ok "after $ms ms" soon "$ms" $((4 * idle))
wait "${bombs[@]}"
inside stay
ok "a new run is refused" refused mode
ok "it says why" like "$err" LOCKDOWN
run sbx-run --enforce --mode coldroom --json
ok "a laxer mode than the host's is not looked at" is "$(jq -r .mode <<<"$out")" LOCKDOWN
open_again

# A floor that cannot be read: everything is too loose from that mode on.
mkdir -p /etc/bnd/sbx/floor
echo nonsense >/etc/bnd/sbx/floor/TRUSTED.sbx
sbx=(-p small)
inside stay
ok "before that mode it runs" payload_ran
begin stay
tighten trusted
ok "what ran is dead where the floor is broken" is_gone
ok "and the mode is in force" is "$status $(published)" "0 TRUSTED"
finish
inside stay
ok "nothing new runs" refused profile
rm /etc/bnd/sbx/floor/TRUSTED.sbx
open_again

# ---- X13: a state that says nothing ----
sbx=()
cp -p /run/bnd/state "$T/state"
broken_state() {
	case $1 in
	missing) rm /run/bnd/state ;;
	unreadable) chmod 0666 /run/bnd/state ;;
	unknown) sed -i 's/^effective OPEN/effective AJAR/' /run/bnd/state ;;
	link) mv /run/bnd/state /run/bnd/other && ln -s other /run/bnd/state ;;
	cut) sed -i '$d' /run/bnd/state ;;
	esac
}
for what in missing unreadable unknown link cut; do
	broken_state $what
	inside stay
	ok "state $what: nothing runs" refused mode
	run sbx-run --enforce --json
	ok "state $what: enforced as LOCKDOWN, and told" is "$status $(jq -r .mode <<<"$out")" "9 LOCKDOWN"
	rm -f /run/bnd/state /run/bnd/other
	cp -p "$T/state" /run/bnd/state
done
inside stay
ok "with the state back it runs" payload_ran

# ---- X116: the mode goes back and forth while sandboxes start ----
flip() {
	while [[ ! -e $T/enough ]]; do
		mode-set airgap >/dev/null 2>&1
		loosen to "$T" 1 OPEN >/dev/null 2>&1
	done
}
flip &
flipper=$!
# Each commit 60; BND_SWEEP=1 takes all that were asked for.
bad='' ran=0 no=0 i=0 starts=60
[[ ${BND_SWEEP:-} != 1 ]] || starts=1000
while ((i < starts)); do
	i=$((i + 1))
	rm -f "$T/result"
	sbx-run -p big --result "$T/result" -- $payloads/stay x exit 0 >/dev/null 2>&1
	how=$(result '.reason + " " + .mode + " " + (.narrowed | join(","))')
	case $how in
	"exited OPEN "* | "exited AIRGAP "*mem*) ran=$((ran + 1)) ;;
	"refused "* | "mode-change OPEN "*) no=$((no + 1)) ;;
	*) bad+=" [$how: $(result '.detail')]" ;;
	esac
done
touch "$T/enough"
wait $flipper
how=inside
ok "each of $i starts ran within the floor at its go ($ran), or was refused or ended ($no)" is "$bad" ''
[[ $(published) == OPEN ]] || open_again

begin stay
canary_S=$S canary_P=$P sbx_in=''
sbx_again
ok "nothing is harmed" unharmed
tap_done
