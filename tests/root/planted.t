#!/bin/bash
# planted.t: nothing that lies about is taken for ours
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host
"$BND_TREE/tests/guard" || bail "not on a throw-away host"
strace -o /dev/null true 2>/dev/null || skip_all "strace cannot trace here"
"$BND_TREE/tests/host-init" "$T/keys" || bail "no host"

# A directory that offers everything, each saying OPEN.
p=$T/planted
mkdir -p "$p"/{run/bnd,etc/bnd,var/lib/bnd/log,api,.config/bnd}
for f in state bnd.conf log.pin net.allow libbnd.so net-seal bnd.sock \
    run/bnd/state etc/bnd/bnd.conf etc/bnd/log.pin var/lib/bnd/log/head \
    api/boundary.sock .config/bnd/bnd.conf .bndrc; do
	echo 'mode OPEN' >"$p/$f"
done
chmod -R 755 "$p"

# Run with the planted directory as working directory, home and search path.
there() {
	cd "$p" || return
	strace -f -qq -s 200 -e trace=%file -o "$T/trace" env HOME="$p" \
	    XDG_CONFIG_HOME="$p/.config" PATH="$p:$PATH" "$@"
}

# Calls that name a planted file, or one relative to the working directory.
used() {
	grep -vE '^[0-9]+ +(execve|access|readlink)\("/(usr|lib|etc|proc)' "$T/trace" |
	    grep -E "$p/|AT_FDCWD, \"[^/]|(open|stat|execve)\(\"[^/]"
}

tool() {
	local want=$1
	shift
	run there "$@"
	ok "$*: as ever" status "$want"
	ok "$*: nothing planted is looked at" not used
}

tool 0 /usr/sbin/mode-set --get
tool 0 /usr/sbin/mode-set airgap
tool 0 /usr/sbin/mode-set --check
tool 1 /usr/sbin/mode-set open
tool 0 /usr/sbin/net-seal check
tool 0 /usr/bin/chain-verify
ok "the mode is the one that was set" is "$(mode-set --get)" AIRGAP

# Control: a program that does look there is seen by this test.
run there cat state
ok "control: reading a planted file is noticed" used
tap_done
