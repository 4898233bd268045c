#!/bin/bash
# evidence-tools.t: three people, three tools, none of them ours, and the log names them
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../ceremony.sh"
token=$BND_BUILD/tests/fake/token.so
[[ -e $token ]] || skip_all "no tests/fake/token.so"
for tool in minisign ssh-keygen openssl jq setpriv; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
unset DISPLAY SSH_ASKPASS
export SSH_SK_PROVIDER=$token HOME=$T
install -m 0755 "$BND_BUILD/tests/helper/timed-ceremony" /usr/sbin/ceremony || bail "no ceremony"
spine_up_bare
cd "$T" || bail "no scratch directory"

# ---- keys, and what each one signs -----------------------------------------

openssl genpkey -algorithm ed25519 -out alice.key 2>/dev/null
openssl pkey -in alice.key -pubout -outform DER | tail -c 32 | base64 >alice.pub
minisign -G -W -p bob.pub -s bob.key >/dev/null 2>&1
ssh-keygen -q -t ed25519-sk -N '' -C carol -f carol </dev/null >/dev/null 2>&1 ||
    { export BND_TOKEN_API=11; ssh-keygen -q -t ed25519-sk -N '' -C carol -f carol </dev/null >/dev/null 2>&1; } ||
    skip_all "ssh-keygen does not take the software token"
declare -A kind=([alice]=raw [bob]=minisign [carol]=ssh)
count=10
# sign NAME [OPTION...]: the text in $T/text, to $T/sig
sign() {
	rm -f sig text.sig
	case ${kind[$1]} in
	raw) openssl pkeyutl -sign -rawin -inkey alice.key -in text | base64 -w 0 >sig ;;
	minisign) minisign -S "${@:2}" -s bob.key -m text -x sig >/dev/null 2>&1 ;;
	ssh)
		BND_TOKEN_COUNTER=$((count += 1)) \
		    ssh-keygen -q -Y sign -n "${2:-bnd-ceremony}" -f carol text </dev/null >/dev/null 2>&1
		mv text.sig sig
		;;
	esac
}
enroll() { mode-set --init --enroll "$1" --kind "${kind[$1]}" --key "$1.pub" "${@:2}"; }

for who in alice bob carol; do
	enroll $who >text 2>/dev/null || bail "cannot ask $who"
	cp text $who.text
done
cp bob.text text && sign bob -l
run enroll bob --sig sig
ok "a legacy signature of minisign enrols nobody" status 13
cp carol.text text && sign carol git
run enroll carol --sig sig
ok "nor does a token's for another namespace" status 13
for who in alice bob carol; do
	cp $who.text text
	sign $who || bail "$who cannot sign"
	run enroll $who --sig sig
	ok "$who is in, with a key of kind ${kind[$who]}" status 0
done
ok "the log begins with the three of them" verifies
ok "and their kinds" is "$(jq -r '.d.approvers[].kind' <$log_file | xargs)" "raw minisign ssh"

# ---- each alone, where one is the rule ---------------------------------------

records() { grep -c "\"ev\":\"ceremony.$1\"" $log_file; }

for who in alice bob carol; do
	mode-set AIRGAP >/dev/null || bail "no AIRGAP"
	asked request TRUSTED || bail "cannot ask"
	sign $who
	cp sig $who.old
	run ceremony approve -n $who -s sig "$id"
	ok "$who approves" status 0
	forward 61
	run mode-set --ceremony "$id" TRUSTED
	ok "and AIRGAP is left" is "$status $(kernel)" "0 TRUSTED"
done

# ---- attacks, each before the approvals that are right -----------------------

mode-set COLDROOM >/dev/null 2>&1 || bail "no COLDROOM"
asked request AIRGAP || bail "cannot ask"
cp text challenge
misses=$(records miss)
for who in alice bob carol; do
	run ceremony approve -n $who -s $who.old "$id"
	ok "$who's approval of an earlier challenge: refused" status 13
done
ok "and recorded as misses" is $(($(records miss) - misses)) 3
sign bob -l
run ceremony approve -n bob -s sig "$id"
ok "minisign's legacy kind: refused" status 13
sign carol file
run ceremony approve -n carol -s sig "$id"
ok "another namespace: refused" status 13
BND_TOKEN_FLAGS=0 sign carol
run ceremony approve -n carol -s sig "$id"
ok "nobody touched the token: refused" status 13
count=11
sign carol
run ceremony approve -n carol -s sig "$id"
ok "a token whose counter went back: refused" status 13
ok "as a copy of it" like "$err" "counter of carol's token does not grow"
sed -i 's/^to AIRGAP/to OPEN/' text
sign alice
cp challenge text
run ceremony approve -n alice -s sig "$id"
ok "a text edited before it was signed: refused" status 13
count=20
sign carol
run ceremony approve -n carol -s sig "$id"
ok "control: the token as it should be: taken" status 0
sign carol
run ceremony approve -n carol -s sig "$id"
forward 91
run mode-set --ceremony "$id" AIRGAP
ok "carol twice is one of two" is "$status $(kernel)" "12 COLDROOM"
sign bob
run ceremony approve -n bob -s sig "$id"
ok "bob is the second" status 0
forward 91
run mode-set --ceremony "$id" AIRGAP
ok "two of three, by minisign and a token" is "$status $(kernel)" "0 AIRGAP"

# ---- later, from public data alone -------------------------------------------

ok "the log verifies" verifies
mkdir public && cp $log_file public/ && cp /etc/bnd/log.pin public/pin && chmod -R a+rX public "$T"
anyone=(setpriv --reuid=65534 --regid=65534 --clear-groups)
"${anyone[@]}" true 2>/dev/null || anyone=()
"${anyone[@]}" "$(command -v chain-verify)" --copy --log public --pin public/pin --approvals --json >told
ok "anybody can ask a copy" is "$(jq -r .verdict told)" PARTIAL
ok "who allowed what" is "$(jq -r '.approvals[] | [.from, .to, (.by[] | .name + "/" + .kind)] | join(" ")' told)" \
    "AIRGAP TRUSTED alice/raw
AIRGAP TRUSTED bob/minisign
AIRGAP TRUSTED carol/ssh
COLDROOM AIRGAP bob/minisign carol/ssh"
ok "and when each key last worked" is "$(jq -r '.keys[] | select(.worked > .enrolled) | .name' told | xargs)" \
    "alice bob carol"
# The first loosening by hand: text and signature from the log, openssl for the rest.
first() { jq -j "select(.ev == \"ceremony.$1\").d.$2" $log_file | head -c "$3"; }
first open text 100000 | awk '/^bnd-ceremony/ && n++ { exit } { print }' >text
{ first approve sig 86 | tr -- -_ +/; printf '=='; } | base64 -d >sig
openssl pkey -in alice.key -pubout -out alice.pem
ok "openssl verifies what alice signed" like \
    "$(openssl pkeyutl -verify -rawin -pubin -inkey alice.pem -sigfile sig -in text 2>&1)" 'Success'
sed -i 's/^to TRUSTED/to OPEN/' text
ok "control: and nothing else" like \
    "$(openssl pkeyutl -verify -rawin -pubin -inkey alice.pem -sigfile sig -in text 2>&1)" 'Fail'
tap_done
