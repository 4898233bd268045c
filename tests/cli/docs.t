#!/bin/bash
# docs.t: what is shipped is written of, what is written is shipped and shown
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
cd "$BND_TREE" || bail "no tree"
squeezed() {
	tr -s ' \n\t' '   ' <"$1"
}
page() {
	case $1 in README) echo README ;; *) echo "man/$1" ;; esac
}

# ---- promises (tests/CLAIMS) ----

claims() {
	sed -E '/^(#|$)/d; s/ +\| +/\t/g' "${1:-tests/CLAIMS}"
}
# claimed FILE: what is wrong with its lines
claimed() {
	local p words tests t
	while IFS=$'\t' read -r p words tests; do
		grep -qF -- "$words" <(squeezed "$(page "$p")") || echo "$p does not say: $words"
		[[ $tests != - ]] || continue
		for t in $tests; do
			[[ -e tests/$t || -e tests/$t.c ]] || echo "no test $t for: $words"
			grep -qE -- "^[A-Z].*  .*\b$t( |\$)" tests/INVARIANTS || [[ $t == "cli/docs.t" ]] || echo "no list wants $t to have run"
		done
		[[ $tests ]] || echo "nothing shows: $words"
	done < <(claims "$1")
}
ok "each promise is on its page, and a test that must run shows it" is "$(claimed tests/CLAIMS)" ''
printf '%s\n' 'README | sandboxes on the moon | cli/docs.t' 'README | verify the event log | cli/nowhere.t' \
    'README | seal the network | ' >"$T/claims"
ok "control: a promise no page has, a test nobody has, none at all" is "$(claimed "$T/claims" | wc -l)" 4
# README as far as "What it does not", in clauses; a tool a line.
promises() {
	sed '/What it does not:/{s/What it does not:.*//;q}' "${1:-README}" | sed -E 's/^    [a-z_.-]+ {2,}/. /; s/^    OPEN/. OPEN/; s/^$/./' |
	    tr '\n' ' ' | sed -E 's/ +/ /g; s/: see pam_bnd/:see pam_bnd/' | sed -E 's/(; USB|; a log|; a mode change|; callers|; loosening|\. )/\n\1/g' |
	    sed -E 's/^[;.] //; s/:see/: see/; s/[ .;]+$//' | grep -E '[a-z]'
}
unclaimed() {
	promises "$1" | while read -r words; do
		grep -qF -- "$words" <(claims | grep $'^README\t' | cut -f2) || echo "$words"
	done
}
ok "control: README makes promises" test "$(promises README | wc -l)" -gt 12
ok "and none that is not in the list" is "$(unclaimed README)" ''
sed 's/^the fact\. What/the fact; and a host that cannot be switched off. What/' README >"$T/README"
ok "control: one more is seen" like "$(unclaimed "$T/README")" 'switched off'

# ---- status ----

# What exists is told by what the program does, and by tests/INVARIANTS; a page
# that has its own idea of it must say so here.
status_words() {
	grep -noiE 'not (yet|implemented|supported yet)|unimplemented|planned|experimental|coming soon|to be done|TODO|FIXME|work in progress|stub|partial(ly)? done|\b(in )?this release|this version|for now\b|will be (added|supported)' "$@"
}
ok "pages have no status of their own but these" is "$(status_words README man/* | sed -E 's/^([^:]*):[0-9]*:/\1: /' | sort -u |
    grep -vxF -e 'README: This version' -e 'man/bnd.7: This version' -e 'man/mode-set.8: not yet' -e 'man/sbx-profile.5: This release')" ''
echo 'The relay is not yet implemented.' >"$T/page"
ok "control: one would be seen" test "$(status_words "$T/page" | wc -l)" -ge 1
# "This version ...": what mode-set runs, one word for each of its table.
mapfile -t enforcers < <(sed -n '/^const struct bnd_enforcer bnd_enforcers/,/^};/s/^\t{ "\([a-z]*\)",.*/\1/p' lib/plan.c)
declare -A said=([net]=network [usb]=USB [sbx]=sandboxes [knobs]=knobs)
for e in "${enforcers[@]}"; do
	for p in README man/bnd.7; do
		ok "$p: this version enforces $e" like "$(squeezed $p | grep -oE 'This version [^;.:]*')" "${said[$e]:-unnamed}"
	done
done
ok "control: there are enforcers" test "${#enforcers[@]}" -ge 4

# ---- what is shipped ----

run env -u MAKEFLAGS -u MAKELEVEL make -s install-built CONFIG="${BND_BUILD##*/}" DESTDIR="$T/root"
ok "what is built installs" status 0
(cd "$T/root" && find . -type f | sed 's/^\.//' | sort) >"$T/shipped"
ok "control: files are shipped" test "$(wc -l <"$T/shipped")" -gt 50
# By its path, by a pattern of paths, or by its name as a page, command or unit.
written() {
	local f=$1 b=${1##*/} pat
	for pat in "${paths[@]}"; do
		# shellcheck disable=SC2053
		[[ $f != $pat ]] || return 0
	done
	case $f in
	*/man/*) grep -qE "Xr ${b%.*} ${b##*.}|^\.Dt ${b%.*} ${b##*.}\$" -i man/* ;;
	*/bin/* | */sbin/* | */completions/*) grep -qE "^\.Nm $b|Xr $b " man/* ;;
	*) grep -qE "\b${b//./\\.}( |\$)" man/* README ;;
	esac
}
mapfile -t paths < <(grep -hoE '(Pa|Li) /[^ ]+' man/* | sed 's/^[A-Z][a-z] //; s/MODE/*/; s/NAME/*/' | grep -v '/$' | sort -u)
nowhere() {
	while read -r f; do
		written "$f" || echo "$f"
	done <"$1"
}
ok "each file that is shipped is written of" is "$(nowhere "$T/shipped")" ''
echo /usr/lib/bnd/undocumented >"$T/more"
ok "control: one that is not would be seen" is "$(nowhere "$T/more")" /usr/lib/bnd/undocumented
# The reverse: what a page says is below /usr is shipped.
missing() {
	local p
	for p; do
		[[ $p != *'*'* && $p =~ ^/usr/.*bnd ]] || continue
		grep -qxF -- "$p" "$T/shipped" || echo "$p"
	done
}
ok "each file of ours that a page names below /usr is shipped" is "$(missing "${paths[@]}")" ''
ok "control: one that is not would be seen" is "$(missing /usr/lib/bnd/gone)" /usr/lib/bnd/gone
for m in man/*; do
	m=${m##*/}
	ok "$m is reached from another page" \
	    grep -rqiE --exclude="$m" "^\.Xr ${m%.*} ${m##*.}( |\$)" man
done
ok "nothing that runs by itself is shipped but by units, cron and udev" is \
    "$(grep -vE '/(man[0-9]|completions|bin|sbin|sbx|usb\.d)/|systemd/system/bnd-|/cron\.d/bnd$|/rules\.d/' "$T/shipped" | grep -E 'init\.d|rc\.|autostart|dbus|xinetd')" ''

# ---- one table of each policy: a page that departs from it is found ----

# planted PAGE SED TEST: the test is red for a tree that differs by that.
mkdir -p "$T/tree"
planted() {
	local what=$1 file=$2 change=$3 test=$4
	rm -rf "${T:?}/tree"
	mkdir -p "$T/tree/tests" "$T/tree/lib"
	cp -r man "$T/tree/" && cp -r tests/data "$T/tree/tests/" && cp lib/mode.[ch] lib/err.h lib/knob.c "$T/tree/lib/"
	run env BND_TREE="$T/tree" BND_BUILD="$T/b" "$test"
	ok "control: $what as it is" status 0
	sed -i -E "$change" "$T/tree/$file"
	ok "control: $what, changed" not cmp -s "$file" "$T/tree/$file"
	run env BND_TREE="$T/tree" BND_BUILD="$T/b" "$test"
	ok "$what: a difference is found" status 1
}
# Where they note that they ran.
mkdir "$T/b" && ln -s "$BND_BUILD/mode-set" "$T/b/"
unit=$BND_BUILD/tests/unit
planted "the modes" lib/mode.c '0,/"RESTRICTED"/s//"RESTRAINED"/' tests/cli/bnd-man.t
planted "the requests" man/bnd.7 '0,/^\.It ([a-z.]+) Ta yes/s//.It \1 Ta no/' tests/cli/bnd-man.t
planted "the requests of the code" tests/data/may '0,/ yes/s// no/' "$unit/may"
planted "the keys of a profile" man/sbx-profile.5 's/^\.It Ic nofile/.It Ic nofiles/' "$unit/box-man"
planted "the floors of the modes" man/sbx-profile.5 '/^\.Sh FLOORS/,/^\.Sh/{0,/512M|8G|4G/s/(8|4)G/9G/}' "$unit/box-man"
planted "the system calls" man/sbx-profile.5 's/ clock_gettime / clock_gotten /' "$unit/box-calls"
planted "USB devices by mode" tests/data/usb-modes '0,/^hid +none +known +yes yes/s//hid     none  known    yes no/' "$unit/usb-verdict"
words() {
	sed -n '/\[BND_USB_EQUALS\]/,/};/s/^\t\[BND_USB_[A-Z_]*\] = "\([a-z-]*\)".*/\1/p' lib/usb-term.c | sort
}
of_page() {
	sed -n 's/^\.It Cm \([a-z-]*\) Ta .*[RT].*/\1/p' "$1" | sort
}
ok "the operators of USB rules are those of their page" is "$(words)" "$(of_page man/bnd-usb.5)"
ok "control: there are six" is "$(words | wc -l)" 6
sed 's/^\.It Cm one-of Ta/.It Cm any-of Ta/' man/bnd-usb.5 >"$T/usb.5"
ok "and one that is called otherwise is found" isnt "$(words)" "$(of_page "$T/usb.5")"
tap_done
