/* netns-mount.h: a line of mountinfo that holds a namespace */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_MOUNT_H
#define BND_NETNS_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BND_NETNS_PATH 4096

enum bnd_ns_kind {
	BND_NS_NONE = 0,
	BND_NS_NET,
	BND_NS_MNT,
};

/* "net:[4026531840]" or "mnt:[...]", as links of /proc and nsfs mounts have it. */
enum bnd_ns_kind bnd_ns_parse(const char *text, size_t len, uint64_t *inode);

/*
 * A line of proc_pid_mountinfo(5), NUL-terminated, with or without its LF.
 * BND_NS_NONE for any that does not hold a network or mount namespace, else
 * which one and where: path is decoded (\040 and so on), "" if it is too long.
 */
enum bnd_ns_kind bnd_ns_mount(
    const char *line, uint64_t *inode, char path[static BND_NETNS_PATH]);

#endif
