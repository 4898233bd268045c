# ceremony.sh: a throw-away host whose approvers hold keys made by the shipped tools
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced after tap.sh, need_host and spine.sh.  Keys are $K/NAME.key; everything
# goes through mode-set and ceremony on the tests' clock.

K=$T/keys

# people NAME...: a host in OPEN with these approvers, a raw key and a person each
people() {
	local n last=${!#}
	"$BND_TREE/tests/guard" || bail "not on a throw-away host"
	chattr -R -f -a /var/lib/bnd
	rm -rf /run/bnd /var/lib/bnd /etc/bnd /run/fake /run/.bnd-test-clock* "$K"
	install -m 0755 "$BND_TREE/tests/fake/net-seal" /usr/sbin/net-seal || bail "no net-seal"
	install -m 0755 "$BND_BUILD/tests/helper/timed-mode-set" /usr/sbin/mode-set || bail "no mode-set"
	install -m 0755 "$BND_BUILD/tests/helper/timed-ceremony" /usr/sbin/ceremony || bail "no ceremony"
	[[ $PATH == /usr/sbin:* ]] || PATH=/usr/sbin:$PATH
	mkdir -p /run/fake "$K"
	for n; do
		key "$n"
		init_by "$n" >"$T/enrol" 2>/dev/null || bail "init of $n"
		ceremony sign -k "$K/$n.key" "$T/enrol" >"$T/enrol.sig" 2>/dev/null || bail "sign of $n"
		[[ $n == "$last" ]] || cp "$T/enrol.sig" "$K/$n.init"
	done
	for n; do
		[[ $n == "$last" ]] || init_by "$n" --sig "$K/$n.init" >/dev/null 2>&1 || bail "proof of $n"
	done
	init_by "$last" --sig "$T/enrol.sig" >/dev/null 2>&1 || bail "proof of $last"
}
key() {
	[[ -e $K/$1.key ]] || ceremony keygen "$K/$1.key" >/dev/null 2>&1 || bail "key of $1"
}
# proved NAME [OPTION...]: his signature that lets him be enrolled, in $T/NAME.pop
proved() {
	key "$1"
	ceremony enroll "$1" --kind raw --key "$K/$1.pub" "${@:2}" >"$T/enrol" 2>"$T/asked.err" &&
	    ceremony sign -k "$K/$1.key" "$T/enrol" >"$T/$1.pop" 2>/dev/null
}
# let_in NAME [OPTION...]: the whole way, approved by $by
let_in() {
	proved "$@" || return
	asked enroll "$1" --kind raw --key "$K/$1.pub" --sig "$T/$1.pop" "${@:2}" || return
	# shellcheck disable=SC2086
	yes_by ${by:?} && forward "${wait:-91}" && ceremony enroll --finish "$id"
}
init_by() {
	mode-set --init --enroll "$1" --kind raw --key "$K/$1.pub" "${@:2}"
}

# asked VERB...: open a ceremony; $id, and its text in $T/text
asked() {
	id=$(ceremony "$@" 2>"$T/asked.err") || { diag "$* $(cat "$T/asked.err")"; return 1; }
	ceremony show --text >"$T/text"
}
# signed NAME [TEXT]: his signature of the text that stands open
signed() {
	ceremony sign -k "$K/$1.key" "${2:-$T/text}" 2>/dev/null
}
# yes NAME...: each approves what stands open
yes_by() {
	local n
	for n; do
		signed "$n" | ceremony approve --name "$n" --sig - "$id" >/dev/null || return
	done
}
still() {
	is "$(kernel) $(published)" "$1 $1"
}
records() {
	grep -c '"ev":"'"$1"'"' "${log_file:?}"
}
