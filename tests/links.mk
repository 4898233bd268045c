# links.mk: what single tests are linked with besides libbnd.a
# SPDX-License-Identifier: ISC

# The calls of tests/fault/shim.h.
SHIMMED := syscall openat fstat fcntl read __read_chk pread __pread_chk preadv \
	write pwrite fdatasync fsync ftruncate mkdirat unlinkat renameat fchmod
$O/tests/fault/log-fail $O/tests/fault/log-power: \
	LINK_EXTRA := $(SHIMMED:%=-Wl,--wrap=%)
