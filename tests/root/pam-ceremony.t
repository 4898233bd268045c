#!/bin/bash
# pam-ceremony.t: a ceremony in one PAM conversation, and each way it fails
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
. "${0%/*}/../spine.sh"
. "${0%/*}/../pam.sh"
spine_up 2
pam_up
mode-set AIRGAP >/dev/null 2>&1 || bail "no AIRGAP"

# refused WHAT CODE: nothing has become laxer, and nothing was approved
refused() {
	ok "$1: $2" is "$(ended auth)" "$2"
	ok "$1: the kernel is as strict as before" is "$(kernel) $(published)" "AIRGAP AIRGAP"
	ok "$1: no approval stands" is "$(grep -c '"ceremony.approve"' $log_file)" "${approvals:-0}"
}

# ---- the service as it is shipped ----
ok "the service is the shipped one" cmp -s "$BND_TREE/etc/pam.d/mode-set" /etc/pam.d/mode-set
ok "it includes nothing" not grep -qE '^[^#]*(@include|sufficient|optional|\[)' /etc/pam.d/mode-set
say -t mode-set root auth </dev/null
refused "no ceremony is open" AUTHINFO_UNAVAIL
open_ceremony TRUSTED || bail "cannot open"

# ---- nobody there (S0-52) ----
say -n mode-set root auth <<'END'
phrase
END
refused "no terminal" AUTHINFO_UNAVAIL
ok "and nothing was asked" unlike "$out" ECHO

# ---- each question unanswered, wrongly answered, cut off ----
for a in null fail; do
	say -t mode-set root auth <<<$a
	refused "the phrase: $a" AUTHINFO_UNAVAIL
	say -t mode-set root auth <<<"phrase
$a"
	refused "the name: $a" AUTHINFO_UNAVAIL
	say -t mode-set root auth <<<"phrase
=approver1
$a"
	refused "the signature: $a" AUTHINFO_UNAVAIL
done
say -t mode-set root auth <<'END'
=yes
=
=downgrade AIRGAP to TRUSTED AAAA
END
refused "three wrong phrases" MAXTRIES
say -t mode-set root auth <<'END'
bytes 511
bytes 512
END
refused "512 bytes" AUTHINFO_UNAVAIL
lines=$(wc -l <"$T/text")
for ((i = 0; i < lines; i += 6)); do
	say -t -f $i mode-set root auth <<<phrase
	refused "line $i of the text is not shown" AUTHINFO_UNAVAIL
done
say -t mode-set root auth <<'END'
phrase
=nobody's
=approver1
=AAAA
=approver1
bytes 88
=approver1
bytes 511
=approver2
=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
=approver1
=!
END
refused "five that are no signatures" MAXTRIES
ok "what could be one is on the chain as a miss" like "$(grep -c '"ceremony.miss"' $log_file)" '^[12]$'
ok "and nothing of it is quoted back" unlike "$out" 'ERROR.*AAAAAAAA'

# ---- the control: it can be done ----
say -t mode-set root account </dev/null
ok "account before: denied" is "$(ended account)" PERM_DENIED
say -t mode-set root setcred </dev/null
ok "setcred before: no" is "$(ended setcred)" CRED_ERR
say -t mode-set root auth setcred account open close <<END
=oh
phrase
=
=approver1
sig $T 1
END
approvals=1
ok "phrase, name, signature: success" is "$(ended auth)" SUCCESS
ok "account: the quorum stands" is "$(ended account)" SUCCESS
ok "setcred too" is "$(ended setcred)" SUCCESS
ok "session opens and closes" is "$(ended open) $(ended close)" "SUCCESS SUCCESS"
ok "the text was shown as it was signed" is "$(sed -n 's/^INFO //p' <<<"$out" | sed -n '/^bnd-ceremony/,/^nonce/p')" "$(cat "$T/text")"
ok "one approval stands" is "$(grep -c '"ceremony.approve"' $log_file)" 1
ok "PAM's yes changes nothing: still AIRGAP" is "$(kernel) $(published)" "AIRGAP AIRGAP"
run mode-set TRUSTED --ceremony "$id"
ok "and the cool-down is mode-set's" status 12
say -t mode-set root chauthtok </dev/null
ok "no password is changed here" is "$(ended chauthtok)" AUTHTOK_ERR

# ---- expiry is judged at each use (S0-12) ----
forward 100000
say -t mode-set root account </dev/null
ok "the same account, too late: denied" is "$(ended account)" PERM_DENIED
say -t mode-set root auth <<<phrase
ok "nor can it be taken up again" is "$(ended auth)" AUTH_ERR
ok "the log verifies" verifies

# ---- two persons, from two terminals ----
spine_again 2
pam_up
mode-set COLDROOM >/dev/null 2>&1 || bail "no COLDROOM"
open_ceremony AIRGAP || bail "cannot open"
say -t mode-set root auth <<END
phrase
=approver1
sig $T 1
=approver1
null
END
ok "one of two is not enough" is "$(ended auth)" AUTHINFO_UNAVAIL
ok "progress is told" like "$out" 'INFO 1 of 2 persons'
ok "the same key is not asked twice" like "$out" 'INFO approver1 has approved'
say -t mode-set root account </dev/null
ok "account: denied" is "$(ended account)" PERM_DENIED
sig=$(loosen sign "$T" 2 <"$T/text")
say -t mode-set root auth account <<END
phrase
run $BND_BUILD/tests/helper/loosen approve $id 2 $sig
=
END
ok "the other came from another terminal" is "$(ended auth) $(ended account)" "SUCCESS SUCCESS"
ok "the mode is what it was" is "$(kernel)" COLDROOM

# ---- cancelled meanwhile ----
loosen end "$id" cancelled || bail "cannot cancel"
forward 200
open_ceremony AIRGAP || bail "cannot open"
say -t mode-set root auth <<END
phrase
run $BND_BUILD/tests/helper/loosen end $id cancelled
=approver1
END
ok "cancelled while it was held" like "$(ended auth)" 'UNAVAIL|AUTH_ERR'
open_ceremony AIRGAP || bail "cannot open"
say -t mode-set root auth <<END
phrase
run mode-set --trip intruder 2>/dev/null; :
=
END
ok "LOCKDOWN was tripped while it was held: refused" isnt "$(ended auth)" SUCCESS
ok "and stands" is "$(kernel)" LOCKDOWN
say -t mode-set root account </dev/null
ok "account too" is "$(ended account)" PERM_DENIED
ok "the log verifies" verifies
tap_done
