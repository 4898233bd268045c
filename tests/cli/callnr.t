#!/bin/bash
# callnr.t: the numbers of the system calls are this kernel's, and made anew in time
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
made=$BND_BUILD/gen/calls.c
[[ -e $made ]] || skip_kernel_all "a mutant takes them from the release build"
cc=${CC:-cc}
cd "$BND_TREE" || bail "no tree"

# NAME NUMBER, as the kernel's own header has them
echo '#include <asm/unistd.h>' | $cc -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/\1 \2/p' |
    sort -u >"$T/kernel"
sed -n 's/^\t{ \([0-9]*\), [0-9]* }, .* \([a-z0-9_]*\) .*/\2 \1/p' "$made" | sort -u >"$T/made"
ok "there are as many as a kernel has" test "$(wc -l <"$T/made")" -ge 300
# What one of the two is too old to know.
join -o 1.1,1.2,2.2 "$T/made" "$T/kernel" >"$T/both"
ok "the kernel's header knows nearly all" test "$(wc -l <"$T/both")" -ge 300
ok "and gives each the same number" is "$(awk '$2 != $3' "$T/both")" ''
ok "no number of the header's is left out" is "$(join -v 2 "$T/made" "$T/kernel" | head -3)" ''

# Really made, elsewhere. again ARG...: whether make, told this, makes them again.
mk() { make -s --no-print-directory CONFIG=release O="$T/o" "$@" "$T/o/gen/calls.c"; }
again() {
	local was
	was=$(stat -c %y "$T/o/gen/calls.c")
	mk "$@" && [[ $(stat -c %y "$T/o/gen/calls.c") != "$was" ]]
}
mk || bail "they cannot be made"
ok "made twice they are the same" cmp "$made" "$T/o/gen/calls.c"
ok "nothing new: not made again" not again
ok "another source: not" not again -W lib/text.c
ok "another table: again" again -W lib/box-calls.c
ok "the table's header: again" again -W lib/box-calls.h
echo 1.0 >"$T/o/gen/libseccomp"
ok "another libseccomp: again" again

# A slip of the pen would be a call that is never allowed.
slip() {
	printf '#include "box-calls.h"\nconst struct bnd_call bnd_calls[] = { { .name = "%s" }, { .name = NULL } };\n' "$1" >"$T/slip.c"
	# shellcheck disable=SC2046
	$cc -std=gnu17 -D_GNU_SOURCE -Ilib -o "$T/slip" gen/callnr.c "$T/slip.c" $(pkg-config --cflags --libs libseccomp) ||
	    bail "no callnr"
	run "$T/slip"
}
slip raed
ok "a name that is no call stops the build" status 1
ok "and is named" is "$err" 'callnr: libseccomp knows no raed'
slip read
ok "a right one does not" status 0
ok "and has its number" like "$out" '[{] 0, 0 [}], /[*] read'
slip mseal
ok "one that an old libseccomp does not know neither" status 0
tap_done
