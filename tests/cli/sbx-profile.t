#!/bin/bash
# sbx-profile.t: profiles from files: names, kinds of file, chains, floors, and what --explain says
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
umask 022
R=$T/root S=$T/root/etc/bnd/sbx
mkdir -p "$S/floor"

# put NAME TEXT: a profile or floor of this host
put() {
	rm -rf "${S:?}/$1.sbx"
	printf '%b' "$2" >"$S/$1.sbx"
}
explain() {
	run sbx-run -R "$R" --explain --mode "${mode:-OPEN}" "$@"
}
# refused WHAT LIKE [ARG...]: exit 2 and a message
refused() {
	local what=$1 like=$2
	shift 2
	explain "$@"
	ok "$what: refused" status 2
	ok "$what: says why" like "$err" "$like"
	ok "$what: shows nothing" is "$out" ""
}
key() {
	jq -r ".keys[\"$1\"].$2" <<<"$out"
}

# ---- the built-in default ----
explain --json
ok "control: the built-in default is there" status 0
ok "one JSON object" is "$(jq -r '.profile + " " + .mode' <<<"$out")" "default OPEN"
ok "each key with its value" is "$(key mem value) $(key mem origin)" "512M default"
ok "and no key twice" is "$(jq '.keys | length' <<<"$out")" "$(grep -o '"origin"' <<<"$out" | wc -l)"
explain
ok "for people first what it means" like "$out" 'reaches +no network'
ok "and what it writes" like "$out" 'writes +scratch in /tmp'
ok "without escapes" unlike "$out" $'[\001-\010\013-\037]'
explain --work "$T"
ok "with --work where" like "$out" 'writes +/job \(--work\)'
mode=COLDROOM explain --json
ok "what the floor narrowed" is "$(key cpu value)|$(key cpu origin)|$(key cpu asked)|$(key cpu asked_origin)" \
    "100%|floor COLDROOM|max|default"
ok "and nothing else is marked" is "$(key mem asked)" null
mode=COLDROOM explain
ok "people see it, too" like "$out" 'cpu +floor COLDROOM +100%  <- max of default'
mode=LOCKDOWN explain
ok "LOCKDOWN is a no" status 1
ok "and says so" like "$err" 'nothing runs in LOCKDOWN'
run sbx-run -R "$R" --explain
ok "a mode that cannot be read is LOCKDOWN" isnt "$status" 0

# ---- X1: names ----
long=$(printf 'a%.0s' {1..300})
for name in '' "$long" Judge 'a b' 'a%n' $'a\nb' . .. a.sbx $'\033[31m'; do
	refused "the name $(printf %q "${name:0:20}")" 'not the name of a profile' -p "$name"
	ok "no raw byte of it reaches the terminal" unlike "$err" $'[\001-\010\013-\037]'
done
if command -v strace >/dev/null; then
	mkdir -p "$T/root/etc/bnd"
	printf 'mem 8M\n' >"$T/root/etc/bnd/evil.sbx"
	for name in ../evil /etc/bnd/evil ./evil; do
		run strace -f -e trace=%file -o "$T/trace" sbx-run -R "$R" --explain --mode TRUSTED -p "$name"
		ok "$name in TRUSTED: a no" status 1
		ok "$name: says whose profiles" like "$err" 'takes the profiles of /etc/bnd/sbx only'
		ok "$name: and no such file was opened" unlike "$(grep -v execve "$T/trace")" evil
	done
	put evil 'mem 8M\n'
	run strace -f -e trace=%file -o "$T/trace" sbx-run -R "$R" --explain --mode TRUSTED -p evil
	ok "control: one of the system's is seen to be opened" like "$(<"$T/trace")" '"etc/bnd/sbx/evil.sbx"'
else
	skip "no file outside is opened" "no strace"
fi

# ---- X2: kinds of file ----
put good 'mem 8M\n'
explain -p good
ok "control: a plain file" status 0
unsafe() {
	explain -p odd
	ok "$1: refused" status "${2:-8}"
	ok "$1: named" like "$err" "etc/bnd/sbx${3-/odd.sbx}"
}
SECONDS=0
rm -f "$S/odd.sbx"; ln -s good.sbx "$S/odd.sbx"; unsafe "a link"
rm "$S/odd.sbx"; mkfifo "$S/odd.sbx"; unsafe "a FIFO"
rm "$S/odd.sbx"; mkdir "$S/odd.sbx"; unsafe "a directory"
rmdir "$S/odd.sbx"; put odd 'mem 8M\n'; chmod 0666 "$S/odd.sbx"; unsafe "writable by all"
chmod 0664 "$S/odd.sbx"; unsafe "writable by its group"
rm "$S/odd.sbx"; ln "$S/good.sbx" "$S/odd.sbx"; unsafe "a second link"
rm "$S/odd.sbx"
if ((EUID == 0)); then
	put odd 'mem 8M\n'; chown 65534 "$S/odd.sbx"; unsafe "another owner's"
	rm "$S/odd.sbx"
	if mknod "$S/odd.sbx" c 1 3 2>/dev/null; then unsafe "a device"; fi
	rm -f "$S/odd.sbx"
fi
truncate -s 1G "$S/odd.sbx"; unsafe "a gigabyte" 2
rm "$S/odd.sbx"
{ echo 'mem 8M'; printf '#%.0s' {1..65530}; echo; } >"$S/odd.sbx"
unsafe "a byte above 64 KiB" 2
ok "none was waited for" test $SECONDS -lt 10
put odd 'mem 8M\n'; chmod 0777 "$S"; unsafe "a directory that others write" 8 ""
chmod 0755 "$S"
explain -p odd
ok "control: and then not" status 0

# A file of one's own
cd "$T" || bail "no directory"
printf 'mem 8M\n' >"$T/own"
explain -p ./own
ok "a file of one's own" status 0
ok "is told from the system's" like "$out" 'profiles +\./own +any'
mode=TRUSTED explain -p ./own
ok "TRUSTED takes none" status 1
ln -s own "$T/alias"; refused "a link to it" 'cannot open' -p ./alias
chmod 0666 "$T/own"; explain -p ./own
ok "one that others write" status 8
chmod 0644 "$T/own"
if ((EUID == 0)); then
	chown 65534 "$T/own"; explain -p ./own
	ok "somebody else's" status 8
	chown 0 "$T/own"
fi

# ---- X3, X4: the message names file and line ----
rows=(
	'foo 1\n|odd.sbx:1: no such key: foo'
	'\nmem 8M\nmem 8M\n|odd.sbx:3: mem: given twice'
	'mem 8M x\n|odd.sbx:1: mem: text after the value'
	'mem 8M\r\n|odd.sbx:1: a carriage return'
	'\xef\xbb\xbfmem 8M\n|odd.sbx:1: a byte order mark'
	'# \0\n|odd.sbx:1: a NUL byte'
	'mem 8M\n# end|odd.sbx:2: the last line does not end with LF'
	'mem -1\n|odd.sbx:1: mem: not a size'
	'mem 9223372036854775808k\n|odd.sbx:1: mem: not a size'
	'mem 18446744073709551616\n|odd.sbx:1: mem: not a size'
	'wall 1e9\n|odd.sbx:1: wall: not a time'
	'profiles any\n|odd.sbx:1: profiles does not stand here'
	'bind r /etc/../root /x\n|odd.sbx:1: bind: the source must be'
)
for row in "${rows[@]}"; do
	put odd "${row%|*}"
	refused "${row%|*}" "sbx-run: ${row##*|}" -p odd
done
for f in "$BND_TREE"/etc/sbx/*.sbx; do
	name=${f##*/} name=${name%.sbx}
	cp "$f" "$S/$name.sbx"
	for m in OPEN RESTRICTED TRUSTED AIRGAP COLDROOM; do
		mode=$m explain -p "$name"
		ok "the shipped $name in $m" is "$status$err" 0
	done
	# XP-08: each key misspelt once
	while read -r word; do
		sed "s/^$word /${word}x /" "$f" >"$S/odd.sbx"
		explain -p odd
		ok "$name with ${word}x" is "$status $(grep -c "no such key: ${word}x" <<<"$err")" "2 1"
	done < <(grep -oE '^[a-z]+(-[a-z]+)*' "$f" | sort -u)
done

put odd 'bind r /srv/\xc2\x9b31m /x\xc2\x9b\nenv A=\xc2\x9b\n'
explain -p odd
ok "bytes beyond ASCII are accepted" status 0
ok "and reach no terminal" unlike "$out" $'[\x80-\xff]'

# ---- X5: looser is an error, and the floor narrows ----
put base 'mem 512M\nnet loop\ndeny flock sync\nbind rx /usr\n'
for line in 'mem 1G|mem 1G is looser than 512M of base.sbx:1' 'bind r /opt|bind r /opt is looser than nothing there of base.sbx:4' \
    'net allow|net allow is looser than loop of base.sbx:2' 'deny flock|deny flock is looser than flock sync of base.sbx:3'; do
	put odd "base base\n${line%|*}\n"
	explain -p odd
	ok "a child with ${line%|*}: a no" status 1
	ok "names key, values, origins" like "$err" "odd.sbx:2: ${line#*|}"
	text=${line%|*}
	explain -p base -k "${text/ /=}"
	ok "-k ${line%|*}: a no" status 1
	ok "and names them, too" like "$err" "-k: ${line#*|}"
done
explain --json -p base -m 64M -n 5 -t 1s -w 2s -k net=none
ok "tighter is accepted" is "$(key mem value) $(key pids value) $(key time value) $(key wall value) $(key net value)" \
    "64M 5 1s 2s none"
refused "an option given twice" 'mem: given twice' -m 64M -k mem=32M
put floor/OPEN 'mem 256M\nhide /srv\n'
explain --json -p base
ok "the floor narrows instead" is "$status $(key mem value) $(key mem origin) $(key mem asked)" \
    "0 256M floor/OPEN.sbx:1 512M"
ok "and hides one more" like "$(key hide value)" '/srv'
put odd 'bind r /srv/x\n'
explain -p odd
ok "what it hides is refused" is "$status $(grep -c 'hide /srv' <<<"$err")" "1 1"

# ---- X124: floors ----
put floor/TRUSTED 'pids 2000\n'
for m in OPEN RESTRICTED; do
	mode=$m explain
	ok "a looser floor of TRUSTED: $m runs" status 0
done
for m in TRUSTED AIRGAP COLDROOM; do
	mode=$m explain
	ok "$m does not" status 1
	ok "and $m says why" like "$err" 'floor/TRUSTED.sbx:1: pids 2000 is looser than 1024 of floor TRUSTED'
done
chmod 0666 "$S/floor/TRUSTED.sbx"
mode=TRUSTED explain
ok "a floor that others write" status 8
rm "$S"/floor/*
put floor/trusted 'pids 1\n'
refused "a floor of no mode" 'no mode.s floor'
rm "$S"/floor/*

# ---- X6: chains ----
put a 'base b\n'; put b 'base c\n'; put c 'base a\n'
refused "a circle" 'bases in a circle: a.sbx -> b.sbx -> c.sbx -> a' -p a
put a 'base a\n'
refused "itself" 'bases in a circle: a.sbx -> a' -p a
put a 'base b\n'; put b 'base c\n'; put c 'base d\n'; put d 'base e\n'; put e 'base f\n'; put f 'mem 8M\n'
refused "five deep" 'more than four bases in a row: a.sbx -> b.sbx -> c.sbx -> d.sbx -> e.sbx -> f' -p a
explain -p b
ok "control: four deep" status 0
put e 'mem 8M\n' && rm "$S/d.sbx"
refused "a missing link" 'no profile d: .* a.sbx -> b.sbx -> c.sbx -> d' -p a
put a 'base ../etc/x\n'
refused "a base elsewhere" 'a.sbx:1: base: not the name of a profile' -p a

# ---- --compare ----
run sbx-run -R "$R" --compare judge judge
ok "a profile is as tight as itself" is "$status $out" "0 judge is equal to judge"
put tight 'base base\nmem 64M\n'
run sbx-run -R "$R" --compare tight base
ok "tighter is a yes" is "$status $(head -1 <<<"$out")" "0 tight is tighter than base"
ok "and by which key" like "$out" 'mem +tighter +64M  \|  512M'
run sbx-run -R "$R" --compare base tight
ok "looser is a no" is "$status $(head -1 <<<"$out")" "1 base is looser than tight"
run sbx-run -R "$R" --compare --json agent build
ok "neither is a no" is "$status $(jq -r .order <<<"$out")" "1 incomparable"
ok "per key in JSON" is "$(jq -r '.keys.mem.order + " " + .keys.mem.a' <<<"$out")" "tighter 2G"
run sbx-run -R "$R" --compare judge nosuch
ok "one that is not there is trouble" status 2
tap_done
