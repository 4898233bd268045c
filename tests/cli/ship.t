#!/bin/bash
# ship.t: an archive is the same twice, and builds what is installed
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
cd "$BND_TREE" || bail "no tree"
git rev-parse -q --verify HEAD >/dev/null 2>&1 || skip_kernel_all "not a git tree"

# As the makefile does it, elsewhere: other tests may be reading build.
archive() {
	git archive --format=tar --prefix=bnd/ HEAD | gzip -9n
}
archive >"$T/one.tar.gz"
sleep 1.1
archive >"$T/two.tar.gz"
ok "an archive is the same bytes twice" cmp "$T/one.tar.gz" "$T/two.tar.gz"
tar -xzf "$T/one.tar.gz" -C "$T"
ok "it has all that git has" is "$(cd "$T/bnd" && find . -type f -o -type l | sed 's|^\./||' | sort)" \
    "$(git ls-tree -r --name-only HEAD | sort)"
ok "nothing generated is in it" not test -e "$T/bnd/build"

run make -s help
ok "make help works" status 0
for t in all check trial bench fuzz mutant lint install uninstall dist distcheck deps clean; do
	ok "make help names $t" like "$out" "(^|[ ,])$t([[:space:],]|\$)"
	run make -n -s "$t"
	ok "make $t is there" unlike "$err" 'No rule'
	run make -s help
done
# What a check runs: all of it, those that need root as well, and then the list
# of what must hold, which is no check if it is not there.
run env -u MAKEFLAGS -u MAKELEVEL make -n -s CONFIG="${BND_BUILD##*/}" -o need-check -o need-vm -o need-others check
for c in unit pam cli fault root vm; do
	for f in tests/$c/*.t tests/$c/*.c; do
		[[ -e $f ]] || continue
		[[ $f == *.t ]] || f=$BND_BUILD/${f%.c}
		[[ " ${out//$'\n'/ } " == *" ${f#"$BND_TREE/"} "* ]] || echo "$f"
	done
done >"$T/missing"
ok "a check runs every test there is" is "$(cat "$T/missing")" ''
ok "and is red when an id has none, or nobody looks" is "$(tail -n 1 <<<"$out")" \
    "tests/invariants ${BND_BUILD#"$BND_TREE/"}/ran"
ok "which can be run" test -x tests/invariants
# In another order each time: none may need what another one left.
order() {
	env -u MAKEFLAGS -u MAKELEVEL make -n -s CONFIG="${BND_BUILD##*/}" -o need-check -o need-vm -o need-others check |
	    sed -n '/tests\/prove/,$p' | tr -s ' \\' '\n' | grep -E 'tests/(cli|root|fault)/.*\.t$|/tests/(unit|pam)/'
}
order >"$T/order1"
order >"$T/order2"
ok "two checks run the same tests" cmp <(sort "$T/order1") <(sort "$T/order2")
ok "in another order" not cmp -s "$T/order1" "$T/order2"
ok "each of them once" is "$(sort "$T/order1" | uniq -d)" ''
run make -s CONFIG=nonsense help
ok "an unknown CONFIG is refused" isnt "$status" 0

# Missing packages are named in one line, and nothing but that happens.
mkdir "$T/bin"
printf '#!/bin/sh\nexit 1\n' >"$T/bin/dpkg-query"
printf '#!/bin/sh\necho called >>%s/apt\n' "$T" >"$T/bin/apt-get"
chmod +x "$T/bin/"*
run env PATH="$T/bin:$PATH" tests/deps need build
ok "a build with missing packages stops" status 1
ok "and says what to run" like "$err" '^missing packages; as root: apt-get install [a-z0-9 +.-]*libsodium-dev'
ok "in one line" is "$(grep -c . <<<"$err")" 1
ok "and installs nothing" not test -e "$T/apt"
if ((EUID == 0)); then
	run env PATH="$T/bin:$PATH" tests/deps need build check
	ok "check and trial install them when they may" test -s "$T/apt"
fi
run tests/deps need build
ok "control: with the packages it is quiet" is "$status $out$err" "0 "
tap_done
