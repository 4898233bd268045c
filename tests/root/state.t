#!/bin/bash
# state.t: a state that is not what was published lets no evidence through
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
spine_up

# Before each attack: AIRGAP, and a ceremony to TRUSTED that may be used now.
state=/run/bnd/state
mode-set restricted >/dev/null
mode-set airgap >/dev/null
id=$(loosen hold "$T" 1 TRUSTED)
cp -a $state "$T/state"
attr=$(lsattr $log_file 2>/dev/null | grep -c '^[^ ]*a')
# Both directories are called bnd.
mkdir "$T/was" "$T/lib"
cp -a /run/bnd "$T/was"
cp -a /var/lib/bnd "$T/lib"
restore() {
	chattr -a $log_file 2>/dev/null
	rm -rf /run/bnd /var/lib/bnd
	cp -a "$T/was/bnd" /run/bnd
	cp -a "$T/lib/bnd" /var/lib/bnd
	((attr == 0)) || chattr +a $log_file
	echo AIRGAP >/run/fake/net
}
finish() {
	restore
	eval "$1"
	run mode-set --ceremony "$id" trusted
}
finish :
ok "control: untouched, the evidence is good" is "$status $(kernel) $(published)" "0 TRUSTED TRUSTED"

# Replace by sed and make the sum right again: what root can write.
forge() {
	python3 - "$1" "$2" <<'PY'
import base64, hashlib, re, sys
path = "/run/bnd/state"
body = open(path).read()
body = body[:body.rindex("sum ")]
new = re.sub(sys.argv[1], sys.argv[2], body, count=1, flags=re.M)
assert new != body
h = hashlib.blake2b(new.encode(), digest_size=32, person=b"bnd-state-v1").digest()
open(path, "w").write(new + "sum " + base64.urlsafe_b64encode(h).decode().rstrip("=") + "\n")
PY
}
flip() {
	python3 - "$1" "$2" <<'PY'
import sys
b = bytearray(open("/run/bnd/state", "rb").read())
b[int(sys.argv[1])] ^= 1 << int(sys.argv[2])
open("/run/bnd/state", "wb").write(b)
PY
}
# attack WHAT DAMAGE WHY: no loosening, LOCKDOWN, and says why.
attack() {
	finish "$2"
	ok "$1: refused, LOCKDOWN" is "$status $(kernel) $(mode-set --get 2>/dev/null)" "9 LOCKDOWN LOCKDOWN"
	ok "$1: with its reason" like "$err" "$3"
}
attack missing 'rm $state' 'No such file'
attack empty ': >$state' 'empty'
attack 'mode 0666' 'chmod 0666 $state' 'mode 0666'
attack 'foreign owner' 'chown 65534 $state' 'belongs to uid 65534'
attack 'a hard link' 'ln $state $state.2' '2 links'
attack 'a symbolic link to the good one' 'cp -a $state /run/good; rm $state; ln -s /run/good $state' 'cannot open'
attack 'a FIFO' 'rm $state; mkfifo -m 644 $state' 'not a regular file'
attack 'a directory' 'rm $state; mkdir $state' 'not a regular file'
finish 'chmod 0777 /run/bnd'
ok "its directory writable by all: LOCKDOWN, nothing can be logged" is "$status $(kernel) $(mode-set --get 2>/dev/null)" "15 LOCKDOWN LOCKDOWN"
attack 'a NUL byte' 'printf "\0" >>$state' 'NUL|sum'
attack 'twice' 'cat "$T/state" >>$state' 'sum|line'
attack 'another boot' 'forge "^boot .." "boot 00"' 'another boot'
attack 'generation 0' 'forge "^gen .*" "gen 0"' 'bad value'
attack 'an older generation' 'forge "^gen .*" "gen 2"' 'the state says|not what the log says'
attack 'a later generation' 'forge "^gen .*" "gen 9"' 'the state says|not what the log says'
attack 'an unknown mode' 'forge "^mode .*" "mode PARTY"' 'bad value'
attack 'a mode in small letters' 'forge "^mode .*" "mode airgap"' 'bad value'
attack 'effective below the mode' 'forge "^effective .*" "effective OPEN"' 'laxer than its mode'
attack 'two modes and stable' 'forge "^effective .*" "effective LOCKDOWN"' 'two modes'
attack 'a stricter mode than the log has' 'forge "^mode AIRGAP\neffective AIRGAP" "mode COLDROOM\neffective COLDROOM"' \
    'the state says COLDROOM, the log says AIRGAP'
attack 'another record' 'forge "^(log \S+) \d+" "\g<1> 1"' 'not what the log says'
attack 'an unknown phase' 'forge "^phase .*" "phase open"' 'bad value'
attack 'a line too many' 'forge "^txn -" "txn -\ntxn -"' 'belongs'
attack 'an unknown word' 'forge "^why" "because"' 'where "why" belongs'
attack 'a hidden step of the clock' 'forge "^offset (\d+)" "offset 1\g<1>"' 'clock offset|bad value'

# Cut and flipped: at the ends of each line and in the middle.
bad='' n=0
mapfile -t ends < <(grep -bo '$' "$T/state" | cut -d: -f1)
size=$(stat -c %s "$T/state")
for at in "${ends[@]}"; do
	for cut in $((at - 3)) "$at" $((at + 1)); do
		((cut < size)) || continue
		n=$((n + 1))
		finish "truncate -s $cut $state"
		[[ "$status $(kernel)" == "9 LOCKDOWN" ]] || bad+=" $cut:$status:$(kernel)"
	done
done
ok "cut at $n places" is "$bad" ''
bad='' n=0
for ((at = 5; at < size; at += 23)); do
	n=$((n + 1))
	finish "flip $at $((n % 8))"
	[[ "$status $(kernel)" == "9 LOCKDOWN" ]] || bad+=" $at:$status:$(kernel)"
done
ok "a bit flipped at $n places" is "$bad" ''

# What it honestly says holds the evidence back, too, and nothing is lost.
finish 'forge "^frozen .*" "frozen by hand"'
ok "frozen: refused, and still AIRGAP" is "$status $(kernel) $(published)" "14 AIRGAP AIRGAP"
finish ': >/run/bnd/request/COLDROOM'
ok "a request for more: refused" is "$((status != 0)) $(kernel)" "1 AIRGAP"
finish 'rm -rf /run/bnd/request; ln -s /tmp /run/bnd/request'
ok "requests that cannot be read: refused" is "$((status != 0)) $([[ $(kernel) == AIRGAP || $(kernel) == LOCKDOWN ]] && echo held)" "1 held"
finish :
ok "control: and untouched once more" is "$status $(kernel) $(published)" "0 TRUSTED TRUSTED"
ok "the log verifies" verifies
tap_done
