#!/bin/bash
# evidence.t: stock tools make the signatures, and check what is logged of them
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
evidence=$BND_BUILD/tests/helper/evidence token=$BND_BUILD/tests/fake/token.so
[[ -x $evidence && -e $token ]] || skip_all "no tests/helper/evidence or tests/fake/token.so"
for tool in minisign ssh-keygen openssl jq b2sum; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
# With nobody on a terminal ssh-keygen must not look for one.
unset DISPLAY SSH_ASKPASS
export SSH_SK_PROVIDER=$token HOME=$T BND_TOKEN_COUNTER=41
cd "$T" || bail "no scratch directory"
mkdir root && "$BND_BUILD/tests/helper/forge" root 12 || bail "no log"
jq -j 'select(.ev == "ceremony.open").d.text' root/var/lib/bnd/log/000001.jsonl >text
sed 's/^to TRUSTED/to OPEN/' text >other

verify() { run "$evidence" verify "$1" "$2" "$3" "${4:-text}"; }
# Bytes of URL-safe base64, and of a number.
unb64() { local s; s=$(tr -- -_ +/) && while ((${#s} % 4)); do s+='='; done; base64 -d <<<"$s"; }
be() { printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"; }
string() { be "$(wc -c <"$1")"; cat "$1"; }
word() { printf %s "$1" >word && string word; }
# A public key of 32 bytes as openssl takes it.
spki() { { printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; base64 -d <<<"$1"; } >key.der; }
openssl_verifies() { openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -sigfile "$2" -in "$1" 2>&1; }

# ---- raw: openssl ----------------------------------------------------------

openssl genpkey -algorithm ed25519 -out raw.pem 2>/dev/null
openssl pkey -in raw.pem -pubout -outform DER | tail -c 32 | base64 >raw.pub
openssl pkeyutl -sign -rawin -inkey raw.pem -in text | base64 -w 0 >raw.sig
verify raw raw.pub raw.sig
ok "openssl signs: it verifies" status 0
jq -r .sig <<<"$out" | unb64 >sig
spki "$(cat raw.pub)"
ok "what would be logged verifies with openssl" openssl_verifies text sig
ok "control: not over another text" like "$(openssl_verifies other sig)" '[Ff]ail'
verify raw raw.pub raw.sig other
ok "nor here" status 1
ceremony keygen own >/dev/null 2>&1 && ceremony sign -k own text >own.sig 2>/dev/null || bail "ceremony does not sign"
run "$evidence" public raw own.pub
spki "$out"
unb64 <own.sig >sig
ok "what ceremony signs verifies with openssl" openssl_verifies text sig
verify raw own.pub own.sig
ok "and here" status 0

# ---- minisign --------------------------------------------------------------

minisign -G -W -p mini.pub -s mini.key >/dev/null 2>&1 || bail "no key of minisign"
minisign -S -s mini.key -m text -x mini.sig -t 'for a ceremony' >/dev/null 2>&1
ok "control: minisign verifies its own" minisign -V -q -p mini.pub -m text -x mini.sig
verify minisign mini.pub mini.sig
ok "minisign signs: it verifies" status 0
ok "a signature and nothing else is logged" is "$(jq -r 'keys | join(" ")' <<<"$out")" sig
jq -r .sig <<<"$out" | unb64 >sig
printf "$(b2sum text | cut -d' ' -f1 | sed 's/../\\x&/g')" >digest
run "$evidence" public minisign mini.pub
spki "$out"
ok "which openssl verifies over BLAKE2b-512" openssl_verifies digest sig
verify minisign mini.pub mini.sig other
ok "not over another text" status 1
sed -n 2p mini.sig >line
verify minisign mini.pub line
ok "the one line of 100 characters is enough" is "$status $(tr -d '\n' <line | wc -c)" "0 100"
minisign -G -W -p mini2.pub -s mini2.key >/dev/null 2>&1
verify minisign mini2.pub mini.sig
ok "not under another key" status 1
minisign -S -l -s mini.key -m text -x legacy.sig >/dev/null 2>&1
ok "control: minisign verifies its legacy kind" minisign -V -q -p mini.pub -m text -x legacy.sig
verify minisign mini.pub legacy.sig
ok "which is refused" status 13
ok "by its name" like "$err" 'legacy signature of minisign'
sed 's/$/\r/' mini.sig >crlf.sig
verify minisign mini.pub crlf.sig
ok "a file that an editor has touched is none" status 2

# ---- ssh-keygen with a token -----------------------------------------------

keygen() { ssh-keygen -q -t ed25519-sk -N '' -C "carol $1" -O application=ssh:bnd -f "$1" </dev/null >/dev/null 2>&1; }
sk_sign() { # KEY NAMESPACE [OPTION...]: signs text into KEY.sig
	cp text "$1.text" && rm -f "$1.text.sig"
	ssh-keygen -q -Y sign -n "$2" "${@:3}" -f "$1" "$1.text" </dev/null 2>/dev/null
	mv -f "$1.text.sig" "$1.sig"
}
sk_verifies() { # KEY NAMESPACE SIG [TEXT]
	echo "carol $(cat "$1.pub")" >allowed
	ssh-keygen -Y verify -f allowed -I carol -n "$2" -s "$3" <"${4:-text}"
}
if ! keygen sk; then
	export BND_TOKEN_API=11
	keygen sk || skip_all "ssh-keygen does not take the software token"
fi
sk_sign sk bnd-ceremony
ok "control: ssh-keygen verifies its own" sk_verifies sk bnd-ceremony sk.sig
verify ssh sk.pub sk.sig
ok "a token signs through ssh-keygen: it verifies" status 0
logged=$out
ok "flags and counter are logged" is "$(jq -r '[.alg, .flags, .ctr] | join(" ")' <<<"$logged")" "sha512 1 41"
verify ssh sk.pub sk.sig other
ok "not over another text" status 1
sed '1d;$d' sk.sig | tr -d '\n' >line
verify ssh sk.pub line
ok "one line of base64 is enough" is "$status $(($(wc -c <line) < 512))" "0 1"
sk_sign sk bnd-ceremony -O hashalg=sha256
verify ssh sk.pub sk.sig
ok "SHA-256 is the other hash" is "$(jq -r .alg <<<"$out")" sha256

# What is logged is turned back into a file that the stock tool believes.
rebuild() { # PUBLIC JSON: an armoured SSHSIG on stdout
	run "$evidence" public ssh "$1"
	base64 -d <<<"${out%% *}" >pk
	jq -r .sig <<<"$2" | unb64 >sig
	{ word sk-ssh-ed25519@openssh.com; string pk; word "${out#* }"; } >b.key
	{ word sk-ssh-ed25519@openssh.com; string sig; printf "\\x$(printf %02x "$(jq .flags <<<"$2")")"
	    be "$(jq .ctr <<<"$2")"; } >b.sig
	{ printf SSHSIG; be 1; string b.key; word bnd-ceremony; word ''; word "$(jq -r .alg <<<"$2")"; string b.sig; } >blob
	echo '-----BEGIN SSH SIGNATURE-----'
	base64 -w 70 blob
	echo '-----END SSH SIGNATURE-----'
}
rebuild sk.pub "$logged" >again.sig
ok "from the log alone ssh-keygen verifies it" sk_verifies sk bnd-ceremony again.sig
run sk_verifies sk bnd-ceremony again.sig other
ok "control: over no other text" isnt "$status" 0
rebuild sk.pub "$(jq -c '.ctr += 1' <<<"$logged")" >forged.sig
run sk_verifies sk bnd-ceremony forged.sig
ok "nor with another counter" isnt "$status" 0
verify ssh sk.pub forged.sig
ok "which is none here either" status 1
# The same by hand, as bnd-log(5) says it.
openssl dgst -sha512 -binary text >digest
{ printf SSHSIG; word bnd-ceremony; word ''; word sha512; string digest; } | openssl dgst -sha256 -binary >asked
{ printf %s ssh:bnd | openssl dgst -sha256 -binary; printf '\x01'; be 41; cat asked; } >signed
run "$evidence" public ssh sk.pub
spki "${out%% *}"
jq -r .sig <<<"$logged" | unb64 >sig
ok "and openssl, over the bytes of bnd-log(5)" openssl_verifies signed sig

# ---- what the stock tool lets pass, or is asked for something else -----------

sk_sign sk file
ok "control: ssh-keygen verifies it for files" sk_verifies sk file sk.sig
verify ssh sk.pub sk.sig
ok "another namespace is refused" status 13
ok "with the one to use" like "$err" 'sign with -n bnd-ceremony'
BND_TOKEN_FLAGS=0 sk_sign sk bnd-ceremony
ok "control: ssh-keygen does not ask for presence" sk_verifies sk bnd-ceremony sk.sig
verify ssh sk.pub sk.sig
ok "without presence: refused" status 13
ok "and said so" like "$err" 'nobody touched the token'
BND_TOKEN_FLAGS=4 sk_sign sk bnd-ceremony
verify ssh sk.pub sk.sig
ok "a PIN is no touch" status 13
BND_TOKEN_FLAGS=5 sk_sign sk bnd-ceremony
verify ssh sk.pub sk.sig
ok "with both it verifies" is "$status $(jq .flags <<<"$out")" "0 5"
keygen sk2 && sk_sign sk2 bnd-ceremony
verify ssh sk.pub sk2.sig
ok "another token is refused" status 13
ok "as another key" like "$err" 'another key'
ssh-keygen -q -t ed25519 -N '' -f plain >/dev/null && sk_sign plain bnd-ceremony
ok "control: ssh-keygen verifies a key in a file" sk_verifies plain bnd-ceremony plain.sig
run "$evidence" public ssh plain.pub
ok "which is no key of a token" status 2
ok "and told how to get one" like "$err" 'ssh-keygen -t ed25519-sk'
verify ssh sk.pub plain.sig
ok "nor is its signature one" status 2
BND_TOKEN_COUNTER=0 sk_sign sk bnd-ceremony
verify ssh sk.pub sk.sig
ok "a token that does not count says 0" is "$status $(jq .ctr <<<"$out")" "0 0"
BND_TOKEN_COUNTER=4294967295 sk_sign sk bnd-ceremony
verify ssh sk.pub sk.sig
ok "one that has counted to the end says so" is "$status $(jq .ctr <<<"$out")" "0 4294967295"
ok "a token's application is read" is "$("$evidence" public ssh sk.pub | cut -d' ' -f2)" ssh:bnd
tap_done
