#!/bin/bash
# needed.t: each program is linked to the libraries it uses and to no others
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
[[ $BND_BUILD == */release ]] || skip_kernel_all "sanitizers bring libraries of their own"
command -v readelf >/dev/null || skip_all "no readelf (binutils)"

needed() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(lib[a-z0-9]*\)\.so.*/\1/p' | sort | xargs
}

# NAME LIBRARIES beyond the C library; "static": none, not even that
while read -r name libs; do
	[[ -x $BND_BUILD/$name ]] || continue
	if [[ $libs == static ]]; then
		run readelf -W -l -d "$BND_BUILD/$name"
		ok "$name needs no library" unlike "$out" '\(NEEDED\)'
		ok "$name needs no loader" unlike "$out" 'INTERP'
		continue
	fi
	ok "$name needs libc $libs" is "$(needed "$BND_BUILD/$name")" "$(echo "libc $libs" | tr " " "\n" | sort | xargs)"
done <<'EOT'
ceremony libaudit libsodium
chain-keep libaudit libsodium
chain-verify libsodium
mode-set libaudit libpam libsodium
net-seal libip4tc libip6tc libmnl libnftnl libsodium libxtables
sbx-run static
usb-guard libsodium libudev
EOT
ok "pam-helper needs what signs and what audits, not libpam" \
    is "$(needed "$BND_BUILD/libexec/pam-helper")" "libaudit libc libsodium"
ok "pam_bnd.so brings nothing into a login but libpam and libc" is "$(needed "$BND_BUILD/pam_bnd.so")" "libc libpam"
for name in $(built_tools); do
	ok "$name is in the table" grep -q "^$name " "$0"
done
((tap_count)) || skip_kernel_all "nothing is built"
tap_done
