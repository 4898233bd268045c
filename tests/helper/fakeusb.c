/* fakeusb.c: a USB device of any bytes, on a port of vhci_hcd, till killed */
/* SPDX-License-Identifier: ISC */
/*
 *	fakeusb PORT WORD...
 *
 * PORT counts the high-speed ports of all controllers, 15 each.  Words say what
 * the device is, in the order of its bytes:
 *
 *	id=1209:0001 rel=0100 dev=00:00:00 nconf=N	device descriptor
 *	man= prod= serial=TEXT		strings; man16= ... the bytes in hex
 *	config[=VALUE]			a configuration begins
 *	total=N ifaces=N		and lies so
 *	if=CC:SS:PP			an interface; num=N alt=N len=N change it
 *	hid=kbd|mouse|media|fido	its HID and endpoint descriptors
 *	bulk				two bulk endpoints
 *	raw=HEX pad=N			bytes; N of descriptors nobody knows
 *	stall=config hang=config	SET_CONFIGURATION is refused, never answered
 *	hang=string			no string is ever sent
 *	type=MS				keyboards press and release "a" all the time
 *	then				what it is after SIGUSR1: words as above
 *
 * Kernel documentation: usb/usbip_protocol.rst; the attach file of vhci_hcd.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONFIGS = 16, STRINGS = 4, KINDS = 32 };
enum { DEVICE = 1, CONFIG, STRING, INTERFACE, ENDPOINT, HID = 0x21, REPORT };

struct bytes {
	size_t n;
	uint8_t at[70000];
};

struct device {
	struct bytes desc, config[CONFIGS];
	size_t configs, ifaces;
	size_t iface; /* of the last one: where it stands */
	struct bytes string[STRINGS];
	bool has_string[STRINGS];
	const struct report *report[KINDS]; /* by interface */
	const struct report *source[KINDS]; /* by endpoint */
	bool counted;			    /* nconf= */
	bool stall_config, hang_config, hang_string;
	int type_ms;
};

struct report {
	const char *name;
	size_t len;
	uint8_t bytes[64];
	size_t in; /* bytes of a report; 8: it types */
};

static const struct report reports[] = {
	{ "kbd", 43,
	    { 0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29,
		0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81,
		0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06, 0x75,
		0x08, 0x15, 0x00, 0x25, 0x65, 0x19, 0x00, 0x29, 0x65, 0x81,
		0x00, 0xc0 },
	    8 },
	{ "mouse", 50,
	    { 0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00, 0x05,
		0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00, 0x25, 0x01, 0x95,
		0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81,
		0x03, 0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x81, 0x25,
		0x7f, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xc0, 0xc0 },
	    3 },
	{ "media", 25,
	    { 0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x25, 0x01, 0x09,
		0xe9, 0x09, 0xea, 0x09, 0xe2, 0x09, 0xcd, 0x75, 0x01, 0x95,
		0x08, 0x81, 0x02, 0xc0 },
	    1 },
	{ "fido", 34,
	    { 0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00,
		0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x09,
		0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40,
		0x91, 0x02, 0xc0 },
	    64 },
};

static void
set_le16(uint8_t *p, unsigned long v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "fakeusb: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- what it is ---- */

static void
put(struct bytes *b, const void *from, size_t n)
{
	if (b->n + n > sizeof(b->at)) {
		errno = E2BIG;
		die("description");
	}
	memcpy(b->at + b->n, from, n);
	b->n += n;
}

#define PUT(b, ...)                                \
	put((b), (const uint8_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void
put_hex(struct bytes *b, const char *hex)
{
	unsigned u;

	for (; sscanf(hex, "%2x", &u) == 1; hex += 2)
		PUT(b, (uint8_t)u);
}

/* UTF-8 as UTF-16, which is what strings are on the wire. */
static void
put_text(struct bytes *b, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned c, more;

	while (*p != '\0') {
		c = *p++;
		more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
		if (more != 0)
			c &= 0x3fu >> more;
		for (; more > 0 && *p != '\0'; more--)
			c = c << 6 | (*p++ & 0x3f);
		if (c > 0xffff) {
			c -= 0x10000;
			PUT(b, c >> 10 & 0xff, 0xd8 | c >> 18);
			c = 0xdc00 | (c & 0x3ff);
		}
		PUT(b, c & 0xff, c >> 8);
	}
}

static struct bytes *
config_of(struct device *d)
{
	return &d->config[d->configs == 0 ? 0 : d->configs - 1];
}

static void
begin_config(struct device *d, const char *value)
{
	uint8_t v = value == NULL ? d->configs + 1 : strtoul(value, NULL, 0);

	if (d->configs == CONFIGS) {
		errno = E2BIG;
		die("configurations");
	}
	d->configs++;
	d->ifaces = 0;
	PUT(config_of(d), 9, CONFIG, 0, 0, 0, v, 0, 0x80, 50);
}

static void
begin_iface(struct device *d, const char *value)
{
	struct bytes *b = config_of(d);
	unsigned c = 0, s = 0, p = 0;

	(void)sscanf(value, "%x:%x:%x", &c, &s, &p);
	d->iface = b->n;
	PUT(b, 9, INTERFACE, d->ifaces++, 0, 0, c, s, p, 0);
	b->at[4]++;
}

static void
put_hid(struct device *d, const char *name)
{
	struct bytes *b = config_of(d);
	uint8_t number = b->at[d->iface + 2], ep = number % 15 + 1;

	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		if (strcmp(reports[i].name, name) != 0)
			continue;
		PUT(b, 9, HID, 0x11, 1, 0, 1, REPORT, reports[i].len, 0);
		PUT(b, 7, ENDPOINT, 0x80 | ep, 3, reports[i].in, 0, 7);
		b->at[d->iface + 4] = 1;
		d->report[number % KINDS] = &reports[i];
		d->source[ep] = &reports[i];
	}
}

/* An interface descriptor that just began, n bytes long. */
static void
put_long(struct bytes *b, size_t at, size_t n)
{
	b->at[at] = n;
	for (; n > 9; n--)
		PUT(b, 0);
}

static void
put_pad(struct bytes *b, size_t n)
{
	static const uint8_t unknown[250] = { 250, 0x24 };

	for (; n >= sizeof(unknown); n -= sizeof(unknown))
		put(b, unknown, sizeof(unknown));
	if (n >= 2) {
		PUT(b, (uint8_t)n, 0x24);
		put(b, unknown + 2, n - 2);
	}
}

static void
set_string(struct device *d, size_t i, const char *text, bool hex)
{
	d->has_string[i] = true;
	d->desc.at[13 + i] = i;
	PUT(&d->string[i], 0, STRING);
	(hex ? put_hex : put_text)(&d->string[i], text);
	d->string[i].at[0] = d->string[i].n;
}

/* What belongs to the device descriptor; false: it is of a configuration. */
static bool
word_of_device(struct device *d, const char *key, const char *v)
{
	static const char *const strings[] = { "", "man", "prod", "serial" };
	unsigned a = 0, b = 0, c = 0;
	uint8_t *p = d->desc.at;

	for (size_t i = 1; i < STRINGS; i++)
		if (strncmp(key, strings[i], strlen(strings[i])) == 0) {
			set_string(d, i, v, strchr(key, '1'));
			return true;
		}
	if (strcmp(key, "id") == 0 && sscanf(v, "%x:%x", &a, &b) == 2) {
		set_le16(p + 8, a);
		set_le16(p + 10, b);
	} else if (strcmp(key, "rel") == 0 && sscanf(v, "%x", &a) == 1) {
		set_le16(p + 12, a);
	} else if (strcmp(key, "dev") == 0 &&
	    sscanf(v, "%x:%x:%x", &a, &b, &c) == 3) {
		p[4] = a;
		p[5] = b;
		p[6] = c;
	} else if (strcmp(key, "nconf") == 0) {
		p[17] = atol(v);
		d->counted = true;
	} else {
		return false;
	}
	return true;
}

static bool
word_of_config(struct device *d, const char *key, const char *v)
{
	struct bytes *b = config_of(d);
	unsigned long n = strtoul(v, NULL, 0);

	if (strcmp(key, "total") == 0)
		set_le16(b->at + 2, n);
	else if (strcmp(key, "ifaces") == 0)
		b->at[4] = n;
	else if (strcmp(key, "if") == 0)
		begin_iface(d, v);
	else if (strcmp(key, "num") == 0)
		b->at[d->iface + 2] = n;
	else if (strcmp(key, "alt") == 0)
		b->at[d->iface + 3] = n;
	else if (strcmp(key, "len") == 0)
		put_long(b, d->iface, n);
	else if (strcmp(key, "hid") == 0)
		put_hid(d, v);
	else if (strcmp(key, "raw") == 0)
		put_hex(b, v);
	else if (strcmp(key, "pad") == 0)
		put_pad(b, n);
	else
		return false;
	return true;
}

static bool
word_of_faults(struct device *d, const char *key, const char *v)
{
	if (strcmp(key, "stall") == 0)
		d->stall_config = true;
	else if (strcmp(key, "hang") == 0)
		*(strcmp(v, "string") == 0 ? &d->hang_string
					   : &d->hang_config) = true;
	else if (strcmp(key, "type") == 0)
		d->type_ms = atoi(v);
	else
		return false;
	return true;
}

static void
word(struct device *d, char *w)
{
	char *v = strchr(w, '=');

	if (strcmp(w, "bulk") == 0) {
		PUT(config_of(d), 7, ENDPOINT, 0x8e, 2, 0, 2, 0);
		PUT(config_of(d), 7, ENDPOINT, 0x0e, 2, 0, 2, 0);
		config_of(d)->at[d->iface + 4] = 2;
		return;
	}
	if (v != NULL)
		*v++ = '\0';
	if (strcmp(w, "config") == 0) {
		begin_config(d, v);
		return;
	}
	if (v != NULL &&
	    (word_of_device(d, w, v) || word_of_config(d, w, v) ||
		word_of_faults(d, w, v)))
		return;
	fprintf(stderr, "fakeusb: no such word: %s\n", w);
	exit(2);
}

/* Reads the words up to the end or "then"; returns how many. */
static int
describe(struct device *d, char **words)
{
	int n = 0;

	PUT(&d->desc, 18, DEVICE, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 1, 0, 0, 1, 0,
	    0, 0, 0);
	for (; words[n] != NULL && strcmp(words[n], "then") != 0; n++)
		word(d, words[n]);
	for (size_t i = 0; i < d->configs; i++) {
		uint8_t *c = d->config[i].at;

		if (c[2] == 0 && c[3] == 0)
			set_le16(c + 2, d->config[i].n);
	}
	if (!d->counted)
		d->desc.at[17] = d->configs;
	return n;
}

/* ---- what it answers ---- */

enum { SUBMIT = 1, UNLINK, RET_SUBMIT, RET_UNLINK };
enum { STALL = -EPIPE, HANG = 1 };

struct header { /* big-endian */
	uint32_t command, seqnum, devid, in, ep;
	uint32_t word[5]; /* flags, length, ... or status, actual, ... */
	uint8_t setup[8];
};

static struct device now, then;
static volatile sig_atomic_t changed;
static uint32_t waiting[16]; /* for a report, by endpoint; 0: nobody */
static int sock;

static void
change(int sig)
{
	(void)sig;
	changed = 1;
}

static const struct device *
self(void)
{
	return changed ? &then : &now;
}

static void
answer(const struct header *h, int status, const void *data, size_t n)
{
	struct header r = { .command = htobe32(RET_SUBMIT),
		.seqnum = h->seqnum };

	r.word[0] = htobe32((uint32_t)status);
	r.word[1] = htobe32(n);
	r.word[3] = 0xffffffff;
	if (send(sock, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r) ||
	    (data != NULL && n > 0 &&
		send(sock, data, n, MSG_NOSIGNAL) != (ssize_t)n))
		exit(0);
}

static void
receive(void *to, size_t n)
{
	if (n > 0 && recv(sock, to, n, MSG_WAITALL) != (ssize_t)n)
		exit(0);
}

static int
descriptor(const struct device *d, const uint8_t *setup, const uint8_t **data,
    size_t *n)
{
	static const uint8_t language[] = { 4, STRING, 0x09, 0x04 };
	size_t i = setup[2], iface = setup[4] % KINDS;
	const struct bytes *b = NULL;

	switch (setup[3]) {
	case DEVICE:
		b = &d->desc;
		break;
	case CONFIG:
		b = i < d->configs ? &d->config[i] : NULL;
		break;
	case STRING:
		if (d->hang_string)
			return HANG;
		*data = language;
		*n = sizeof(language);
		if (i == 0)
			return 0;
		b = i < STRINGS && d->has_string[i] ? &d->string[i] : NULL;
		break;
	case REPORT:
		if (d->report[iface] == NULL)
			return STALL;
		*data = d->report[iface]->bytes;
		*n = d->report[iface]->len;
		return 0;
	default:
		break;
	}
	if (b == NULL)
		return STALL;
	*data = b->at;
	*n = b->n;
	return 0;
}

/* USB 2.0, 9.4, and what class drivers ask for: nothing is refused. */
static int
control(const struct device *d, const uint8_t *setup, const uint8_t **data,
    size_t *n)
{
	static const uint8_t zeros[64];

	*data = zeros;
	*n = 0;
	if ((setup[0] & 0x7f) <= 1 && setup[0] & 0x80 && setup[1] == 6)
		return descriptor(d, setup, data, n);
	if (setup[0] == 0 && setup[1] == 9)
		return d->hang_config ? HANG : d->stall_config ? STALL : 0;
	if (setup[0] & 0x80)
		*n = setup[1] == 0 ? 2 : 1;
	return 0;
}

static void
submitted(const struct header *h)
{
	static uint8_t ignored[1 << 16];
	uint32_t ep = be32toh(h->ep), len = be32toh(h->word[1]);
	const uint8_t *data;
	size_t n;
	int rc;

	if (h->in == 0)
		for (uint32_t left = len; left > 0; left -= n) {
			n = left < sizeof(ignored) ? left : sizeof(ignored);
			receive(ignored, n);
		}
	if (ep != 0) {
		if (h->in != 0 && ep < 16)
			waiting[ep] = h->seqnum;
		return;
	}
	rc = control(self(), h->setup, &data, &n);
	if (rc == HANG)
		return;
	if (h->in == 0)
		answer(h, rc, NULL, rc == 0 ? len : 0);
	else
		answer(h, rc, data, rc != 0 ? 0 : n < len ? n : len);
}

static void
unlinked(const struct header *h)
{
	struct header r = { .command = htobe32(RET_UNLINK),
		.seqnum = h->seqnum };

	for (int ep = 1; ep < 16; ep++)
		if (waiting[ep] == h->word[0])
			waiting[ep] = 0;
	r.word[0] = htobe32((uint32_t)-ECONNRESET);
	if (send(sock, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r))
		exit(0);
}

static void
type(void)
{
	static bool down;
	struct header h = { 0 };
	uint8_t report[8] = { 0 };

	down = !down;
	report[2] = down ? 4 : 0; /* HID usage tables: a */
	for (int ep = 1; ep < 16; ep++) {
		if (waiting[ep] == 0 || self()->source[ep] == NULL ||
		    self()->source[ep]->in != sizeof(report))
			continue;
		h.seqnum = waiting[ep];
		waiting[ep] = 0;
		answer(&h, 0, report, sizeof(report));
	}
}

static void
serve(void)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct header h;

	for (;;) {
		int ms = self()->type_ms;

		switch (poll(&p, 1, ms > 0 ? ms : -1)) {
		case -1:
			continue;
		case 0:
			type();
			continue;
		default:
			break;
		}
		receive(&h, sizeof(h));
		if (be32toh(h.command) == SUBMIT)
			submitted(&h);
		else
			unlinked(&h);
	}
}

/* The kernel's end of the line is handed over by its number. */
static void
attach(unsigned port)
{
	char text[64];
	int pair[2], fd, n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		die("socketpair");
	/* Each controller has as many of SuperSpeed behind its 15. */
	n = snprintf(text, sizeof(text), "%u %d 65538 3",
	    port / 15 * 30 + port % 15, pair[1]);
	fd = open(
	    "/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, text, n) != n)
		die("attach");
	close(fd);
	close(pair[1]);
	sock = pair[0];
}

int
main(int argc, char **argv)
{
	int n;

	if (argc < 3) {
		fprintf(stderr, "usage: fakeusb PORT WORD... [then WORD...]\n");
		return 2;
	}
	n = 2 + describe(&now, argv + 2);
	if (argv[n] != NULL)
		describe(&then, argv + n + 1);
	signal(SIGUSR1, change);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	attach(strtoul(argv[1], NULL, 10));
	serve();
}
