#!/bin/bash
# usage-matches-man.t: option table, --help and manual say the same
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
command -v mandoc >/dev/null || skip_all "no mandoc"

# SECTION of PAGE, plain text, blanks squeezed
section() {
	mandoc -T ascii -O width=200 "$2" | sed 's,.\x08,,g' |
	    awk -v want="$1" '/^[A-Z]/ { on = ($0 == want); next } on' | tr -s ' \n' ' ' |
	    sed 's/^ //; s/ $//'
}
# Options PAGE describes: the long names of its .It Fl lines, sorted
described() {
	grep -E '^\.It Fl ' "$1" | grep -oE 'Fl -[a-z-]+' | sed 's/Fl -//' | sort
}
verbs() {
	sed -n 's/^verb\t\([^\t]*\)\t.*/\1/p' "$T/dump"
}
options() {
	grep -v $'^verb\t' "$T/dump"
}

# The entry of --NAME in PAGE: its short letter and argument, as in the table
entry() {
	local name=$1 letter=$2 arg=$3 line
	line=$(grep -E "^\.It Fl .*-$name( |$)" "$4")
	[[ $line ]] || { echo "no .It Fl -$name"; return 1; }
	if [[ $letter != - && " $line " != *" Fl $letter "* ]]; then
		echo "without -$letter: $line"
		return 1
	fi
	if [[ $arg != - && " $line " != *" Ar $arg "* ]]; then
		echo "without its argument $arg: $line"
		return 1
	fi
	[[ $arg != - || $line != *" Ar "* ]] || { echo "with an argument: $line"; return 1; }
}

judge() {
	local tool=$1 page=$2 usage name letter arg verb
	"$tool" --dump-options >"$T/dump" || return
	usage=$("$tool" --help | awk '/^$/ { exit } 1' | tr -s ' \n\t' ' ' | sed 's/^usage: //; s/ $//')
	ok "$tool: usage is the manual's SYNOPSIS" is "$usage" "$(section SYNOPSIS "$page")"
	ok "$tool: the manual describes all options and no others" \
	    is "$(described "$page" | xargs)" "$(options | cut -f1 | sort | xargs)"
	while IFS=$'\t' read -r name letter arg _; do
		ok "$tool --$name is described as it is" entry "$name" "$letter" "$arg" "$page"
	done < <(options)
	for verb in $(verbs); do
		ok "$tool $verb is described" grep -qE "^\.(It|Ss|Ic).*(Cm|Ic|Ar|It) $verb( |$)" "$page"
	done
	for name in "EXIT STATUS" FILES EXAMPLES "SEE ALSO" "SECURITY CONSIDERATIONS"; do
		ok "$tool: the manual has $name" grep -qxE "\.Sh $name" "$page"
	done
}

for tool in $(built_tools); do
	pages=("$BND_TREE/man/$tool".[18])
	if ok "$tool has a manual" test -e "${pages[0]}"; then
		judge "$tool" "${pages[0]}"
	fi
done
((tap_count)) || skip_kernel_all "nothing is built"
tap_done
