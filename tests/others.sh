# others.sh: the firewalls of others beside the seal, on a throw-away host
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# After tap.sh, net.sh and seal.sh, in a test that began with
#	others_need firewalld python3-firewall	# before need_observer
#	net_up
#	others_give				# those packages into H
#	others_watch				# floods and those who count them
# it then goes, for each MODE,
#	others_enter MODE
#	stands WHAT CMD...		CMD hurts nothing of ours
#	hurts WHAT FINDING HELD CMD...	it does; FINDING is named, apply repairs
#	others_leave MODE
#
# Three floods run throughout: H to R, R to H, R to S through H; each UDP over both
# families, H to R also frames. They are counted at the far side. In AIRGAP the
# links are held up, so that it is the rules that are judged, all the time and not
# only after the command.

# tap.sh, net.sh and seal.sh set status, out, host_pid and helper.
# shellcheck disable=SC2034,SC2154
true

others_need() {
	others_dirs=$("$BND_TREE/tests/fetch" --have "$@") || skip_all "$others_dirs"
}

# modprobe would load into the kernel of the machine.
others_give() {
	local d
	for d in $others_dirs; do
		# Without ".", which is of /.
		find "$d" -mindepth 1 -maxdepth 1 -printf '%P\0' |
		    tar -C "$d" -cf - --null -T - |
		    in_h tar -C / -xf - --keep-directory-symlink --no-same-owner ||
		    bail "cannot unpack $d"
	done
	in_h ln -sf /bin/true /usr/sbin/modprobe
	# Which iptables an administrator has is a link of Debian's.
	others_iptables nft
}

# others_iptables nft|legacy
others_iptables() {
	local t
	for t in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
		in_h ln -sf "/usr/sbin/${t/tables/tables-$1}" "/etc/alternatives/$t"
	done
}

# ---- who sends and who counts ------------------------------------------------

others_send() {
	"$@" >/dev/null 2>&1 &
	others_floods+=($!)
}
others_floods=()
others_hush() {
	((${#others_floods[@]} == 0)) || kill -TERM "${others_floods[@]}" 2>/dev/null
	wait "${others_floods[@]}" 2>/dev/null
}

others_watch() {
	local apart=2000
	at_exit others_hush
	tap out R r0
	tap through S s1
	# In H's network, but not among its processes: nothing of H's may end them.
	nsenter -n -t "$host_pid" "$helper/probe" serve 4000 "$nonce" "$T/in" &
	taps+=($!)
	others_send nsenter -n -t "$host_pid" "$helper/probe" flood "$nonce" h0 10.77.0.2 fd77::2 $apart
	others_send ip netns exec R "$helper/probe" flood "$nonce" r0 10.77.0.1 fd77::1 $apart
	others_send ip netns exec R "$helper/probe" flood "$nonce" r0 10.77.1.2 fd77:1::2 $apart
}

# Each count there is, as one line: "in v4 12 in v6 13 ..."
others_counts() {
	local f
	for f in in out through; do
		sed "/^skew/d; s/^/$f /" "$T/$f" 2>/dev/null
	done | sort | paste -sd ' '
}

# What was on its way has arrived and been counted, unless it goes on and on.
others_still() {
	local was='' i
	for ((i = 0; i < 20; i++)); do
		sleep 0.05
		[[ $was != "$(others_counts)" ]] || return 0
		was=$(others_counts)
	done
}

# grown PATTERN BEFORE: which of the counts it fits have grown
grown() {
	sleep "${settle:-0.06}"
	awk -v pattern="$1" -v before="$2" -v after="$(others_counts)" 'BEGIN {
		n = split(before, b); for (i = 1; i < n; i += 3) was[b[i] " " b[i + 1]] = b[i + 2]
		n = split(after, a)
		for (i = 1; i < n; i += 3)
			if (a[i] " " a[i + 1] ~ pattern && a[i + 2] > was[a[i] " " a[i + 1]] + 0)
				printf "%s%s %s", sep++ ? ", " : "", a[i], a[i + 1]
	}'
}

# Everything gets through: the control of all that follows.
others_control() {
	local at
	at=$(others_counts)
	sleep 0.2
	ok "$others, OPEN: each flood arrives (control)" is "$(grown . "$at")" \
	    "in v4, in v6, out l2, out v4, out v6, through v4, through v6"
}

# ---- the rules of others -----------------------------------------------------

# Of both engines, counters apart; a table of the older one that was once looked
# at stays there, so they are looked at before.
others_rules() {
	in_h sh -c '
		nft list ruleset 2>&1 | grep -v "^# Warning"
		for f in "" 6; do
			for t in raw mangle filter nat; do
				ip${f}tables-legacy -t $t -S 2>/dev/null | sed "s/^/legacy$f $t /"
			done
		done' | sed -E 's/packets [0-9]+ bytes [0-9]+/packets/'
}

# ---- modes -------------------------------------------------------------------

# What a link that was down has lost.
others_furnish() {
	in_h sh -c 'ip -6 addr replace fd77::1/64 dev h0 nodad; ip -6 addr replace fd77:1::1/64 dev h1 nodad'
	net_neighbour in_h h0 10.77.0.2 fd77::2 "$(net_mac in_r r0)"
	net_neighbour in_h h1 10.77.1.2 fd77:1::2 "$(net_mac in_s s1)"
}
others_raise() {
	[[ $mode == AIRGAP ]] || return 0
	in_h sh -c 'ip link set h0 up; ip link set h1 up'
	others_furnish
}

others_enter() {
	mode=$1
	others_before=$(others_rules)
	seal "$mode"
	# There is no log on H to write to, which net-seal says with 15.
	ok "$others, $mode: in force" like "$status $(field sealed "$out")" '^(0|15) true'
	others_legacy=$(jq -r '.layers.legacy // "absent"' <<<"$out")
	# Both engines, unless the kernel has no older one.
	if in_h iptables-legacy -S >/dev/null 2>&1; then
		ok "$others, $mode: the older engine too" is "$others_legacy" used
	fi
	others_raise
	others_still
}

others_leave() {
	loosen "$mode" OPEN
	others_furnish
	others_after=$(others_rules)
	[[ $others_before == "$others_after" ]] ||
	    diag "$(diff <(echo "$others_before") <(echo "$others_after"))"
	ok "$others, $mode: in OPEN again its rules are what they were" is "$others_after" "$others_before"
}

# What check says, without that links are up where the test holds them up.
others_findings() {
	run in_h net-seal check --json
	jq -r '.findings[] | select(.code != "uplink" and .code != "link.up") | .code + ": " + .text' <<<"$out"
}
# Where nothing may get through. RESTRICTED lets out what wants out, and does not
# judge ARP and ND.
others_closed() {
	if [[ $mode == RESTRICTED ]]; then echo '^(in|through) v'; else echo .; fi
}
# What the other engine goes on closing, while nf_tables has lost its rules.
others_second() {
	[[ $others_legacy == used ]] || { echo '^$'; return; }
	if [[ $mode == RESTRICTED ]]; then echo '^(in|through) v'; else echo ' v'; fi
}

# A function of the test, or a command of H's.
others_run() {
	if [[ $(type -t "$1") == function ]]; then run "$@"; else run in_h "$@"; fi
	((status == 0)) || diag "$others, $mode: $*: exit $status: $err $out"
}

stands() {
	local what="$others, $mode: $1" at
	shift
	at=$(others_counts)
	others_run "$@"
	ok "$what" status 0
	ok "$what: check finds nothing" is "$(others_findings)" ""
	ok "$what: nothing passed" is "$(grown "$(others_closed)" "$at")" ""
}

# Where the links are down they hold, whatever becomes of the rules.
others_links() {
	local at
	[[ $mode == AIRGAP ]] || return 0
	in_h sh -c 'ip link set h0 down; ip link set h1 down'
	others_still
	at=$(others_counts)
	ok "$1: the links, down, hold" is "$(grown . "$at")" ""
}

# PATTERN: of the counts that what is left keeps from growing
hurts() {
	local what="$others, $mode: $1" finding=$2 pattern=$3 at got
	shift 3
	at=$(others_counts)
	others_run "$@"
	ok "$what" status 0
	got=$(others_findings)
	ok "$what: check names it" like "$got" "$finding"
	ok "$what: what is left holds" is "$(grown "$pattern" "$at")" ""
	others_links "$what"
	run in_h net-seal apply --json
	ok "$what: apply repairs" is "$(field sealed "$out")" true
	others_raise
	others_still
	at=$(others_counts)
	ok "$what: check is content" is "$(others_findings)" ""
	ok "$what: nothing passes" is "$(grown "$(others_closed)" "$at")" ""
}

# What hurts the older engine only, and nothing where that one is not used.
hurts_legacy() {
	if [[ $others_legacy == used ]]; then
		hurts "$1" "$2" "$(others_closed)" "${@:3}"
	else
		stands "$1" "${@:3}"
	fi
}
