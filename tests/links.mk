# links.mk: what single tests are linked with besides libbnd.a
# SPDX-License-Identifier: ISC

# The calls of tests/fault/shim.h.
SHIMMED := syscall openat fstat fcntl read __read_chk pread __pread_chk preadv \
	write pwrite fdatasync fsync ftruncate mkdirat unlinkat renameat fchmod
$O/tests/fault/log-fail $O/tests/fault/log-power: \
	LINK_EXTRA := $(SHIMMED:%=-Wl,--wrap=%)

# On the tests' clock, so that no cool-down is waited for.
$O/tests/helper/loosen $O/tests/helper/traces $O/tests/helper/usurp: $(BASE)/tests/fake/clock.o
$O/tests/helper/timed-mode-set: $(BASE)/tests/fake/clock.o \
	$(foreach p,$(PARTS_mode-set),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/timed-ceremony: $(BASE)/tests/fake/clock.o \
	$(foreach p,$(PARTS_ceremony),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/every-net-seal: $(foreach p,$(PARTS_net-seal),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/every-net-seal: LINK_EXTRA := -Wl,--wrap=bnd_nft_writes_every
$O/tests/helper/old-net-seal: $(foreach p,$(PARTS_net-seal),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/old-net-seal: LINK_EXTRA := -Wl,--wrap=bnd_nl_batch
$O/tests/helper/timed-net-seal: $(BASE)/tests/fake/clock.o \
	$(foreach p,$(PARTS_net-seal),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/timed-sbx-run: $(BASE)/tests/fake/clock.o \
	$(foreach p,$(PARTS_sbx-run),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/faulty-sbx-run: $(BASE)/tests/fake/box-fault.o \
	$(foreach p,$(PARTS_sbx-run),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/timed-usb-guard: $(BASE)/tests/fake/clock.o \
	$(foreach p,$(PARTS_usb-guard),$(call cmd_obj,$p)) $(CMD_OBJ)
$O/tests/helper/timed-chain-keep: $(BASE)/tests/fake/clock.o $(BASE)/cmd/cmd.o $(BASE)/cmd/opt.o

$O/tests/helper/timed-pam-helper: $(BASE)/tests/fake/clock.o $(BASE)/tests/fake/tty.o \
	$(foreach p,$(filter-out pam-helper,$(PARTS_pam-helper)),$(call cmd_obj,$p)) $(CMD_OBJ)

# libaudit, as kernels answer that keep a trail or none.
$O/tests/unit/audit: LINK_EXTRA := -Wl,--wrap=audit_open,--wrap=audit_log_user_message

# Argon2id is asked for at full cost and done at the least; nothing shipped can.
$O/tests/unit/passphrase: LINK_EXTRA := -Wl,--wrap=crypto_pwhash_argon2id,--wrap=fdatasync,--wrap=munmap
$O/tests/unit/kdf: LINK_EXTRA := -Wl,--wrap=crypto_pwhash_argon2id
$O/tests/unit/ask: $(call cmd_obj,ask) $(call cmd_obj,cmd)

# How long a waiter naps.
$O/tests/unit/lock: LINK_EXTRA := -Wl,--wrap=nanosleep

# Cards that no test machine has.
$O/tests/unit/offload: LINK_EXTRA := -Wl,--wrap=ioctl

# Attributes read in pieces and interrupted, writes that fail.
$O/tests/unit/usb-dir: LINK_EXTRA := -Wl,--wrap=read,--wrap=pwrite
# Another device on the port, while it is looked at.
$O/tests/unit/usb-view: LINK_EXTRA := -Wl,--wrap=bnd_usb_desc_parse -pthread
# Knobs that take a byte and do nothing.
$O/tests/unit/usb-knob: LINK_EXTRA := -Wl,--wrap=pwrite
