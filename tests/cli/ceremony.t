#!/bin/bash
# ceremony.t: keys are made once and kept, only the two texts are signed
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
cd "$T" || bail "no scratch directory"

run ceremony keygen alice.key
ok "keygen" status 0
ok "prints the public half" like "$out" '^[A-Za-z0-9_-]{43}$'
ok "which stands in alice.pub" is "$(cat alice.pub)" "$out"
ok "the secret is its owner's alone" is "$(stat -c %a alice.key)" 600
ok "and was never printed" unlike "$out$err" "$(sed -n 's/^seed //p' alice.key)"
umask 0
ceremony keygen other >/dev/null 2>&1
ok "S0-24 whatever the umask" is "$(stat -c %a other)" 600
ok "without .key the public half has .pub behind" test -s other.pub
umask 022
before=$(cat alice.key)
run ceremony keygen alice.key
ok "a key is never written over: exit 2" status 2
ok "and stands as it was" is "$(cat alice.key)" "$before"
ln -s nowhere.key link.key
run ceremony keygen link.key
ok "nor made through a link" status 2
ok "nothing is there" not test -e nowhere.key

pub=$(cat alice.pub)
enrol() {
	printf 'bnd-enroll/1\nlog AAAAAAAAAAAAAAAAAAAAAA\nname alice\nperson alice\nkind raw\nkey %s\n' "${1:-$pub}"
}
challenge() {
	printf '%s\n' bnd-ceremony/1 'log AAAAAAAAAAAAAAAAAAAAAA' 'action loosen' 'from AIRGAP' 'to TRUSTED' \
	    'subject -' 'for -' 'gen 41' "boot $(printf '%032d' 7)" "base 1233 $(printf 'A%.0s' {1..43})" \
	    'opened 123456789' 'need 1' 'kinds any' 'cooldown 60' 'requester auid=1000 uid=0 tty=pts/3 ses=4' \
	    'reason usb backup' "nonce $(printf 'A%.0s' {1..43})"
}
enrol >enrol.text
challenge >challenge.text

run ceremony sign --key alice.key enrol.text
ok "an enrolment is signed" status 0
ok "88 characters" like "$out" '^[A-Za-z0-9+/]{86}==$'
ok "and all of it is shown" like "$err" "$(cat enrol.text)"
ok "the secret is not" unlike "$out$err" "$(sed -n 's/^seed //p' alice.key)"
run ceremony sign -k alice.key <challenge.text
ok "a challenge on standard input" status 0
ok "is shown too" like "$err" 'reason usb backup'
sig=$out

# Another tool reads our signature, and would not read another's.
{
	printf '\060\052\060\005\006\003\053\145\160\003\041\000'
	{ tr -d '\n' <alice.pub | tr -- -_ +/; echo "="; } | base64 -d
} >alice.der
base64 -d <<<"$sig" >alice.raw
check() {
	openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey alice.der -in "$1" -sigfile alice.raw
}
if command -v openssl >/dev/null; then
	ok "openssl verifies the signature" check challenge.text
	sed s/TRUSTED/OPEN/ challenge.text >other.text
	ok "and not of another text" not check other.text
else
	skip "openssl verifies the signature" "no openssl"
fi

refuse() {
	run ceremony sign -k alice.key "$2"
	ok "refused: $1" status "${3:-2}"
	ok "and nothing is signed" is "$out" ''
}
: >empty
refuse "nothing" empty
printf 'pay 100\n' >any
refuse "any other text" any
{ cat challenge.text; echo x; } >longer
refuse "a line more" longer
head -c -1 challenge.text >shorter
refuse "a byte less" shorter
sed 's/to TRUSTED/to trusted/' challenge.text >case
refuse "another spelling" case
sed 's/to TRUSTED/to LOCKDOWN/' challenge.text >tight
refuse "what needs no ceremony" tight
printf 'bnd-ceremony/1\n\033[2J\n' >esc
run ceremony sign -k alice.key esc
ok "hostile bytes do not reach the terminal" unlike "$err" $'\033'
head -c 5000 /dev/zero >big
refuse "5000 bytes" big
enrol "$(cat other.pub)" >stranger
refuse "an enrolment of another key" stranger 1
refuse "a text that is not there" nowhere

chmod 640 alice.key
refuse "a key that others can read" challenge.text 8
chmod 600 alice.key
mkfifo fifo.key
run timeout 5 ceremony sign -k fifo.key challenge.text
ok "a FIFO for a key: 8, at once" status 8
ln -s alice.key sym.key
run ceremony sign -k sym.key challenge.text
ok "a link for a key is refused" isnt "$status" 0
sed 's/^public A/public B/;t;s/^public ./public A/' alice.key >torn.key
chmod 600 torn.key
run ceremony sign -k torn.key challenge.text
ok "a damaged key: 2" status 2
run ceremony sign challenge.text
ok "no key: 2" status 2
run ceremony
ok "no verb: 2" status 2
for line in "show --sig x" "list x" "approve" "sign --kind raw" "drill --finish 1 --reason x"; do
	# shellcheck disable=SC2086
	run ceremony $line
	ok "ceremony $line, whoever calls: 2" status 2
done

# S0-25: while it signs, the secret is in no argument, no environment, no core.
mkfifo text
ceremony sign -k alice.key text >/dev/null 2>&1 &
pid=$!
for _ in {1..50}; do
	[[ $(readlink "/proc/$pid/exe") == */ceremony ]] && break
	sleep 0.05
done
seed=$(sed -n 's/^seed //p' alice.key)
ok "S0-25 not in its arguments" not grep -q -e "$seed" "/proc/$pid/cmdline"
cat challenge.text >text
wait "$pid"
ok "and it signs" is "$?" 0
if command -v strace >/dev/null; then
	strace -e trace=prctl -o trace ceremony sign -k alice.key challenge.text >/dev/null 2>&1
	ok "S0-25 it leaves no core" grep -q 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE' trace
else
	skip "S0-25 it leaves no core" "no strace"
fi
tap_done
