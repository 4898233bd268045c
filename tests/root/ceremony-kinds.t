#!/bin/bash
# ceremony-kinds.t: a key of each kind is let in, lets others in, loosens, and is sent away
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"
token=$BND_BUILD/tests/fake/token.so
[[ -e $token ]] || skip_all "no tests/fake/token.so"
for tool in minisign ssh-keygen openssl; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
unset DISPLAY SSH_ASKPASS
export SSH_SK_PROVIDER=$token HOME=$T
count=10

# Keys and signatures by tools that are not ours.
openssl_key() {
	openssl genpkey -algorithm ed25519 -out "$K/raw.key" 2>/dev/null
	openssl pkey -in "$K/raw.key" -pubout -outform DER | tail -c 32 | base64 >"$K/raw.pub"
}
minisign_key() {
	minisign -G -W -p "$K/minisign.pub" -s "$K/minisign.key" >/dev/null 2>&1
}
token_key() {
	ssh-keygen -q -t ed25519-sk -N '' -C t -f "$K/ssh" </dev/null >/dev/null 2>&1 ||
	    { export BND_TOKEN_API=11; ssh-keygen -q -t ed25519-sk -N '' -C t -f "$K/ssh" </dev/null >/dev/null 2>&1; }
}
# sign_as KIND: the text in $T/text, to $T/sig
sign_as() {
	rm -f "$T/sig" "$T/text.sig"
	case $1 in
	raw) openssl pkeyutl -sign -rawin -inkey "$K/raw.key" -in "$T/text" | base64 -w 0 >"$T/sig" ;;
	minisign) minisign -S -s "$K/minisign.key" -m "$T/text" -x "$T/sig" >/dev/null 2>&1 ;;
	ssh)
		BND_TOKEN_COUNTER=$((count += 1)) \
		    ssh-keygen -q -Y sign -n bnd-ceremony -f "$K/ssh" "$T/text" </dev/null >/dev/null 2>&1
		mv "$T/text.sig" "$T/sig"
		;;
	esac
}
pass='eleven small stones in a river'
approve_as() {
	if [[ $1 == passphrase ]]; then
		ceremony approve -n passphrase --passphrase-fd 5 "$id" 5<<<"$pass"
	else
		sign_as "$1" && ceremony approve -n "$1" -s "$T/sig" "$id"
	fi
}
ask_for() {
	if [[ $1 == passphrase ]]; then
		asked enroll passphrase --kind passphrase --passphrase-fd 5 5<<<"$pass"
		return
	fi
	ceremony enroll "$1" --kind "$1" --key "$K/$1.pub" >"$T/text" 2>/dev/null && sign_as "$1" &&
	    asked enroll "$1" --kind "$1" --key "$K/$1.pub" --sig "$T/sig"
}

people owner
openssl_key && minisign_key || bail "no keys"
token_key || skip_all "ssh-keygen does not take the software token"

# Each is let in by the one before it, and by nobody else.
before='' wait=901
for kind in raw minisign ssh passphrase; do
	ok "$kind: asked for, with its own proof" ask_for $kind
	yes_by owner
	[[ ! $before ]] || { wait=91; run approve_as "$before"; }
	forward $wait
	run ceremony enroll --finish "$id"
	ok "$kind: let in${before:+ with the help of $before}" is "$status" 0
	before=$kind
done
ok "the list names them" is "$(ceremony list | awk 'NR > 2 { print $1, $2 }' | xargs)" \
    "raw raw minisign minisign ssh ssh passphrase passphrase"
ok "the salt is root's alone" is "$(stat -c '%a %u' /etc/bnd/approvers/passphrase.kdf)" "600 0"
run ceremony enroll passphrase --kind passphrase --passphrase-fd 5 5<<<"$pass"
ok "a live name once more: 1, and nothing is asked" status 1
ok "its salt stands" test -e /etc/bnd/approvers/passphrase.kdf
ok "the log verifies" verifies

# XB-31 each loosens alone where one is the rule, and a wrong one does not.
for kind in raw minisign ssh passphrase; do
	mode-set airgap >/dev/null 2>&1
	asked request trusted
	run approve_as $kind
	ok "XB-31 $kind approves" status 0
	forward 61
	run mode-set --ceremony "$id" trusted
	ok "XB-31 $kind loosens" is "$status $(kernel)" "0 TRUSTED"
done
mode-set airgap >/dev/null 2>&1
asked request trusted
for kind in raw minisign ssh; do
	cp "$T/text" "$T/kept"
	echo >>"$T/text"
	sign_as $kind
	cp "$T/kept" "$T/text"
	run ceremony approve -n $kind -s "$T/sig" "$id"
	ok "$kind: a signature over another text: 13" status 13
done
pass='eleven small stones in a lake' run approve_as passphrase
ok "another passphrase: 13" status 13
forward 5
run ceremony approve -n passphrase -s "$T/sig" "$id"
ok "a file for a passphrase: 2" status 2
sign_as minisign
run ceremony approve -n raw -s "$T/sig" "$id"
ok "one kind's signature for another: refused" isnt "$status" 0
ok "nothing of it counts" like "$(ceremony show --json)" '"have":0'
ceremony cancel "$id"

# kinds offline: a passphrase does not count, and is told so.
printf 'kinds AIRGAP offline\n' >/etc/bnd/bnd.conf
asked request trusted
run approve_as passphrase
ok "offline keys are asked for: a passphrase is refused, 13" is "$status $(ceremony show --json | grep -o '"have":.')" '13 "have":0'
run ceremony show
ok "and show says who cannot" like "$out" "passphrase +passphrase +passphrase +not a kind"
run approve_as minisign
ok "control: an offline key counts" status 0
ceremony cancel "$id"
: >/etc/bnd/bnd.conf

# A drill finds the key that does not work.
forward 10 # what the wrong passphrases above cost
asked drill
for kind in raw minisign passphrase; do approve_as $kind >/dev/null || diag "$kind does not sign"; done
yes_by owner
run ceremony drill --finish "$id"
ok "drill: one key has not signed: 1" status 1
ok "and is named" like "$out" "ssh +ssh +has not signed"
ok "the others work" is "$(grep -c works <<<"$out")" 4
asked drill
for kind in raw minisign ssh passphrase; do approve_as $kind >/dev/null; done
yes_by owner
run ceremony drill --finish "$id" --json
ok "drill: all of them" is "$status $(grep -o '"works":true' <<<"$out" | wc -l)" "0 5"

# Each gives itself up, and is refused afterwards.
for kind in raw minisign ssh passphrase; do
	asked revoke $kind
	approve_as $kind >/dev/null
	run ceremony revoke --finish "$id"
	ok "$kind gives itself up" status 0
	mode-set airgap >/dev/null 2>&1
	asked request trusted
	run approve_as $kind
	ok "XB-31 and is refused: 13" is "$status $(ceremony show --json | grep -o '"have":.')" '13 "have":0'
	ceremony cancel "$id"
	forward 900
done

ok "a salt goes with its key" not test -e /etc/bnd/approvers/passphrase.kdf

# An enrolment that comes to nothing can begin anew, with a salt of its own.
ok "asked for once more" asked enroll again --kind passphrase --passphrase-fd 5 5<<<"$pass"
forward 601
run ceremony enroll --finish "$id"
ok "run out: 13" status 13
first=$(sed -n 's/^salt //p' /etc/bnd/approvers/again.kdf)
ok "over the salt that is left" asked enroll again --kind passphrase --passphrase-fd 5 5<<<"$pass"
ok "there is another" isnt "$(sed -n 's/^salt //p' /etc/bnd/approvers/again.kdf)" "$first"
ceremony cancel "$id"
ok "cancelled: the salt is gone" not test -e /etc/bnd/approvers/again.kdf
ok "all of it verifies" verifies
tap_done
