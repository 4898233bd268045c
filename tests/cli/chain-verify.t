#!/bin/bash
# chain-verify.t: verdicts, anchors, tails; it needs nothing and writes nothing
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
forge=$BND_BUILD/tests/helper/forge
[[ -x $forge ]] || skip_all "no tests/helper/forge"
N=12
R=$T/root log=var/lib/bnd/log
mkdir "$R" && "$forge" "$R" $N 2 || bail "no log"
judge() { run chain-verify -R "$R" "$@"; }
sums() { (cd "$R" && find . -type f -exec sha256sum {} + | sort; find . -printf '%p %m %T@\n' | sort); }
before=$(sums)

# ---- verdict ---------------------------------------------------------------

judge
ok "a good log: 0" status 0
ok "in one line" is "$out" "VERIFIED: $N records, mode TRUSTED, generation 3, 2 approvers, 1 loosenings"
ok "and nothing else" is "$err" ''
judge --quiet
ok "--quiet: 0" status 0
ok "and not a word" is "$out$err" ''
judge --strict
ok "--strict: 0" status 0
judge --state "$R/run/bnd/state"
ok "L94 --state agrees: 0" status 0
sed 's/^mode TRUSTED/mode OPEN/' "$R/run/bnd/state" >"$T/state"
judge --state "$T/state"
ok "L94 an edited state: 1" status 1
# On a busy host a moment may be too long.
for _ in 1 2 3 4 5; do
	cp "$T/state" "$T/moving"
	cp "$R/run/bnd/state" "$T/new"
	(sleep 0.05; mv "$T/new" "$T/moving") &
	judge --state "$T/moving"
	wait
	((status)) || break
done
ok "a state that is published a moment later: 0" status 0
judge --structure-only
ok "S0-42 --structure-only: never better than 5" status 5
if command -v jq >/dev/null; then
	judge --json
	ok "--json: 0" status 0
	ok "is one object" is "$(jq -r '[.verdict, .exit, .first, .last, .head, .granularity, .mode, .approvers,
	    .loosenings, (.findings | length)] | join(" ")' <<<"$out")" \
	    "VERIFIED 0 0 $((N - 1)) live record TRUSTED 2 1 0"
	judge --json --structure-only
	ok "with its findings" is "$(jq -r '.findings[] | [.code, .level, .exit] | join(" ")' <<<"$out")" \
	    "UNCOVERED fail 5"
else
	skip "--json" "no jq"
fi

# ---- who allowed what ------------------------------------------------------

judge --approvals
ok "--approvals: 0" status 0
ok "names who loosened, and when" like "$(sed -n 1p <<<"$out")" \
    '^record 6, 20[0-9TZ:.-]+: AIRGAP to TRUSTED, allowed by alice \(raw\); reason: test$'
ok "and when each key last worked" like "$(sed -n 2p <<<"$out")" '^alice \(raw\): enrolled by record 0, last worked in record 4, 20'
ok "one that did not since its enrolment" like "$(sed -n 3p <<<"$out")" '^bob \(raw\): enrolled by record 0, last worked in record 0, 20'
ok "above the verdict" is "$(tail -n 1 <<<"$out")" "VERIFIED: $N records, mode TRUSTED, generation 3, 2 approvers, 1 loosenings"
judge --quiet --approvals
ok "--quiet leaves the verdict out" is "$status $(wc -l <<<"$out")" "0 3"
if command -v jq >/dev/null; then
	judge --approvals --json
	ok "--json: one object" is "$(jq -r '[.verdict, (.approvals | length), (.keys | length)] | join(" ")' <<<"$out")" \
	    "VERIFIED 1 2"
	ok "with the loosening" is "$(jq -r '.approvals[] | [.seq, .action, .from, .to, .reason, (.by[] | .name, .person, .kind)]
	    | join(" ")' <<<"$out")" "6 loosen AIRGAP TRUSTED test alice alice raw"
	ok "in the ceremony of that id" is "$(jq -r '.approvals[].auth' <<<"$out")" \
	    "$(jq -r 'select(.ev == "mode.intent").d.auth // empty' "$R/$log/000001.jsonl")"
	ok "and the keys" is "$(jq -r '.keys[] | [.name, .enrolled, .worked] | join(" ")' <<<"$out" | xargs)" "alice 0 4 bob 0 0"
	mkdir "$T/quoted" && "$forge" "$T/quoted" $N 1 'a "quoted\" one' || bail "no log"
	run chain-verify -R "$T/quoted" -aj
	ok "a reason with quotes and a backslash stays one" is "$(jq -r '.approvals[].reason' <<<"$out")" 'a "quoted\" one'
	run chain-verify -R "$T/quoted" -a
	ok "and is spelled harmlessly for people" like "$(sed -n 1p <<<"$out")" '; reason: a "quoted\\x5c" one$'
	judge --json
	ok "which only --approvals adds" is "$(jq 'has("approvals") or has("keys")' <<<"$out")" false
else
	skip "--approvals --json" "no jq"
fi

# What the two tests of the rules leave behind: every kind of deed, and lies.
if [[ -x $BND_BUILD/tests/unit/ledger && -x $BND_BUILD/tests/unit/ledger-evidence ]]; then
	unit=$BND_BUILD/tests/unit
	for rules in ledger ledger-evidence; do
		mkdir "$T/$rules"
		BND_ROGUE_DIR=$T/$rules BND_BUILD=$T "$unit/$rules" >/dev/null || bail "unit/$rules is red"
	done
	for r in "$T"/ledger*/*; do
		run chain-verify -R "$r" -aq
		printf '%s\n' "$out" | sed "s|^|$status |"
	done | sed -E 's/record [0-9]+, [0-9TZ:.-]+: //' | sort -u >"$T/deeds"
	said() { grep -qxF -- "$1" "$T/deeds" || { head -n 40 "$T/deeds"; return 1; }; }
	ok "one that nobody allowed" said "1 AIRGAP to OPEN, allowed by nobody"
	ok "is never found where all is well" not grep -qE '^0 .*allowed by nobody' "$T/deeds"
	ok "an enrolment, with whom" said "0 dave (ssh) enrolled, allowed by alice (raw) and bob (raw); reason: test"
	ok "a revocation" said "0 carol (raw) revoked, allowed by alice (raw) and bob (raw); reason: test"
	ok "one by one person" said "0 bob (raw) revoked, allowed by alice (raw); reason: test"
	ok "one by the key itself" said "0 carol (raw) revoked, allowed by carol (raw); reason: test"
	ok "a token's approval" said "0 AIRGAP to TRUSTED, allowed by carol (ssh); reason: test"
else
	skip "every kind of deed" "no tests/unit/ledger*"
fi

# ---- anchors ---------------------------------------------------------------

judge --head
ok "--head: 0" status 0
anchor=$(sed -n 's/^expect //p' <<<"$out")
ok "prints what --expect takes" like "$anchor" "^$((N - 1)):[A-Za-z0-9_-]{43}$"
judge --expect "$anchor"
ok "the anchor is there: 0" status 0
judge -e "$anchor" -e "$anchor"
ok "it may be repeated" status 0
many=()
for _ in {1..65}; do many+=(-e "$anchor"); done
judge "${many[@]:0:128}"
ok "64 times" status 0
judge "${many[@]}"
ok "and no more: 2" status 2
judge -e "$N:${anchor#*:}"
ok "L53 an anchor beyond the end: 3" status 3
judge -e "3:${anchor#*:}"
ok "an anchor elsewhere: 4" status 4
for bad in '' : 3 3: ":${anchor#*:}" "03:${anchor#*:}" "${anchor}x" "${anchor%?}" "-1:${anchor#*:}" "18446744073709551616:${anchor#*:}"; do
	judge -e "$bad"
	ok "no anchor: '$bad': 2" status 2
done

# ---- tail ------------------------------------------------------------------

lines() { [[ -z $out ]] && echo 0 || wc -l <<<"$out"; }
for n in 0 1 $((N - 1)) $N $((N + 1)) 1000000; do
	judge --tail "$n"
	want=$((n < N ? n : N))
	ok "L77 S0-41 --tail $n: 0" status 0
	ok "L77 S0-41 prints $want records" is "$(lines)" "$want"
	ok "the last ones" is "$out" "$(tail -n "$want" "$R/$log/000001.jsonl")"
done
for bad in -1 x '' 1x 01 18446744073709551616 99999999999999999999999; do
	judge --tail "$bad"
	ok "S0-41 --tail '$bad': 2" status 2
	ok "and prints nothing" is "$out" ''
done

# ---- it writes nothing -----------------------------------------------------

ok "L21 S0-66 nothing of all this changed a file, its mode or its time" is "$(sums)" "$before"
if command -v strace >/dev/null; then
	strace -f -o "$T/trace" chain-verify -R "$R" >/dev/null 2>&1
	ok "S0-66 no file is opened to be written or made" \
	    not grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC' <(grep -v /dev/null "$T/trace")
	ok "S0-66 no call that changes a file" \
	    not grep -E '^[0-9]+ +(creat|rename|unlink|link|symlink|mkdir|rmdir|truncate|ftruncate|pwrite|chmod|fchmod|chown|fchown|utime|setxattr|mknod)[a-z0-9]*\(' "$T/trace"
	ok "control: the trace shows what it opens" grep -q 000001.jsonl "$T/trace"
else
	skip "S0-66 no call that changes a file" "no strace"
fi
ro='mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/x" 2>/dev/null && exec chain-verify -R "$1"'
if unshare -Urm true 2>/dev/null; then
	run unshare -Urm bash -c "$ro" - "$R"
	ok "S0-66 on a read-only mount: 0" status 0
else
	skip_kernel "S0-66 on a read-only mount" "no namespaces"
fi
mv "$R/etc/bnd/log.pin" "$T/pin"
judge
ok "L37 S0-66 without the pin: 5" status 5
ok "S0-66 and none is made" not test -e "$R/etc/bnd/log.pin"
judge --pin "$T/pin"
ok "the operator's own pin: 0" status 0
mv "$T/pin" "$R/etc/bnd/log.pin"

# ---- no privilege on a copy ------------------------------------------------

C=$T/copy
mkdir "$C" && cp "$R/$log/000001.jsonl" "$C" && cp "$R/etc/bnd/log.pin" "$C/pin" && chmod a+rx "$T" && chmod -R a+rX "$C"
as=()
[[ $EUID -ne 0 ]] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
anyone() { run "${as[@]}" "$(command -v chain-verify)" "$@"; }
if [[ $EUID -ne 0 ]] || "${as[@]}" test -x "$(command -v chain-verify)"; then
	anyone --copy --log "$C" --pin "$C/pin"
	ok "L57 anyone verifies a copy: 5" status 5
	anyone --copy --log "$C" --pin "$C/pin" --expect "$anchor"
	ok "and with an anchor: 0" status 0
	# Only root's log is another's.
	if ((EUID == 0)); then
		anyone --log "$R/$log" --pin "$C/pin"
		ok "but not the live log of another: 2" status 2
		ok "and is told how" like "$err" "--copy"
	fi
else
	skip_kernel "L57 anyone verifies a copy" "the build is not readable by others"
fi
printf '\n\n' >>"$C/000001.jsonl"
run chain-verify --copy --log "$C" --pin "$C/pin"
ok "L11 S0-40 blank lines: 1" status 1
run chain-verify --copy --log "$C" --pin "$C/pin" --json
ok "S0-40 and the count is of records" like "$out" "\"last\":$((N - 1)),"

run chain-verify --copy --log "$C" --pin "$C/pin" --tail 2
ok "--tail of a tampered log: 1" status 1
ok "prints what was verified" is "$(lines)" 2
ok "and says what was found" like "$err" GRAMMAR
run chain-verify --copy --log "$C" --pin "$C/pin" --head
ok "--head of one prints no head" is "$out" ''

# ---- hostile bytes, bad files ----------------------------------------------

printf '{"v":1,"seq":12,"\033[2J\033]0;x\007' >>"$C/000001.jsonl"
run chain-verify --copy --log "$C" --pin "$C/pin"
ok "L14 hostile bytes: 1" status 1
ok "do not reach the terminal" unlike "$out$err" $'\033|\007'
for bad in '' x $'bndlog-pin/1\n' "$(head -c 100 "$C/pin")"; do
	printf %s "$bad" >"$T/pin"
	judge --pin "$T/pin"
	ok "a malformed pin: 2" status 2
done
judge --pin "$T/nowhere"
ok "a pin that is not there: 2" status 2
run chain-verify --log "$T/nowhere"
ok "a log that is not there: 2" status 2
mkdir "$T/none"
run chain-verify -R "$T/none"
ok "neither pin nor log: 2, an empty log is not valid" status 2
run chain-verify --copy --log "$T/none" --pin "$C/pin"
ok "L21 a directory without a log: 3" status 3
run chain-verify -x
ok "usage: 2" status 2
run bash -c "chain-verify -R '$R' >/dev/full"
ok "a verdict that cannot be printed: 2" status 2
run bash -c "chain-verify -R '$R' <&- >&- 2>&-"
ok "without standard descriptors: 0" status 0

# ---- constant memory -------------------------------------------------------

mkdir "$T/big" && "$forge" "$T/big" 20000 || bail "no big log"
if command -v prlimit >/dev/null && [[ $BND_BUILD == */release ]]; then
	run prlimit --data=$((2 << 20)) chain-verify -R "$T/big" --structure-only
	ok "20000 records in 2 MiB of memory" status 5
	ok "all of them" like "$(chain-verify -R "$T/big" --structure-only 2>/dev/null)" ': 20000 records'
fi
tap_done
