#!/bin/bash
# bnd-man.t: one table of modes, requests and exit statuses, in manual and code
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
command -v mandoc >/dev/null || skip_all "no mandoc"
page=$BND_TREE/man/bnd.7

section() {
	awk -v want=".Sh $1" '/^\.Sh / { on = ($0 == want); next } on' "$page"
}
# unit/may holds tests/data/may against the table in the code.
ok "the requests are those of the code" is \
    "$(section REQUESTS | sed -n 's/^\.It //p' | grep -v '^Em' | sed 's/ Ta / /g')" \
    "$(cat "$BND_TREE/tests/data/may")"
ok "in the order of the modes" is \
    "$(section REQUESTS | sed -n 's/^\.It Em request Ta //p' | sed 's/ Ta / /g')" \
    "$(section MODES | sed -n 's/^\.It \([A-Z]*\)$/\1/p' | xargs)"
# lib/mode.c is the one table of names.
names=$(sed -n 's/^\t\[BND_[A-Z]*\] = "\([A-Z]*\)",$/\1/p' "$BND_TREE/lib/mode.c" | grep -v NONE | xargs)
ok "control: there are six modes" is "$(wc -w <<<"$names")" 6
ok "the modes are those of the code" is \
    "$(section MODES | sed -n 's/^\.It \([A-Z]*\)$/\1/p' | xargs)" "$names"
run mode-set --help
for name in $names; do
	ok "mode-set --help names $name" like "$out" "$name"
done
ok "every exit status is listed once" is \
    "$(section 'EXIT STATUS' | sed -n 's/^\.It //p' | xargs)" "$(seq 0 19 | xargs)"
# Kinds that lib/err.h has must be among them.
ok "every status of err.h is" is "$(grep -oE '/\* [0-9]+[:*]? ?' "$BND_TREE/lib/err.h" | grep -oE '[0-9]+' | sort -nu | awk '$1 > 19' | xargs)" ''
# No second table of what the modes do to the network.
ok "the knobs of the manual are those of the code" bash -c '
	for k in $(sed -n "s,^\t{ \"[a-z]*/\(.*\)\"\, ORDER.*,\1,p" "$1/lib/knob.c"); do
		grep -q "$k" "$2" || { echo "$k"; exit 1; }
	done' sh "$BND_TREE" "$page"
tap_done
