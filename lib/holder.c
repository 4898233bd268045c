/* holder.c: which process holds a socket, as far as /proc shows */
/* SPDX-License-Identifier: ISC */
#include "holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"
#include "text.h"

struct search {
	struct bnd_holder *h;
	size_t n, found;
};

static void
name_of(int proc, char comm[static 40])
{
	SCOPED_FD int fd = openat(proc, "comm", O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : 0;

	if (len > 0 && text[len - 1] == '\n')
		len--;
	bnd_text_show(
	    (struct bnd_str){ text, len > 0 ? (size_t)len : 0 }, comm, 40);
}

/* A link of a descriptor: "socket:[INODE]". */
static void
look_at(struct search *s, int proc, pid_t pid, const char *link, size_t len)
{
	static const char head[] = "socket:[";
	struct bnd_str number = { link + sizeof head - 1, 0 };
	uint64_t inode = 0;

	if (len <= sizeof head || memcmp(link, head, sizeof head - 1) != 0)
		return;
	number.len = len - sizeof head; /* without the bracket */
	if (!bnd_text_u64(number, UINT32_MAX, &inode) || inode == 0)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->h[i].inode == inode && s->h[i].pid == 0) {
			s->h[i].pid = pid;
			s->found++;
			name_of(proc, s->h[i].comm);
		}
}

static void
look_into(struct search *s, int all, const char *name, pid_t pid)
{
	SCOPED_FD int proc =
	    openat(all, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fds = proc >= 0
	    ? openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
	    : -1;
	SCOPED_DIR DIR *dir = fds >= 0 ? fdopendir(fds) : NULL;
	struct dirent *e;

	if (dir == NULL) {
		if (fds >= 0)
			close(fds);
		return;
	}
	while (s->found < s->n && (e = readdir(dir)) != NULL) {
		char link[64];
		ssize_t len =
		    readlinkat(dirfd(dir), e->d_name, link, sizeof link);

		if (len > 0 && (size_t)len < sizeof link)
			look_at(s, proc, pid, link, (size_t)len);
	}
}

void
bnd_holders_find(struct bnd_holder *h, size_t n, unsigned budget_ms)
{
	struct search s = { .h = h, .n = n };
	uint64_t until = bnd_clock_ms() + budget_ms;
	SCOPED_DIR DIR *all = NULL;
	struct dirent *e;

	for (size_t i = 0; i < n; i++)
		s.found += h[i].inode == 0;
	if (s.found < n)
		all = opendir("/proc");
	while (all != NULL && s.found < n && bnd_clock_ms() < until &&
	    (e = readdir(all)) != NULL) {
		struct bnd_str word = { e->d_name, strlen(e->d_name) };
		uint64_t pid = 0;

		if (bnd_text_u64(word, INT32_MAX, &pid) && pid > 0)
			look_into(&s, dirfd(all), e->d_name, (pid_t)pid);
	}
}
