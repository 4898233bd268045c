#!/bin/bash
# sbx-limits.t: clocks, processor and output of a whole tree, each by its counter
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
cpus=$(nproc)

# Milliseconds over a limit, by the result and by this side's clock.
over() {
	echo $(($(result .wall_ms) - $1))
}
took() {
	start=${EPOCHREALTIME/./}
	"$@"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
}

# ---- wall (X89, X76, X93) --------------------------------------------------
sbx=(-w 200ms)
inside tree deaf
ok "a payload that sleeps for ever is ended" ended wall-limit
ok "with 124" status 124
ok "after limit and grace" test "$(over 700)" -lt 40
ok "not before" test "$(over 700)" -ge 0
ok "as killed" is "$(result .killed)" true
ok "and that is said" like "$err" '^sbx-run: wall-limit: '
sbx=(-w 200ms -q)
inside tree deaf
ok "but not when quiet" is "$status $err" "124 "
sbx=(-w 300ms -k grace=1ms)
# What the host is busy with only makes it later.
least() {
	local i n=9999
	for i in 1 2 3 4 5; do
		inside tree deaf
		(($(over "$1") >= n)) || n=$(over "$1")
		((n >= 20)) || break
	done
	echo $n
}
n=$(least 300)
ok "without grace within 20 ms ($n)" test "$n" -lt 20
ok "and not before" test "$n" -ge 0
took inside tree stop
ok "one that is stopped by a signal is ended, too" ended wall-limit
ok "as quickly" test "$took" -lt 1000
# Whatever a tree does to stay: its leaf is gone with it.
leaf=''
leaf_of() {
	leaf=$(v2)$(sed -n 's/^0:://p' "/proc/$P/cgroup")
}
gone() {
	[[ ! -e $leaf ]] || { cat "$leaf/cgroup.procs"; return 1; }
	not pgrep -f "^$payloads/tree $nonce"
}
sbx=(-w 700ms -k grace=1ms)
begin tree hide
leaf_of
for ((i = 0; i < 50; i++)); do (($(pgrep -c -f "^$payloads/tree $nonce") < 2)) || break; sleep 0.01; done
ok "control: a daemon is beside it" test "$(pgrep -c -f "^$payloads/tree $nonce")" -ge 2
ok "the clock is one that goes on in a suspend" like "$(cat /proc/"$S"/fdinfo/*)" 'clockid: 7'
finish
ok "deaf, and with a daemon: ended" is "$status $(result .reason)" "124 wall-limit"
ok "all of the tree" gone
begin tree deaf
leaf_of
kill -STOP "$P"
finish
ok "stopped from outside: ended" is "$status $(result .reason)" "124 wall-limit"
ok "all of it" gone
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	begin tree deaf
	leaf_of
	strace -f -o "$T/strace" -p "$P" 2>/dev/null &
	tracer=$!
	for ((i = 0; i < 50; i++)); do grep -q '^TracerPid:.*[1-9]' "/proc/$P/status" && break; sleep 0.01; done
	ok "control: it is traced" like "$(host_status TracerPid)" '[1-9]'
	kill -STOP "$P"
	finish
	wait $tracer
	ok "traced, and stopped: ended" is "$status $(result .reason)" "124 wall-limit"
	ok "all of it" gone
else
	skip_kernel "a payload that is traced" "no strace here"
fi
sbx=(-w 1ms -k grace=1ms)
n=$(least 1)
ok "1 ms is not much longer ($n)" test "$n" -lt 20
inside tree deaf
ok "and ends it" is "$status $(result .reason)" "124 wall-limit"
printf '%s\n' 'version 1' 'bind rx /usr' 'wall 365d' 'time 365d' 'setup 365d' 'grace 365d' 'idle 365d' >"$T/year.sbx"
sbx=(-p "$T/year.sbx")
inside nothing
ok "a year of everything is no overflow" is "$status $(result .reason)" "0 exited"
printf '%s\n' 'version 1' 'bind rx /usr' 'wall max' 'time max' 'grace max' 'out max' >"$T/max.sbx"
sbx=(-p "$T/max.sbx")
inside nothing
ok "nor is none at all" is "$status $(result .reason)" "0 exited"
# It has time to tidy up, and says how it ended.
sbx=(-w 1s)
run in_time sbx-run "${sbx[@]}" --result "$T/result" -- \
    sh -c 'trap "echo tidy; exit 3" TERM; echo begun; sleep 20 & wait'
ok "one that tidies up within its grace is heard" is "$out" $'begun\ntidy'
ok "its limit stays the reason" is "$status $(result '.reason, .exit_code' | xargs)" "124 wall-limit 3"
sbx=(-w 20s)
begin stay
finish
ok "control: below the limit nothing is done" is "$status $(result .killed)" "0 false"

# ---- processor time (X88, X93), idle (X89) ----------------------------------
sbx=(-t 300ms)
inside eat spin 20
ok "a loop is ended" ended cpu-limit
ok "within 50 ms of its processor time" test "$(($(result .cpu_ms) - 300))" -lt 50
ok "not before" test "$(result .cpu_ms)" -ge 300
inside eat spin 20 "$cpus"
ok "as are loops on all processors" ended cpu-limit
ok "together within 50 ms" test "$(($(result .cpu_ms) - 300))" -lt 50
bare eat short 400
ok "control: outside, a thousand short children run" is "$status" 0
inside eat short 1000
ok "a thousand short children are counted" ended cpu-limit
ok "within 50 ms, too" test "$(($(result .cpu_ms) - 300))" -lt 50
# They hear nothing of what a limit of the kernel's would say; their group's counter
# is read from this side until there is none.
how=bare
begin eat catch 20
how=inside
kill -XCPU "$P"
kill -TERM "$P"
sleep 0.05
ok "control: these live through SIGXCPU and SIGTERM" grep -q '^State:.R' "/proc/$P/status"
kill -KILL "$P"
finish
begin eat catch 20 4
counter=$(v2)$(sed -n 's/^0:://p' "/proc/$P/cgroup")/cpu.stat
last=0
while read -r _ us <"$counter"; do
	last=$us
	sleep 0.002
done 2>/dev/null
finish
ok "control: the host saw them at it ($((last / 1000)) ms)" test "$last" -gt 50000
ok "four of them are ended at their limit" is "$status $(result '.reason, .killed' | xargs)" "124 cpu-limit true"
ok "which the host saw, too" test "$last" -lt 400000
ok "within 50 ms" test "$(($(result .cpu_ms) - 300))" -lt 50
sbx=(-t 1ms)
inside eat spin 20
ok "1 ms of it" is "$status $(result .reason)" "124 cpu-limit"
sbx=(-w 10s -k idle=200ms)
took inside tree deaf
ok "one that does nothing is idle before its wall limit" ended idle-limit
ok "as soon as that shows" test "$took" -lt 1000
inside eat spin 0.6
ok "one that works is not" ended exited
sbx=(-w 10s -k idle=1s)
run in_time sbx-run "${sbx[@]}" --result "$T/result" -- sh -c 'seq 30000 >/dev/null; sleep 30'
ok "what was done at the beginning does not count twice ($(result .wall_ms) ms)" test "$(result .wall_ms)" -lt 1800
ok "it was idle" ended idle-limit
ok "nothing is harmed" unharmed

# ---- processor quota (X84) ---------------------------------------------------
sbx=(-k cpu=50%)
inside eat spin 0.5 2
ok "control: it spun" payload_ran
ok "half a processor is half a processor" test "$(result '100 * .cpu_ms / .wall_ms | round')" -le 56

# ---- output (X83) ----------------------------------------------------------------
bare eat output 100000
ok "control: outside, it writes what it likes" test "$(cat "$T/.out" "$T/.err" | wc -c)" -ge 100000
sbx=(-k out=1M)
run in_time sbx-run "${sbx[@]}" --result "$T/result" -- head -c 1048576 /dev/zero
ok "exactly the limit is complete" is "$status $(result '.output, .out_bytes' | xargs)" "0 complete 1048576"
run in_time sbx-run "${sbx[@]}" --result "$T/result" -- sh -c 'head -c 1048577 /dev/zero; exit 5'
ok "a byte more is truncated" is "$status $(result '.reason, .output, .out_bytes, .out_lost' | xargs)" \
    "124 output-limit truncated 1048577 1"
ok "to the byte" is "$(stat -c %s "$T/.out")" 1048576
ok "though the command went on to its end" is "$(result '.exit_code, .killed' | xargs)" "5 false"
sbx=(-k out=1M -w 1s -k grace=1ms)
sbx-run "${sbx[@]}" --result "$T/result" -- sh -c 'yes & yes >&2' >"$T/.out" 2>"$T/.err" &
S=$!
most=0
while [[ -e /proc/$S/status ]]; do
	rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$S/status" 2>/dev/null)
	((${rss:-0} <= most)) || most=$rss
	sleep 0.05
done
wait "$S"
ok "both streams for a second are cut together" test "$(cat "$T/.out" "$T/.err" | grep -cv '^sbx-run')" -le 524289
ok "the first cause stays" is "$(result '.reason, .output' | xargs)" "output-limit truncated"
sanitized || ok "the supervisor stays small ($most KiB)" test "$most" -lt 8192
sbx=(-k out=1M -k out-over=kill)
took run in_time sbx-run "${sbx[@]}" --result "$T/result" -- yes
ok "or it is ended there" is "$status $(result '.reason, .killed' | xargs)" "124 output-limit true"
ok "with every byte below the limit" is "$(stat -c %s "$T/.out")" 1048576

# A reader that never reads: the clocks go on.
mkfifo "$T/slow"
exec 8<>"$T/slow"
sbx=(-w 300ms -k grace=1ms)
took in_time sbx-run "${sbx[@]}" --result "$T/result" -- yes >"$T/slow" 2>/dev/null
ok "a reader that never reads does not stop the clock" is "$(result '.reason, .output' | xargs)" "wall-limit lost"
ok "nor hold it for ever" test "$took" -lt 4000
exec 8<&-

# ---- files (X85), limits as the kernel has them (X86) --------------------------------
mkdir "$T/w" && chown 1234:1234 "$T/w"
sbx=(--work "$T/w" -k fsize=2M)
inside eat file /job/big 5
ok "a file of a bind grows to fsize" is "$(stat -c %s "$T/w/big")" $((2 << 20))
ok "and that is what ends it" is "$(result '.reason, .signal' | xargs)" "signaled $(kill -l XFSZ)"
sbx=(-k nofile=99)
begin stay
hard() {
	awk -v k="$1" 'index($0, k) == 1 { print $(NF - 1) }' "/proc/$P/limits"
}
ok "nofile is the kernel's" is "$(hard 'Max open files')" 99
ok "core is 1" is "$(sed -n 's/^Max core file size *\([^ ]*\).*/\1/p' "/proc/$P/limits")" 1
ok "no realtime" is "$(sed -n 's/^Max realtime priority *\([^ ]*\) .*/\1/p' "/proc/$P/limits")" 0
ok "64 KiB locked" is "$(hard 'Max locked memory')" 65536
finish

# ---- a reason each (X90), set-up apart (X91) -------------------------------------------
sbx=(-w 20ms -k grace=1ms)
bad=0
for ((i = 0; i < 40; i++)); do
	# About where the limit is.
	sbx-run "${sbx[@]}" --result "$T/result" -- sleep "0.0$((10 + i % 12))" 2>/dev/null
	case "$? $(result '.reason, .killed' | xargs)" in
	"0 exited false" | "124 wall-limit true") ;;
	*) bad=$((bad + 1)) && diag "$(cat "$T/result")" ;;
	esac
done
ok "an end at the very limit has one reason, and its status" is $bad 0
sbx=(-k setup=500ms)
faulty "host 0 stall" nothing
ok "a set-up that hangs has a deadline of its own" is "$status $(result '.reason, .wall_ms' | xargs)" \
    "125 setup-timeout null"
ok "the payload never ran" payload_did_not
ok "nothing is harmed" unharmed
tap_done
