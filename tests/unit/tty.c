/* tty.c: consoles by device number, the controlling terminal by the kernel */
/* SPDX-License-Identifier: ISC */
#include "tty.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "scratch.h"
#include "tap.h"

static void
test_numbers(void)
{
	ok(bnd_tty_is_console_dev(makedev(4, 1)), "tty1");
	ok(bnd_tty_is_console_dev(makedev(4, 64)), "ttyS0");
	ok(bnd_tty_is_console_dev(makedev(5, 1)), "console");
	ok(!bnd_tty_is_console_dev(makedev(5, 0)), "tty is whatever it is");
	ok(!bnd_tty_is_console_dev(makedev(136, 1)), "pts/1 is none");
	ok(!bnd_tty_is_console_dev(0), "nothing is none");
	ok(!bnd_tty_is_console_dev(makedev(260, 1)), "4 and 256 are not 4");
}

static void
test_names(void)
{
	struct scratch s;
	char path[128];

	scratch_make(&s);
	snprintf(path, sizeof(path), "%s/dev", s.dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/dev/file", s.dir);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	ok(!bnd_tty_is_console(&s.root, "file"), "a file");
	ok(!bnd_tty_is_console(&s.root, "none"), "what is not there");
	ok(!bnd_tty_is_console(&s.root, ""), "an empty name");
	ok(!bnd_tty_is_console(&s.root, "/dev/"), "a directory");
	snprintf(path, sizeof(path), "%s/dev/tty1", s.dir);
	if (mknod(path, S_IFCHR | 0600, makedev(4, 1)) != 0) {
		skip_kernel("a device", "none can be made here");
		scratch_remove(&s);
		return;
	}
	ok(bnd_tty_is_console(&s.root, "tty1"), "control: a console");
	ok(bnd_tty_is_console(&s.root, "/dev/tty1"), "by its whole name");
	ok(!bnd_tty_is_console(&s.root, "../dev/tty1"), "not by a way out");
	snprintf(path, sizeof(path), "%s/dev/link", s.dir);
	if (symlink("tty1", path) != 0)
		bail("cannot link");
	ok(!bnd_tty_is_console(&s.root, "link"), "not by a link");
	snprintf(path, sizeof(path), "%s/dev/pts", s.dir);
	if (mknod(path, S_IFCHR | 0600, makedev(136, 1)) != 0)
		bail("cannot make a device");
	ok(!bnd_tty_is_console(&s.root, "pts"), "not another device");
	scratch_remove(&s);
}

/* In a session of its own: 0 if what the kernel says is what was set. */
static int
in_session(bool with, const char *name)
{
	int master, slave, ws = 0;
	struct stat st;
	dev_t dev;
	pid_t pid = fork();

	if (pid > 0) {
		waitpid(pid, &ws, 0);
		return WIFEXITED(ws) ? WEXITSTATUS(ws) : -1;
	}
	prctl(PR_SET_NAME, name);
	setsid();
	if (!with)
		_exit(bnd_tty_controlling(&dev) != 0 || dev != 0);
	if (openpty(&master, &slave, NULL, NULL, NULL) != 0 ||
	    ioctl(slave, TIOCSCTTY, 0) != 0 || fstat(slave, &st) != 0)
		_exit(77);
	_exit(bnd_tty_controlling(&dev) != 0 || dev != st.st_rdev);
}

static void
test_controlling(void)
{
	is_int(in_session(false, "plain"), 0, "none");
	is_int(in_session(true, "plain"), 0, "one, by its number");
	is_int(in_session(true, "a) R 1 1 1"), 0,
	    "whatever the program is called");
	is_int(in_session(false, ") S 1 1 1 1025"), 0, "however cleverly");
}

int
main(void)
{
	test_numbers();
	test_names();
	test_controlling();
	return tap_done();
}
