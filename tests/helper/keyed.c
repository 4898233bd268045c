/* keyed.c: run a command in a session keyring of a name, with a key in it */
/* SPDX-License-Identifier: ISC */
/*
 *	keyed NAME CMD [ARG...]
 */
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 125;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, argv[1]) == -1 ||
	    syscall(SYS_add_key, "user", "secret", "hush", 4,
		KEY_SPEC_SESSION_KEYRING) == -1) {
		perror("keyed");
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 125;
}
