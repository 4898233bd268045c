#!/bin/bash
# mode-set.t: what the command says, to whom, and that it was read back
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"

nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# ---- a host that was never set up: told so and left alone ----
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
install -m 0755 "$BND_TREE/tests/fake/net-seal" /usr/sbin/net-seal
install -m 0755 "$BND_BUILD/tests/helper/timed-mode-set" /usr/sbin/mode-set
PATH=/usr/sbin:$PATH
rm -rf /run/bnd /etc/bnd /var/lib/bnd
for c in '' airgap --check --boot '--at-least airgap'; do
	# shellcheck disable=SC2086
	run mode-set $c
	ok "never set up: mode-set $c" status 9
	ok "mode-set $c says so" like "$err" 'never set up'
done
ok "and nothing was made or enforced" not test -e /run/bnd -o -e /run/fake/log
run mode-set --get
ok "readers say LOCKDOWN" is "$status $out" "9 LOCKDOWN"
run mode-set --trip intruder
ok "but --trip is obeyed" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
ok "not logged, as there is no log" status 15
run mode-set --init --enroll x --kind raw --key <(head -c 32 /dev/urandom | base64)
ok "and setting up is no way down" is "$status $(published)" "1 LOCKDOWN"
rm -rf /run/bnd /run/fake

# ---- setting up ----
run mode-set --init
ok "no approver, no host" status 2
openssl genpkey -algorithm ed25519 -out "$T/k" 2>/dev/null
openssl pkey -in "$T/k" -pubout -outform DER | tail -c 32 | base64 >"$T/k.pub"
openssl genpkey -algorithm ed25519 -out "$T/k2" 2>/dev/null
enrol() {
	mode-set --init --enroll alice --kind raw --key "$T/k.pub" "$@"
}
run enrol
ok "the text to sign" like "$out" $'^bnd-enroll/1\nlog .*\nname alice'
printf '%s\n' "$out" >"$T/text"
run enrol
ok "asked again: the same text" is "$out" "$(cat "$T/text")"
openssl pkeyutl -sign -rawin -inkey "$T/k2" -in "$T/text" | base64 -w0 >"$T/sig2"
run enrol --sig "$T/sig2"
ok "another key's signature" isnt "$status" 0
ok "sets nothing up" not test -e /etc/bnd/log.pin
openssl pkeyutl -sign -rawin -inkey "$T/k" -in "$T/text" | base64 -w0 >"$T/sig"
run enrol --sig "$T/sig"
ok "its own: set up" status 0
ok "with the line for paper" like "$out" '^genesis [A-Za-z0-9_-]{43}$'
ok "which is the pin's" grep -q "$out" /etc/bnd/log.pin
ok "with a default configuration" test -s /etc/bnd/bnd.conf
ok "in OPEN" is "$(mode-set --get)" OPEN
ok "the log verifies" verifies
run enrol
ok "never again" status 1
run enrol --sig "$T/sig"
ok "not even the same" status 1
run mode-set --check
ok "and all agree" status 0

# ---- words ----
spine_again
for w in airgap AIRGAP AirGap; do
	run mode-set "$w"
	ok "$w is a mode" is "$status $out" "0 AIRGAP"
done
for w in '' ' ' 'AIRGAP ' ' AIRGAP' $'AIRGAP\n' AIRGAPS AIR-GAP NONE 5 'АIRGAP' LOCKDOWNLOCKDOWN "$(head -c 100000 /dev/zero | tr '\0' A)"; do
	run mode-set "$w"
	ok "$(printf %q "${w:0:20}") is none" status 2
	ok "and is not echoed raw" unlike "$err" $'\n.|А'
	run mode-set --require "$w"
	ok "nor to --require" status 2
	run mode-set --at-least "$w"
	ok "nor to --at-least" status 2
done
ok "nothing of it changed the mode" is "$(kernel) $(published)" "AIRGAP AIRGAP"
for m in "${modes[@]}"; do
	run mode-set --help
	ok "--help names $m" like "$out" "$m"
done

# ---- reasons ----
run mode-set airgap --reason "$(printf 'two\nlines')"
ok "a reason is one line" status 2
run mode-set airgap --reason "$(head -c 201 /dev/zero | tr '\0' a)"
ok "and short" status 2
run mode-set airgap --reason 'a "quoted" \ reason'
ok "but may hold anything printable" status 0
run mode-set
ok "and is shown" like "$out" 'a "quoted" \\ reason'
# A shell would run the first and the second, and split the third.
for words in '$(touch '"$T"'/ran)' '`touch '"$T"'/ran`' 'x; touch '"$T"'/ran; "a b"'; do
	run sh -c "echo $words" </dev/null
	ok "control: a shell runs $words" test -e "$T/ran"
	rm -f "$T/ran"
	spine_again 1
	run mode-set restricted --reason "$words"
	ok "as a reason it is words" grep -qxF -- "$words" <(jq -r '.. | strings' $log_file)
	run ceremony request open --reason "$words"
	ok "to approvers as well" like "$(ceremony show)" "$(printf %s "$words" | sed 's/[][$().*^]/\\&/g')"
	ceremony cancel "$(ceremony show --json | jq -r '.id // .ceremony.id')" >/dev/null 2>&1
	ok "and nothing ran" not test -e "$T/ran"
done
run mode-set --trip "$(printf '\033[2Jlong %0300d' 0)"
ok "--trip takes any words" status 0
ok "and makes them harmless" unlike "$(cat /run/bnd/state)" $'\033'

# ---- who may ----
spine_again
mode-set trusted >/dev/null
chmod 755 "$T"
for c in --get '--require OPEN' '--may net.loopback' ''; do
	# shellcheck disable=SC2086
	run nobody mode-set $c
	ok "nobody may: mode-set $c" status 0
done
for c in airgap lockdown open '--at-least airgap' --check '--trip x' --boot '--init' '--init --enroll x --kind raw --key /dev/null'; do
	# shellcheck disable=SC2086
	run nobody mode-set $c
	ok "nobody may not: mode-set $c" status 10
	ok "in a few words" is "$err" "mode-set: only root can do this"
done
ok "nothing changed" is "$(kernel) $(published)" "TRUSTED TRUSTED"
# Nor by any other tool: each says one of these, and nothing of what is inside.
PATH=$BND_BUILD:/usr/sbin:$PATH
while read -r want tool rest; do
	# shellcheck disable=SC2086
	run nobody "$BND_BUILD/$tool" $rest </dev/null
	ok "nobody may not: $tool $rest" is "$status $out" "$want "
	ok "and is told no more than that" like "$err" \
	    "^$tool: (only root can do this|needs root|refused: privilege: needs root|cannot open /var/lib/bnd/log: Permission denied \(a copy is verified with --copy --log DIR\))\$"
done <<'EOT'
10 net-seal apply
10 net-seal apply AIRGAP
10 net-seal check
10 net-seal hook 1
10 net-seal probe
10 net-seal try /etc/shadow
10 net-seal confirm
10 usb-guard apply
10 usb-guard check
10 usb-guard status
10 usb-guard diff
10 usb-guard hook add /devices/x
10 usb-guard baseline --save
10 ceremony request open
10 ceremony list
10 ceremony show
10 ceremony approve 0123456789abcdef
10 ceremony drill
10 chain-keep succeed
10 sbx-run --enforce
10 sbx-run --check
10 sbx-run --gc
10 sbx-run --list
125 sbx-run true
2 chain-verify
EOT
run nobody cat /var/lib/bnd/log/000001.jsonl
ok "control: the log is nobody's to read" status 1
PATH=${PATH#"$BND_BUILD:"}
for v in BND_MODE=OPEN BND_SKIP=1 BND_NO_LOG=1 BND_ROOT=/tmp MODE=OPEN DEBUG=1 USER=root OPERATOR=human; do
	run env $v mode-set open
	ok "$v changes nothing" status 1
done
for o in --force --skip-integrity-check --yes --no-audit --ceremony; do
	run mode-set open $o
	ok "there is no $o" status 2
done

# ---- nothing of the caller's is run ----
mkdir "$T/evil"
for p in net-seal sh logger nft mode-set; do
	printf '#!/bin/sh\ntouch %s\n' "$T/evil/ran" >"$T/evil/$p"
	chmod +x "$T/evil/$p"
done
cp -r "$T/evil" "$T/etc"
(cd "$T" && env PATH="$T/evil:$PATH" HOME="$T" LD_LIBRARY_PATH="$T/evil" GCONV_PATH="$T/evil" /usr/sbin/mode-set coldroom) >/dev/null 2>&1
ok "planted programs and paths are not used" not test -e "$T/evil/ran"
ok "and the mode is" is "$(kernel)" COLDROOM
ok "the enforcer's environment is ours" not grep -q evil /run/fake/env
spine_again
mode-set trusted >/dev/null

# ---- refused at once, whatever stdin is ----
for how in '</dev/null' '<&-' '<<<y'; do
	best=1000
	# The best of some: the machine may have other things to do.
	for ((i = 0; i < 8 && best >= 50; i++)); do
		t0=$(date +%s%N)
		eval 'run env TERM=dumb setsid mode-set open '"$how"
		t1=$(date +%s%N)
		took=$(((t1 - t0) / 1000000))
		((took >= best)) || best=$took
	done
	ok "a loosening is refused $how" status 1
	ok "within 50 ms, process and all $how" test "$best" -lt 50
done

# ---- what is printed was read back ----
run mode-set
ok "the mode" like "$out" '^TRUSTED since 20'
ok "each domain as its enforcer answers" like "$out" $'\nnet +in force.*\nknobs +in force'
echo OPEN >/run/fake/net
run mode-set
ok "a planted difference is shown" like "$out" 'net +NOT IN FORCE'
ok "and is no success" status 1
run mode-set --json
ok "in JSON too" like "$out" '"deviations":\["net is not in force'
ok "which is JSON" python3 -c 'import json,sys; json.loads(sys.argv[1])' "$out"

# ---- check: all of it, and what is done about it ----
echo 0 >/proc/sys/kernel/dmesg_restrict
echo 0 >/proc/sys/kernel/kptr_restrict
run mode-set --check
ok "TRUSTED: a deviation" status 1
ok "all of them are listed" like "$out" 'net is not.*knobs is not'
ok "is put right" is "$(kernel) $(cat /proc/sys/kernel/dmesg_restrict)" "TRUSTED 1"
ok "and recorded" grep -q '"ev":"mode.check".*"count":2' $log_file
run mode-set --check
ok "then all agree" status 0
records=$(wc -l <$log_file)
mode-set --check >/dev/null
ok "which leaves no record" is "$(wc -l <$log_file)" "$records"
mode-set airgap >/dev/null
echo OPEN >/run/fake/net
run mode-set --check
ok "AIRGAP: a changed seal is LOCKDOWN" is "$status $(kernel) $(published)" "1 LOCKDOWN LOCKDOWN"
spine_again
mode-set restricted >/dev/null
"$BND_BUILD/tests/helper/forge-state" OPEN
run mode-set --check
ok "a state without a record is found" like "$out" 'the state says OPEN, the chain says RESTRICTED'
ok "and is LOCKDOWN" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
ok "the log verifies" verifies
spine_again
echo 5 >/run/fake/net
run mode-set --check
ok "OPEN: told, and nothing done" is "$status $(published)" "1 OPEN"

# ---- --trip reads no configuration and needs none ----
# usb-guard, which it runs, asks which keyboard the console has.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	spine_again
	run env ASAN_OPTIONS=detect_leaks=0 strace -e trace=open,openat,openat2 -o "$T/trace" mode-set --trip test
	ok "--trip" is "$status $(kernel)" "0 LOCKDOWN"
	ok "opens nothing below /etc/bnd but the pin" is "$(grep -E '"/?etc/bnd/' "$T/trace" | grep -v log.pin)" ''
	run env ASAN_OPTIONS=detect_leaks=0 strace -e trace=open,openat,openat2 -o "$T/trace" mode-set lockdown
	ok "control: MODE does" grep -q 'etc/bnd/bnd.conf' "$T/trace"
else
	skip_kernel "--trip reads no configuration" "no strace here"
fi

# ---- the library leaves its host program as it was ----
spine_again
for what in 'airgap 0' 'open 1' 'lockdown 0'; do
	run "$BND_BUILD/tests/helper/traces" "${what% *}"
	ok "in-process, ${what% *}: status" status "${what#* }"
	ok "in-process, ${what% *}: nothing of the process is changed" is "$out" ''
done
fault fail
run "$BND_BUILD/tests/helper/traces" lockdown
ok "nor when it fails" is "$status $out" "18 "
fault
ok "nobody is left behind" is "$(pgrep -x net-seal)" ''

# ---- fifty at once ----
spine_again
before=$(generation)
: >/run/fake/polling
(while [[ -e /run/fake/polling ]]; do mode-set --get || echo "exit $?"; done) >"$T/seen" 2>&1 &
polling=$!
for i in {1..50}; do
	mode-set "${modes[i % 6]}" >/dev/null 2>&1 &
done
for j in $(jobs -p); do [[ $j == "$polling" ]] || wait "$j"; done
rm -f /run/fake/polling
wait
ok "readers saw whole states all the while" is "$(sort -u "$T/seen" | grep -vxE "$(IFS='|'; echo "${modes[*]}")")" ''
ok "fifty at once: the strictest" is "$(kernel) $(published)" "LOCKDOWN LOCKDOWN"
ok "no request is left" is "$(ls /run/bnd/request)" ''
ok "the log verifies" verifies
gens=$(grep -o '"gen":[0-9]*' $log_file | cut -d: -f2)
ok "generations only grow" is "$gens" "$(sort -nu <<<"$gens")"
ok "to the one that is published" is "$(tail -n 1 <<<"$gens")" "$(generation)"
ok "and grew" test "$(generation)" -gt "$before"
run mode-set --check
ok "all agree" status 0

# ---- -R shows and never enforces ----
run mode-set -R "$T" --get
ok "another root without a state" is "$status $out" "9 LOCKDOWN"
mkdir -p "$T/r/run/bnd" "$T/r/proc"
cp /run/bnd/state "$T/r/run/bnd/"
run mode-set -R "$T/r" --get
ok "another root's state" is "$status $out" "0 LOCKDOWN"
rm -f /run/fake/log
run mode-set -R "$T/r" lockdown
ok "is not changed" isnt "$status" 0
ok "and nothing is enforced for it" not test -e /run/fake/log
tap_done
