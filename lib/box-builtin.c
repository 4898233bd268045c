/* box-builtin.c: what holds where /etc/bnd/sbx says nothing */
/* SPDX-License-Identifier: ISC */
#include "box-builtin.h"

#include <stddef.h>
#include <string.h>

/* Every key but lists that are empty when nobody fills them has its value. */
static const char profile_default[] =
    "version 1\n"
    "mem 512M\n"
    "swap 0\n"
    "pids 64\n"
    "cpu max\n"
    "time 1h\n"
    "wall 1h\n"
    "idle max\n"
    "grace 500ms\n"
    "setup 5s\n"
    "out 64M\n"
    "tmp 64M 8K\n"
    "fsize 1G\n"
    "nofile 1024\n"
    "landlock 1\n"
    "mode-min OPEN\n"
    "net none\n"
    "proc pid\n"
    "stdin pipe\n"
    "wx mem\n"
    "out-over truncate\n"
    "on-tighten kill\n"
    "log all\n"
    "syscalls @base @file @proc @thread @tty\n"
    "dev null zero full random urandom\n"
    "fds none\n"
    "pass-env LANG TERM TZ\n"
    "allow none\n"
    "deny none\n"
    "hide none\n"
    "protect none\n"
    "bind r? /etc/alternatives\n"
    "bind r? /etc/ld.so.cache\n"
    "bind r? /etc/localtime\n"
    "bind r? /etc/ssl/certs\n"
    "bind rw $WORK /job\n"
    "bind rx /usr\n"
    "env HOME=/tmp\n"
    "env PATH=/usr/local/bin:/usr/bin:/bin\n";

/*
 * The floors: what a mode tightens beyond the mode to its left.  A floor is the
 * meet of all up to it, so no line can loosen.  sbx-profile(5) has them as a
 * table, tests/cli/sbx-profile.t compares the two.
 */
static const char *const floors[] = {
	[BND_OPEN] =
	    "pids 8192\n"
	    "tmp 16G 1M\n"
	    "nofile 65536\n"
	    "landlock 1\n"
	    "hide /boot /dev /etc/bnd /etc/gshadow /etc/shadow /etc/ssh "
	    "/etc/ssl/private /etc/sudoers /etc/sudoers.d /proc /root /run /sys "
	    "/var/lib/bnd /var/lib/private\n"
	    "protect /bin /etc /lib /lib64 /opt /sbin /usr /var/lib "
	    "/var/spool/cron\n",
	[BND_RESTRICTED] = "mem 16G\n"
			   "swap 4G\n"
			   "pids 4096\n"
			   "out 1G\n"
			   "tmp 4G 256K\n"
			   "fsize 16G\n"
			   "nofile 8192\n"
			   "log all\n",
	[BND_TRUSTED] =
	    "mem 8G\n"
	    "swap 0\n"
	    "pids 1024\n"
	    "time 24h\n"
	    "wall 24h\n"
	    "out 256M\n"
	    "tmp 2G 128K\n"
	    "fsize 8G\n"
	    "nofile 4096\n"
	    "stdin pipe\n"
	    "wx mem\n"
	    "profiles system\n"
	    "syscalls @base @file @proc @thread @net @ipc @tty\n"
	    "fds none\n"
	    "pass-env LANG LC_ALL TERM TZ\n"
	    "protect .bash_profile .bashrc .config .git .gnupg .profile .ssh "
	    ".zprofile .zshrc\n",
	[BND_AIRGAP] = "mem 4G\n"
		       "pids 512\n"
		       "cpu 400%\n"
		       "time 8h\n"
		       "wall 8h\n"
		       "out 64M\n"
		       "tmp 1G 64K\n"
		       "fsize 4G\n"
		       "nofile 1024\n"
		       "landlock 2\n"
		       "net loop\n"
		       "on-tighten kill\n",
	[BND_COLDROOM] = "mem 1G\n"
			 "pids 128\n"
			 "cpu 100%\n"
			 "time 1h\n"
			 "wall 1h\n"
			 "out 16M\n"
			 "tmp 256M 16K\n"
			 "fsize 256M\n"
			 "nofile 256\n"
			 "net none\n"
			 "wx none\n"
			 "syscalls @base @file @proc @thread\n"
			 "pass-env none\n"
			 "protect /\n",
	[BND_LOCKDOWN] = NULL,
};

const char *
bnd_box_builtin(const char *name)
{
	return strcmp(name, "default") == 0 ? profile_default : NULL;
}

const char *
bnd_box_builtin_floor(enum bnd_mode m)
{
	return m >= BND_OPEN && m <= BND_COLDROOM ? floors[m] : NULL;
}
