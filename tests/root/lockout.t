#!/bin/bash
# lockout.t: guesses through the shipped tools count, wait, and hold nothing else up
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
file=/var/lib/bnd/lockout
kdf=/etc/bnd/approvers

right="correct horse battery staple"
init() {
	mode-set --init --enroll "$1" --kind passphrase --passphrase-fd 9 9<<<"$2" >/dev/null 2>&1
}
ok "a host with a passphrase" init alice "$right"
cp $file "$T/none"
no_failures() {
	cat "$T/none" >$file
}
ok "a ceremony is open" ceremony drill
id=$(ceremony show -j | grep -oE '"id":"[0-9a-f]{16}"' | cut -d'"' -f4)
guess() {
	ceremony approve --name "$1" --passphrase-fd 9 "$id" 9<<<"$2"
}
count() {
	sed -n 's/^all \([0-9]*\) .*/\1/p' $file
}
misses() {
	grep -ch '"ev":"ceremony.miss"' /var/lib/bnd/log/*.jsonl
}

# ---- guessing ----------------------------------------------------------------

run guess alice "wrong horse battery staple"
ok "a wrong passphrase is 13" status 13
said=$err
ok "counted" is "$(count)" 1
ok "and recorded" is "$(misses)" 1
no_failures
run guess nobody "wrong horse battery staple"
ok "a name that nobody has is 13" status 13
ok "in the same words" is "$err" "$said"
ok "counted" is "$(count)" 1
ok "and recorded" is "$(misses)" 2
run guess alice "$right"
ok "it is waited for by its own name alone" isnt "$(count)" 2
ok "control: the right one is taken" status 0

no_failures
for ((i = 0; i < 20; i++)); do
	guess alice "wrong $i horse battery staple" >/dev/null 2>"$T/$i.err" &
done
wait
ok "20 at once are 20" is "$(count)" 20
# More than one, if the machine takes more than 2 s to start them all.
judged=$(($(misses) - 2))
ok "of which $judged judged" test $judged -ge 1 -a $judged -le 3
ok "and the others are told to wait" is "$(cat "$T"/*.err | grep -c 'wait [0-9]* s')" $((20 - judged))
before=$(misses)
run chain-verify
ok "the log verifies" status 0

# ---- killed between the count and the verdict --------------------------------

# Parameters that make the verdict take a while.
no_failures
cp -p $kdf/alice.kdf "$T/kept"
sed 's/^ops .*/ops 60/' "$T/kept" >$kdf/alice.kdf
guess alice "wrong horse battery staple" >/dev/null 2>&1 &
for ((i = 0; i < 1000; i++)); do
	[[ $(count) == 0 ]] || break
	sleep 0.005
done
kill -KILL $! $(pgrep -x ceremony)
wait 2>/dev/null
cp -p "$T/kept" $kdf/alice.kdf
ok "killed before the verdict, nothing is recorded" is "$(misses)" "$before"
ok "and it has counted" is "$(count)" 1

# ---- tightening --------------------------------------------------------------

printf 'damaged' | dd of=$file conv=notrunc status=none
run guess alice "$right"
ok "the right one waits, too" status 13
ok "damaged, it is the longest wait" like "$err" "wait 900 s"
ok "made good in place" is "$(stat -c %s $file) $(count)" "4096 14"
# Its lock held by somebody who does not go on.
"$BND_BUILD/tests/helper/hold" $file &
holder=$!
until grep -q "OFDLCK.*:$(stat -c %i $file) " /proc/locks; do sleep 0.01; done
start=$(date +%s%N)
run mode-set airgap
ok "tightening waits for none of it" status 0
ok "not even for a moment" test $((($(date +%s%N) - start) / 1000000)) -lt 5000
ok "in the kernel" net-seal check
kill $holder
wait $holder 2>/dev/null

# ---- trouble is not a wrong passphrase ---------------------------------------

no_failures
ceremony cancel "$id" 2>/dev/null
ceremony drill >/dev/null 2>&1
id=$(ceremony show -j | grep -oE '"id":"[0-9a-f]{16}"' | cut -d'"' -f4)
small() {
	prlimit --as=150000000 ceremony approve --name alice --passphrase-fd 9 "$id" 9<<<"$right"
}
if grep -qa __asan_init "$BND_BUILD/ceremony"; then
	skip_kernel "without the memory it is 2" "the sanitizer needs more memory to start"
else
	run small
	ok "without the memory it is 2" status 2
	ok "which is said" like "$err" "256 MiB"
fi
ok "and no failure" is "$(count)" 0
chmod 644 $kdf/alice.kdf
run guess alice "$right"
ok "parameters that others can read are 8" status 8
chmod 600 $kdf/alice.kdf
chmod 755 $kdf
run guess alice "$right"
ok "in a directory that they can look into, too" status 8
chmod 700 $kdf
sed 's/^mem .*/mem 8192/' $kdf/alice.kdf >$kdf/cheap && chmod 600 $kdf/cheap
mv $kdf/alice.kdf $kdf/kept && mv $kdf/cheap $kdf/alice.kdf
run guess alice "$right"
ok "cheap ones are 2" status 2
sed 's/^id .*/id 0102030405060708/' $kdf/kept >$kdf/alice.kdf
run guess alice "$right"
ok "another key's are 8" status 8
rm $kdf/alice.kdf
run guess alice "$right"
ok "none are 2" status 2
ok "by name" like "$err" "approvers/alice.kdf"
# From paper, as bnd-kdf(5) says.
read -ra w < <(tr '\n' ' ' <$kdf/kept)
umask 077
printf '%s %s\n' "${w[@]:1}" | sed "1i ${w[0]}" >$kdf/alice.kdf
run guess alice "$right"
ok "made good from its line, it is taken" status 0
ok "and nothing was counted meanwhile" is "$(count)" 0
tap_done
