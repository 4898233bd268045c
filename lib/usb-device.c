/* usb-device.c: ports by name, and the words for what a device turned out to be */
/* SPDX-License-Identifier: ISC */
#include "usb-device.h"

#include <string.h>

/* Bit n of enum bnd_usb_kind is word n. */
static const char *const words[] = { "hub", "kbd", "pointer", "fido", "input",
	"block", "net", "wlan", "bt", "wwan", "tty", "sound", "video",
	"printer", "other" };
#define WORDS (sizeof(words) / sizeof(words[0]))

_Static_assert(BND_USB_IS_OTHER == 1 << (WORDS - 1), "a word each");

void
bnd_usb_kinds_print(unsigned kinds, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < WORDS; i++) {
		const size_t n = strlen(words[i]);

		if ((kinds & 1U << i) == 0 || len + 1 + n >= size)
			continue;
		if (len > 0)
			text[len++] = ',';
		memcpy(text + len, words[i], n + 1);
		len += n;
	}
	if (len == 0)
		bnd_str_copy((struct bnd_str){ "none", 4 }, text, size);
}

static bool
add_kind(struct bnd_str word, unsigned *kinds)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (!bnd_str_is(word, words[i]))
			continue;
		if ((*kinds & 1U << i) != 0)
			return false;
		*kinds |= 1U << i;
		return true;
	}
	return false;
}

bool
bnd_usb_kinds_parse(struct bnd_str s, unsigned *kinds)
{
	*kinds = 0;
	if (bnd_str_is(s, "none"))
		return true;
	for (;;) {
		const struct bnd_str word = bnd_str_until(s, ',');

		if (!add_kind(word, kinds))
			return false;
		if (word.len == s.len)
			return true;
		s = bnd_str_from(s, word.len + 1);
	}
}

struct bnd_str
bnd_usb_trim(struct bnd_str s)
{
	while (s.len > 0 && memchr("\0\b\t\n\r", s.p[s.len - 1], 5) != NULL)
		s.len--;
	return s;
}

bool
bnd_usb_is_port(const char *name)
{
	size_t digits = 0, dashes = 0;

	if (strlen(name) >= BND_USB_PORT_MAX)
		return false;
	for (const char *c = name; *c != '\0'; c++) {
		if (*c >= '0' && *c <= '9') {
			digits++;
			continue;
		}
		if (digits == 0 || (*c == '-' && dashes++ > 0) ||
		    (*c == '.' && dashes == 0) || (*c != '-' && *c != '.'))
			return false;
		digits = 0;
	}
	return digits > 0 && dashes == 1;
}

void
bnd_usb_port_name(const char *devpath, char port[static BND_USB_PORT_MAX])
{
	const char *slash = strrchr(devpath, '/');
	const char *name = slash != NULL ? slash + 1 : devpath;

	port[0] = '\0';
	if (bnd_usb_is_port(name))
		memcpy(port, name, strlen(name) + 1);
}

bool
bnd_usb_port_is_below(const char *port, const char *hub)
{
	size_t len = strlen(hub);

	return strncmp(port, hub, len) == 0 && port[len] == '.';
}
