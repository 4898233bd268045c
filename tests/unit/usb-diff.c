/* usb-diff.c: a line for each device, a device for each line */
/* SPDX-License-Identifier: ISC */
#include "usb-diff.h"

#include <string.h>

#include "tap.h"

#define LINES 4

static struct bnd_usb_known known[LINES];
static struct bnd_usb_baseline base = { .known = known };
static struct bnd_usb_here here[LINES];
static bool taken[LINES];

/* "a" is an identity, "a@p" the same with a place; blanks between. */
static size_t
words(const char *text, bool lines)
{
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p += *p == ' ') {
		char *id = lines ? known[n].identity : here[n].identity;
		char *place = lines ? known[n].place : here[n].place;
		size_t len = strcspn(p, " @");

		memset(id, 0, BND_USB_ID_LEN + 1);
		memset(place, 0, BND_USB_PLACE_MAX);
		memcpy(id, p, len);
		p += len;
		if (*p == '@') {
			len = strcspn(++p, " ");
			memcpy(place, p, len);
			p += len;
		}
		n++;
	}
	return n;
}

static void
judge(const char *lines, const char *devices, const char *want)
{
	char got[80] = "";
	size_t n = words(devices, false), len = 0;

	base.n = words(lines, true);
	bnd_usb_diff(&base, here, n, taken);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%c",
		    here[i].line == BND_USB_NO_LINE
			? '-'
			: (char)('0' + here[i].line));
	for (size_t i = 0; i < base.n; i++)
		len += (size_t)snprintf(
		    got + len, sizeof(got) - len, "%s", taken[i] ? "t" : "m");
	is_str(got, want, "[%s] beside [%s]", lines, devices);
}

int
main(void)
{
	judge("", "", "");
	judge("", "a@1", "-");
	judge("a", "", "m");
	judge("a", "a@1", "0t");
	judge("a", "b@1", "-m");
	judge("a b", "b@2 a@1", "10tt");
	judge("a", "a@1 a@2", "0-t");
	judge("a a", "a@1 a@2", "01tt");
	judge("a a", "a@1", "0tm");
	judge("a@1", "a@1", "0t");
	judge("a@1", "a@2", "-m");
	/* The line for anywhere is not spent on who has one of his own. */
	judge("a a@2", "a@2 a@1", "10tt");
	judge("a@1 a", "a@3 a@1", "10tt");
	judge("a@1 a@2", "a@2 a@3", "1-mt");
	return tap_done();
}
