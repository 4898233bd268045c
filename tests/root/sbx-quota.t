#!/bin/bash
# sbx-quota.t: what the kernel counts by user, one sandbox cannot take from another
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
need_host --cgroups
. "${0%/*}/../sbx.sh"
sbx_up

had() {
	sed -n 's/^had: //p' <<<"$1"
}
# What one gets when there is no other, and while another holds all it can have.
profile queues 'syscalls @base @file @proc @thread @ipc'
for what in inotify watches epoll pipes mqueue processes signals; do
	sbx=()
	[[ $what != mqueue ]] || sbx=(-p queues)
	inside quota $what
	ok "$what: it runs" payload_ran
	alone=$(had "$out")
	ok "$what: it gets some" test "${alone:-0}" -gt 0
	begin quota $what
	first=$(had "$(said)")
	ok "$what: a first one takes all it gets ($first)" test "${first:-0}" -ge $((alone * 9 / 10))
	inside quota $what
	ok "$what: a second one gets as much" test "$(had "$out")" -ge $((alone * 9 / 10))
	finish
done
# The control: two processes of one user share.
how=bare_as
bare_as 54321 quota inotify
alone=$(had "$out")
begin 54321 quota inotify
bare_as 54321 quota inotify
ok "control: outside, a user's second process gets less" test "$(had "$out")" -lt "${alone:-0}"
finish
ok "nothing is harmed" unharmed
tap_done
