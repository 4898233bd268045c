# seal.sh: what the tests of the seal share; sourced after tap.sh and net.sh
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154

helper=$BND_BUILD/tests/helper
nonce=$RANDOM$RANDOM$$

# What net-seal is run by: ("$helper/without" nft), for a host without an engine.
as=()

# state WORDS...: publish a state in H by hand
state() {
	in_h "$helper/state" "$@"
}

# seal MODE: publish it and apply it as mode-set would; keeps $status, $out, $err
txn=0123456789abcdef0123456789abcdef
seal() {
	state "$1" || bail "cannot publish $1"
	run in_h "${as[@]}" net-seal apply "$1" --txn $txn --json
}

# loosen FROM TO: as mode-set does it, with a transaction of its own. The script
# is the net-seal's parent in H.
loosen() {
	# shellcheck disable=SC2016
	run in_h bash -c '
		"$1/state" leaving "$2" "$3" "$4" $$ || exit
		to=$3 txn=$4; shift 4
		"$@" net-seal apply "$to" --txn "$txn" --json
		exit $?' sh "$helper" "$1" "$2" "$txn" "${as[@]}"
	[[ $status -ne 0 ]] || state "$2"
}

# tap NAME NAMESPACE LINK: count what arrives at the far side, into $T/NAME
tap() {
	ip netns exec "$2" "$helper/probe" tap "$3" "$nonce" "$T/$1" &
	taps+=($!)
	local i
	for ((i = 0; i < 100; i++)); do
		[[ -e $T/$1 ]] && return
		sleep 0.02
	done
	bail "no tap on $3"
}
taps=()
taps_down() {
	((${#taps[@]} == 0)) || { kill -TERM "${taps[@]}"; wait "${taps[@]}"; }
}
at_exit taps_down

# seen ID NAME...: how many arrived so far, at all these taps
seen() {
	local id=$1 files
	shift
	sleep "${settle:-0.12}"
	files=("${@/#/$T/}")
	awk -v id="$id" '$1 == id { n += $2 } END { print n + 0 }' "${files[@]}"
}

# field KEY JSON-TEXT: a scalar at the top
field() {
	grep -oE "\"$1\":(\"[^\"]*\"|[a-z0-9]+)" <<<"$2" | head -1 | cut -d: -f2- | tr -d '"'
}
