#!/bin/bash
# mode-for.t: a loosening for a time ends by itself, also after a crash
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

clock=/run/.bnd-test-clock
forward() {
	echo $(($(cat $clock 2>/dev/null || echo 0) + $1)) >$clock
}
still() {
	is "$(kernel) $(published) $(mode-set --get)" "$1 $1 $1"
}
# Held and finished: $1 from, $2 to, $3 for how long. Cron's check was here.
bounded() {
	spine_again
	mode-set "$1" >/dev/null
	mode-set --check >/dev/null
	id=$(loosen hold "$T" 2 "$2" "$3") || diag "not held"
	mode-set --check >/dev/null
	run mode-set --ceremony "$id" "$2"
}
until_line() {
	sed -n 's/^until //p' /run/bnd/state
}

# Who comes at its end: no systemd here, so cron's minutely check.
spine_again
mode-set airgap >/dev/null
was=$(wc -l <$log_file)
run loosen open TRUSTED 1800
ok "nobody who would bring it back: nobody is asked" status 1
ok "says so" like "$err" 'nobody would bring it back'
run ceremony request --for 30m trusted
ok "nor by a request" status 1
ok "nothing was opened" is "$(wc -l <$log_file)" "$was"
mode-set --check >/dev/null
id=$(loosen hold "$T" 2 TRUSTED 1800)
forward 200
run mode-set --ceremony "$id" trusted
ok "a check that was long ago is nobody" status 1
mode-set --check >/dev/null
run mode-set --ceremony "$id" trusted
ok "control: with a check just now it is done, by the same ceremony" is "$status $out" "0 TRUSTED"
ok "and in force" still TRUSTED
ok "the state says until when, and what then" like "$(until_line)" '^[0-9]+ AIRGAP$'
ok "the intent says it" like "$(grep '"mode.intent"' $log_file | tail -n 1)" '"until":[0-9]+'
run mode-set --check
ok "kernel, state and log agree on it" status 0
ok "status shows it" like "$(mode-set)" 'AIRGAP again in (29|30) min'
ok "as JSON" like "$(mode-set --json)" '"until":\{"mode":"AIRGAP","seconds":(1800|179[0-9])\}'
mode-set trusted >/dev/null
ok "asserting it again does not make it last" like "$(until_line)" '^[0-9]+ AIRGAP$'
run mode-set --check
ok "which the log says, too" status 0

# The end.
forward 1801
ok "readers act on it without anybody" is "$(mode-set --get) $(kernel)" "AIRGAP TRUSTED"
run mode-set trusted
ok "and it cannot be had again for nothing" status 1
run mode-set --check
ok "the check brings it back, and that is no deviation" is "$status $(kernel)" "0 AIRGAP"
ok "and says so" like "$err" 'AIRGAP is in force again'
ok "it is over" is "$(until_line)" '-'
ok "the log verifies" verifies
ok "without a note" unlike "$(chain-verify --json)" OVERSTAYED

bounded AIRGAP OPEN 60
forward 61
mode-set --at-least OPEN >/dev/null
ok "--at-least does it as well" still AIRGAP
bounded AIRGAP OPEN 60
forward 61
mode-set --at-least LOCKDOWN >/dev/null
ok "or more" still LOCKDOWN

# Under systemd: a timer, or nothing.
mkdir -p /run/systemd/system
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >/run/timer\nexit $(cat /run/timer.status)\n' >/usr/bin/systemd-run
chmod 0755 /usr/bin/systemd-run
echo 1 >/run/timer.status
bounded AIRGAP TRUSTED 1800
ok "a timer that cannot be set: refused" is "$status $(kernel)" "1 AIRGAP"
ok "says so" like "$err" 'no timer to bring it back'
echo 0 >/run/timer.status
run mode-set --ceremony "$id" trusted
ok "control: one that can" is "$status $(kernel)" "0 TRUSTED"
ok "is set for just after the end" grep -qx -- --on-active=1801s /run/timer
forward 1801
sed '0,/^--$/d' /run/timer >"$T/due"
ok "and what it runs" is "$(xargs <"$T/due")" "/usr/sbin/mode-set --check"
xargs -a "$T/due" env >/dev/null 2>&1
ok "brings it back" still AIRGAP
rm -f /usr/bin/systemd-run
run ceremony request --for 30m trusted
ok "systemd without systemd-run: nobody is asked" status 2
rm -rf /run/systemd /run/timer*

# Longer than it may.
bounded AIRGAP OPEN 60
forward 400
mode-set --check >/dev/null
ok "nobody came for long: brought back" still AIRGAP
ok "the log still verifies" verifies
ok "and notes it" like "$(chain-verify --json)" OVERSTAYED

# Another loosening inherits the end; the stricter of two counts.
bounded AIRGAP TRUSTED 1800
id=$(loosen hold "$T" 2 OPEN)
mode-set --check >/dev/null
run mode-set --ceremony "$id" open
ok "further down, for good" is "$status $(kernel)" "0 OPEN"
ok "is bounded as before" like "$(until_line)" '^[0-9]+ AIRGAP$'
ok "the log agrees" verifies
run mode-set --check
ok "and the check" status 0
mode-set restricted >/dev/null
ok "tightening on the way keeps it" like "$(until_line)" '^[0-9]+ AIRGAP$'
id=$(loosen hold "$T" 2 OPEN 60)
mode-set --check >/dev/null
mode-set --ceremony "$id" open >/dev/null
was=$(until_line)
forward 61
ok "control: a shorter one counts" test "$was"
ok "and comes back to the stricter mode" is "$(mode-set --get)" AIRGAP
id=$(loosen hold "$T" 2 TRUSTED 2>/dev/null)
run mode-set --ceremony "${id:-0123456789abcdef}" restricted
ok "no ceremony from a mode that is over" test "$status" -ne 0
mode-set airgap >/dev/null
ok "tightening to it ends it" is "$(until_line)" '-'

# A ceremony that was ripe while the time ran out.
bounded AIRGAP TRUSTED 100
id=$(loosen hold "$T" 2 OPEN)
forward 70
run mode-set --ceremony "$id" open
ok "it ran out under a ceremony: refused" status 13
ok "and what is due is in force" still AIRGAP
ok "the log verifies" verifies

# A state without its end is a lie.
bounded AIRGAP TRUSTED 1800
"$BND_BUILD/tests/helper/forge-state" TRUSTED no-until
run mode-set --check
ok "an end taken out of the state is found" status 1
ok "and is LOCKDOWN" still LOCKDOWN

# Crashes: killed at every call after the commit, the end comes all the same.
# killed WHEN CALL...: at the WHENth of the calls of mode-set; false beyond the last
killed() {
	local k=$1
	shift
	bounded_ready
	strace -o "$T/trace" -e "trace=$1" -e "inject=$1:signal=KILL:when=$k" \
	    mode-set --ceremony "$id" trusted >/dev/null 2>&1
	grep -q 'killed by SIGKILL' "$T/trace"
}
bounded_ready() {
	spine_again
	mode-set airgap >/dev/null
	mode-set --check >/dev/null
	id=$(loosen hold "$T" 2 TRUSTED 1800)
	mode-set --check >/dev/null
}
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	export ASAN_OPTIONS=detect_leaks=0
	bad=0 runs=0
	for call in renameat fdatasync; do
		for ((k = 1; k < 40; k++)); do
			killed $k $call 2>/dev/null || break
			runs=$((runs + 1))
			forward 1801
			mode-set --check >/dev/null 2>&1
			[[ "$(kernel) $(mode-set --get)" == "AIRGAP AIRGAP" ]] &&
			    chain-verify >/dev/null || {
				bad=$((bad + 1))
				diag "killed at $call $k: $(kernel) $(mode-set --get)"
			}
		done
	done
	ok "killed at each of $runs steps, it is back at its end" is "$bad" 0
	ok "which were some" test "$runs" -ge 6
	# The second of two was committed, and nobody knew when it was killed.
	bounded AIRGAP TRUSTED 1800
	id=$(loosen hold "$T" 2 OPEN 60)
	mode-set --check >/dev/null
	strace -o "$T/trace" -e trace=renameat -e inject=renameat:signal=KILL:when=2 \
	    mode-set --ceremony "$id" open >/dev/null 2>&1
	ok "control: killed after its commit" like "$(last_record)" '"ev":"mode.commit".*"to":"OPEN"'
	mode-set --at-least OPEN >/dev/null
	ok "recovered where it came from" still TRUSTED
	run mode-set --check
	ok "state and log agree on the end" status 0
	ok "which is the earlier one" like "$(mode-set --json)" '"until":\{"mode":"AIRGAP","seconds":[0-9]{1,2}\}'
else
	skip_kernel "killed at each step" "ptrace is not allowed here"
fi

# A reboot: another boot id, nothing in /run, before its end.
bounded AIRGAP OPEN 1800
ok "control: it is OPEN" still OPEN
rm -rf /run/bnd
boot_id=/proc/sys/kernel/random/boot_id
was=$(cat $boot_id)
echo 11111111-2222-3333-4444-555555555555 >$boot_id || bail "no boot id of our own"
run mode-set --boot
ok "boot does not restore it" is "$status $out $(kernel)" "0 AIRGAP AIRGAP"
ok "the log verifies" verifies
echo "$was" >$boot_id
tap_done
