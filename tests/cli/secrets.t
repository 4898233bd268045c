#!/bin/bash
# secrets.t: no secret is, or ever was, in the tree; none can slip in
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
cd "$BND_TREE" || bail "no tree"
[[ -e .git ]] && git rev-parse HEAD >/dev/null 2>&1 || skip_kernel_all "not a repository"

# What a secret begins with, each by the tool that writes it.
patterns=(
	'^seed [A-Za-z0-9_-]{43}$'                     # ceremony keygen
	'-----BEGIN [A-Z ]*PRIVATE KEY-----'           # openssl, ssh-keygen
	'^RWR(TY0Iy|CS[A-Za-z0-9])'                    # minisign, signify
	'(AKIA|ASIA)[0-9A-Z]{16}'                      # cloud
	'gh[pousr]_[A-Za-z0-9]{36}'                    # forges
	'eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}' # tokens of the web
	'^(export )?[A-Z_]*(PASSWORD|PASSPHRASE|SECRET|TOKEN)=[^ $"'\'']{8,}'
)
pattern=$(IFS='|'; echo "${patterns[*]}")
# Tests that write such lines themselves do so with these in them.
harmless='printf|head -n|grep|sed|BEGIN \[A-Z'

tree() {
	git -C "$1" grep -InE -e "$pattern" -- . ':!tests/cli/secrets.t' | grep -vE "$harmless"
}
history() {
	git -C "$1" log --no-color -p --no-textconv --no-ext-diff --format='commit %h' -- . ':!tests/cli/secrets.t' |
	    sed -n 's/^[+]//p' | grep -aE -e "$pattern" | grep -vE "$harmless"
}

# ---- the search finds what there is -----------------------------------------

plant() {
	git init -q "$T/repo" && git -C "$T/repo" config user.name x && git -C "$T/repo" config user.email x@x.invalid &&
	    ceremony keygen "$T/repo/key" >/dev/null 2>&1 &&
	    git -C "$T/repo" add key && git -C "$T/repo" commit -qm one
}
ok "control: a key is committed" plant
ok "control: found in a tree" isnt "$(tree "$T/repo")" ''
(cd "$T/repo" && git rm -q key && git commit -qm two)
ok "control: gone from the tree" is "$(tree "$T/repo")" ''
ok "control: found in the history" isnt "$(history "$T/repo")" ''

# ---- and finds nothing here --------------------------------------------------

ok "no secret in the tree" is "$(tree "$BND_TREE")" ''
ok "nor in its history" is "$(history "$BND_TREE")" ''
for f in alice.key tests/alice.key alice.kdf etc/approvers/alice.kdf approver1.seed x.pem .env core core.123 build/x; do
	ok "$f cannot be added by mistake" git check-ignore -q "$f"
done
for f in README lib/kdf.c man/bnd-kdf.5 tests/fuzz/corpus/kdf/sample alice.pub; do
	ok "control: $f can" eval '! git check-ignore -q --no-index "$f"'
done
ok "nothing that is ignored is in the tree" is "$(git ls-files -ci --exclude-standard)" ''
tap_done
