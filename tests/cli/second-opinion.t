#!/bin/bash
# second-opinion.t: two verifiers that share no code agree on hundreds of logs
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
forge=$BND_BUILD/tests/helper/forge unit=$BND_BUILD/tests/unit
[[ -x $forge && -x $unit/ledger && -x $unit/ledger-bound && -x $unit/ledger-evidence && -x $unit/succession ]] || skip_all "no tests/helper/forge or tests/unit/ledger*"
python=/usr/bin/python3
$python -c 'import cryptography' 2>/dev/null || skip_all "no python3-cryptography"

opinions() {
	local r
	for r in "$@"; do
		chain-verify --copy --quiet --log "$r/var/lib/bnd/log" --pin "$r/etc/bnd/log.pin" 2>/dev/null
		echo $?
	done
}
agree() {
	local what=$1
	shift
	opinions "$@" >"$T/first"
	$python "$BND_TREE/tests/second-opinion.py" "$@" >"$T/second" 2>"$T/python" || cat "$T/python" >>"$T/second"
	paste -d' ' <(printf '%s\n' "$@") "$T/first" "$T/second" | awk '$2 != $3' >"$T/differ"
	ok "$what: the same verdict on all $#" test ! -s "$T/differ"
	[[ ! -s $T/differ ]] || diag "$(head "$T/differ")"
	diag "$(sort "$T/first" | uniq -c | awk '{ printf "%s times %s; ", $1, $2 }')"
}

# Logs by root with the live key, one rule broken in each, or none.
for rogue in ledger ledger-bound ledger-evidence succession; do
	mkdir "$T/$rogue"
	BND_ROGUE_DIR=$T/$rogue BND_BUILD=$T "$unit/$rogue" >/dev/null || bail "unit/$rogue is red"
	agree "properly signed logs, $rogue" "$T/$rogue"/*
done

# Bytes of a good log changed, by a fixed sequence of chances.
mkdir "$T/good" && "$forge" "$T/good" 14 2 || bail "no log"
$python - "$T/good" "$T/mutant" 240 <<'PY'
import os, random, shutil, sys
good, out, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
data = open(good + "/var/lib/bnd/log/000001.jsonl", "rb").read()
lines = data.splitlines(keepends=True)
rand = random.Random(20261122)
def flip():
    b = bytearray(data); i = rand.randrange(len(b)); b[i] ^= 1 << rand.randrange(8); return bytes(b)
def byte():
    b = bytearray(data); i = rand.randrange(len(b)); b[i] = rand.randrange(256); return bytes(b)
def order():
    l = lines[:]; i, j = rand.randrange(len(l)), rand.randrange(len(l)); l[i], l[j] = l[j], l[i]; return b"".join(l)
def drop():
    l = lines[:]; del l[rand.randrange(len(l))]; return b"".join(l)
def twice():
    l = lines[:]; i = rand.randrange(len(l)); l.insert(rand.randrange(len(l)), l[i]); return b"".join(l)
def cut():
    return data[:rand.randrange(len(data))]
def more():
    return data + rand.choice([b"\n", b"x", b"x\n", b"{}\n", data[:700], lines[0], lines[-1], b"\0"])
def inside():
    i = rand.randrange(len(data)); return data[:i] + rand.choice([b" ", b"\n", b"0", b"\\", b'"', b"{}"]) + data[i:]
def swap_digit():
    b = bytearray(data); d = [i for i, c in enumerate(b) if 48 <= c <= 57]; b[rand.choice(d)] = 48 + rand.randrange(10); return bytes(b)
ways = [flip, byte, order, drop, twice, cut, more, inside, swap_digit]
for k in range(n):
    r = f"{out}/{k:03}"
    shutil.copytree(good, r)
    open(r + "/var/lib/bnd/log/000001.jsonl", "wb").write(ways[k % len(ways)]())
PY
agree "changed logs" "$T"/mutant/*
agree "control: the good log" "$T/good"
ok "is consistent to both" is "$(cat "$T/first" "$T/second" | xargs)" "5 5"
tap_done
