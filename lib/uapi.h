/* uapi.h: kernel constants that are younger than Debian 12's headers */
/* SPDX-License-Identifier: ISC */
#ifndef BND_UAPI_H
#define BND_UAPI_H

#include <stdint.h>

/*
 * Landlock (include/uapi/linux/landlock.h of Linux 7.1), the ABI behind each.
 * Names of our own, so that newer headers do not collide.
 */
#define BND_LL_EXECUTE		 (UINT64_C(1) << 0)
#define BND_LL_WRITE_FILE	 (UINT64_C(1) << 1)
#define BND_LL_READ_FILE	 (UINT64_C(1) << 2)
#define BND_LL_READ_DIR		 (UINT64_C(1) << 3)
#define BND_LL_REMOVE_DIR	 (UINT64_C(1) << 4)
#define BND_LL_REMOVE_FILE	 (UINT64_C(1) << 5)
#define BND_LL_MAKE_CHAR	 (UINT64_C(1) << 6)
#define BND_LL_MAKE_DIR		 (UINT64_C(1) << 7)
#define BND_LL_MAKE_REG		 (UINT64_C(1) << 8)
#define BND_LL_MAKE_SOCK	 (UINT64_C(1) << 9)
#define BND_LL_MAKE_FIFO	 (UINT64_C(1) << 10)
#define BND_LL_MAKE_BLOCK	 (UINT64_C(1) << 11)
#define BND_LL_MAKE_SYM		 (UINT64_C(1) << 12)
#define BND_LL_REFER		 (UINT64_C(1) << 13) /* 2 */
#define BND_LL_TRUNCATE		 (UINT64_C(1) << 14) /* 3 */
#define BND_LL_IOCTL_DEV	 (UINT64_C(1) << 15) /* 5 */
#define BND_LL_RESOLVE_UNIX	 (UINT64_C(1) << 16) /* 9 */

#define BND_LL_BIND_TCP		 (UINT64_C(1) << 0) /* 4 */
#define BND_LL_CONNECT_TCP	 (UINT64_C(1) << 1) /* 4 */

#define BND_LL_SCOPE_ABSTRACT	 (UINT64_C(1) << 0) /* 6 */
#define BND_LL_SCOPE_SIGNAL	 (UINT64_C(1) << 1) /* 6 */

/* Flags of landlock_restrict_self(2): no record of what this program is denied. */
#define BND_LL_LOG_SAME_EXEC_OFF (1U << 0) /* 7 */

/* Grown with the ABI: 1 has the first, 4 the second, 6 the third. */
#define BND_LL_RULE_PORT	 2 /* 4 */
struct bnd_ll_port {
	uint64_t allowed, port; /* host order */
};

struct bnd_ll_ruleset {
	uint64_t fs, net, scoped;
};

#endif
