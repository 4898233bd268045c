#!/bin/bash
# sbx-many.t: hundreds of sandboxes, one after another and at once; nothing grows
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up
launch=$BND_BUILD/tests/helper/launch

run "$launch" -r 1 -b 200 sbx-run "$BND_BUILD/sbx-run" -- $payloads/nothing
ok "two hundred in a row end well" status 0
ok "and are on record, begun and ended" is "$(records sbx.start) $(records sbx.end)" \
    "$(records sbx.start) $(($(records sbx.start) - 1))"
ok "nothing is left of them" left_nothing
leases=(/run/bnd/sbx/[0-9]*)
ok "no lease file is one too many" test ${#leases[@]} -le 1024
ok "and each is empty but the other sandbox's" is "$(find /run/bnd/sbx -type f -name '[0-9]*' -size +0 | wc -l)" 1

# At once: all of them wait on one pipe.
mkfifo "$T/gate"
n=100 pids=()
nonce=together
for ((i = 0; i < n; i++)); do
	"$BND_BUILD/sbx-run" -k nofile=$((100 + i)) -k wall=$((1000 + i))s --result "$T/result.$i" -- \
	    $payloads/stay together with $i <"$T/gate" >"$T/out.$i" 2>"$T/err.$i" &
	pids+=($!)
done
exec {gate}>"$T/gate"
all_ready() {
	[[ $(cat "$T"/out.* | grep -cx ready) == "$n" ]]
}
for ((i = 0; i < 300; i++)); do
	all_ready && break
	sleep 0.1
done
ok "a hundred live at once" all_ready
# The supervisors are root's; init and payload have an id each.
awk -v a="$sbx_first" '/^Pid:/ { p = $2 } /^Uid:/ && $2 >= a && $2 < a + 2048 { print $2, p }' /proc/[0-9]*/status \
    2>/dev/null >"$T/ids"
grep -vwE "$(awk '/^Uid:/ { print $2 }' "/proc/$canary_P/status")|$(($(awk '/^Uid:/ { print $2 }' "/proc/$canary_P/status") - 1))" \
    "$T/ids" >"$T/ids.new"
ok "as two hundred users, no two the same" is "$(cut -d' ' -f1 "$T/ids.new" | sort -u | wc -l) $(wc -l <"$T/ids.new")" \
    "$((2 * n)) $((2 * n))"
ok "each in a leaf of its own" is "$(find "$(v2)/bnd-sbx" -mindepth 1 -type d | wc -l)" $((n + 1))
ok "each in namespaces of its own" is \
    "$(while read -r _ p; do readlink /proc/"$p"/ns/net; done <"$T/ids.new" | sort -u | wc -l)" $n

all_alive() {
	local p
	while read -r _ p; do
		[[ -d /proc/$p ]] || { echo "process $p is gone"; return 1; }
	done <"$T/ids.new"
}
# One more shoots at all host numbers, and at all it can name.
mapfile -t numbers < <(cut -d' ' -f2 "$T/ids.new")
inside tree signals -1 1 "$canary_P" "$canary_S" "${numbers[@]}"
ok "a hundred-and-first shoots at them" payload_ran
ok "by numbers that it has not" payload_got "kill $canary_P 9" ESRCH
ok "and all of them are still there" all_alive
# The last in the list is a payload.
read -r id number < <(sort -n "$T/ids.new" | tail -n 1)
bare_as "$id" tree kill "$number"
ok "control: a process of the host that has the same id reaches it" payload_got "kill $number 9" ok
exec {gate}>&-
odd=''
for i in "${!pids[@]}"; do
	wait "${pids[i]}"
	got="$? $(sed -n 2p "$T/out.$i") $(jq -r .exit_code "$T/result.$i")"
	[[ $got == "$i $i $((100 + i)) $i" ]] || odd+=" [$i: $got]"
done
ok "each ends as it was told to, with its own output and limit, but the one that was shot" like "$odd" \
    '^ \[([0-9]+): 137 \1 [0-9]+ null\]$'
ok "all results say so" is "$(cat "$T"/result.* | jq -r .reason | sort | uniq -c | xargs)" \
    "$((n - 1)) exited 1 signaled"
ok "nothing is left" unharmed
tap_done
