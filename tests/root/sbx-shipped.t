#!/bin/bash
# sbx-shipped.t: the shipped profiles do their jobs, and what a profile says holds in a run
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
mkdir -p /etc/bnd/sbx/floor
install -m 0644 "$BND_TREE"/etc/sbx/*.sbx /etc/bnd/sbx/
mkdir "$T/w" && chown 1234:1234 "$T/w"

# as NAME ARG...: a run with this shipped profile
as() {
	rm -f "$T/result"
	run sbx-run --result "$T/result" -p "$@"
}
# stopped WHAT LIKE [ARG...]: refused before anything ran, stage profile
stopped() {
	local what=$1 like=$2
	shift 2
	rm -f "$T/result"
	run sbx-run --result "$T/result" "$@" -- touch /job/ran
	ok "$what: 125" status 125
	ok "$what: says why" like "$err" "$like"
	ok "$what: by its stage" is "$(result .stage)" profile
	ok "$what: nothing ran" not test -e "$T/w/ran"
}

# ---- what they are for ----
as judge --work "$T/w" -- true
ok "judge runs $err" status 0
printf '#!/bin/sh\nread -r a b && echo $((a + b))\n' >"$T/w/answer"
chmod 755 "$T/w/answer" && chown 1234:1234 "$T/w/answer"
rm -f "$T/result"
run sbx-run --result "$T/result" -p judge --work "$T/w" -- /job/answer <<<"2 3"
ok "judge runs what was handed in, on its input" is "$status $out" "0 5"
as judge --work "$T/w" -- sh -c 'echo x >/job/answer'
ok "which is not written" is "$(tail -1 "$T/w/answer")" 'read -r a b && echo $((a + b))'
as judge --work "$T/w" -- sh -c 'yes | head -c 20M'
ok "and too much output ends it" is "$status $(result .reason)" "124 output-limit"

run sbx-run -p convert -- tr a-z A-Z <<<"text"
ok "convert: from its input to its output" is "$status $out" "0 TEXT"
as convert --work "$T/w" -- touch /job/new
ok "and writes no file of the host" not test -e "$T/w/new"

as build --work "$T/w" -- sh -c 'cp /bin/true /job/made && /job/made'
ok "build runs what it made $err" status 0
as agent --work "$T/w" -- sh -c 'cp /bin/true /job/made2; /job/made2'
ok "control: agent writes in its directory" test -f "$T/w/made2"
ok "and does not run what is there" status 126

# ---- X36's nested bind, as the agent's page tells it ----
mkdir "$T/w/.git" && chown 1234:1234 "$T/w/.git"
as agent --work "$T/w" -- touch /job/.git/hook
ok "a directory with .git is refused" is "$status $(result .reason)" "125 refused"
as agent --work "$T/w" -k "bind=r \$WORK/.git /job/.git" -- sh -c 'touch /job/new; touch /job/.git/hook; ls -d /job/.git'
ok "a read-only bind over it lifts that $err" is "$out" /job/.git
ok "the rest is written" test -e "$T/w/new"
ok "and that is not" not test -e "$T/w/.git/hook"
rmdir "$T/w/.git"

# ---- X1 to X6 where they count: nothing ran ----
ok "control: it would have" is "$(sbx-run -p agent --work "$T/w" -- touch /job/ran; rm "$T/w/ran" && echo ran)" ran
stopped "no such profile" 'no profile nosuch' -p nosuch --work "$T/w"
stopped "no name at all" 'not the name of a profile' -p '' --work "$T/w"
mkfifo /etc/bnd/sbx/fifo.sbx
stopped "a FIFO" 'not a regular file' -p fifo --work "$T/w"
printf 'mem 1G\nfoo\n' >/etc/bnd/sbx/odd.sbx
stopped "a bad line" 'odd.sbx:2: no such key: foo' -p odd --work "$T/w"
stopped "a looser option" '-k: mem 4G is looser than 2G of agent.sbx:' -p agent -m 4G --work "$T/w"
printf 'base a\n' >/etc/bnd/sbx/a.sbx
stopped "a circle" 'bases in a circle' -p a --work "$T/w"

# ---- X124: a floor counts at the next run ----
printf 'mem 256M\n' >/etc/bnd/sbx/floor/OPEN.sbx
as agent --work "$T/w" -- true
ok "a floor's file narrows a run" is "$status $(result '.narrowed | index("mem") != null')" "0 true"
printf 'mem 256M' >/etc/bnd/sbx/floor/OPEN.sbx
stopped "a broken one" 'floor/OPEN.sbx:1: the last line does not end with LF' -p agent --work "$T/w"
printf 'pids 9000\n' >/etc/bnd/sbx/floor/OPEN.sbx
stopped "a looser one" 'floor/OPEN.sbx:1: pids 9000 is looser than 8192' -p agent --work "$T/w"
rm /etc/bnd/sbx/floor/OPEN.sbx

# ---- what --explain says is what runs ----
for p in agent build convert judge; do
	as $p --work "$T/w" -- true
	explained=$(sbx-run --explain --json -p $p --work "$T/w" | jq -r .policy)
	ok "$p: the policy explained is the one that ran" is "$(result .policy)" "$explained"
done
rm -rf "$T/w"
ok "nothing is left" unharmed
tap_done
