/* usb-base-show.c: the baseline, or what was made of it, as JSON or for people */
/* SPDX-License-Identifier: ISC */
#include "usb-base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "scope.h"
#include "usb-guard.h"
#include "usb-print.h"

const char *
usb_change_word(enum usb_change_what what)
{
	static const char *const word[] = { [USB_SHOW] = "show",
		[USB_SAVE] = "save",
		[USB_ADD] = "add",
		[USB_REMOVE] = "remove" };

	return word[what];
}

bool
usb_change_is_none(const struct usb_change *c)
{
	return c->was_there && c->len == c->was_len &&
	    memcmp(c->text, c->was, c->len) == 0;
}

static void
json_known(struct bnd_json *j, const struct bnd_usb_known *k)
{
	char kinds[BND_USB_KINDS_SIZE];

	bnd_usb_kinds_print(k->kinds, kinds, sizeof(kinds));
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "identity", k->identity);
	bnd_json_str(j, "kinds", kinds);
	if (k->report[0] != '\0')
		bnd_json_str(j, "report", k->report);
	if (k->place[0] != '\0')
		bnd_json_str(j, "place", k->place);
	bnd_json_bytes(j, "rule", k->rule);
	bnd_json_close(j, '}');
}

static int
say_json(const struct usb_change *c, const struct bnd_usb_baseline *b)
{
	const size_t size = 2 * BND_USB_BASELINE_MAX + b->n * 128 + 4096;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("cannot show the baseline: %m");
		return 2;
	}
	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "did", usb_change_word(c->what));
	if (c->what != USB_SHOW) {
		bnd_json_bool(&j, "changed", !usb_change_is_none(c));
		bnd_json_int(&j, "keyboards", c->left.left);
	}
	bnd_json_open(&j, "devices", '[');
	for (size_t i = 0; i < b->n; i++)
		json_known(&j, &b->known[i]);
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, 0);
}

int
usb_change_show(const struct usb_change *c, const struct opt_args *args)
{
	static char line[BND_USB_DEVICE_TEXT + 512];

	if (!c->was_there) {
		cmd_warn("there is no baseline (/" BND_USB_BASELINE_PATH ")");
		return 1;
	}
	if (args->seen[OPT_ID_JSON])
		return say_json(c, &c->old);
	for (size_t i = 0; i < c->old.n && !args->seen[OPT_ID_QUIET]; i++)
		if (bnd_usb_known_print(&c->old.known[i], line, sizeof(line)))
			printf("%s\n", line);
	return 0;
}

int
usb_change_say(const struct usb_change *c, const struct opt_args *args)
{
	const bool dry = args->seen[USB_ID_DRY];

	if (args->seen[OPT_ID_JSON])
		return say_json(c, &c->next);
	if (args->seen[OPT_ID_QUIET])
		return 0;
	if (usb_change_is_none(c))
		printf("the baseline is as it was: %zu devices\n", c->old.n);
	else
		printf("%s%zu devices were in the baseline, %zu are%s\n",
		    dry ? "nothing is written: " : "", c->old.n, c->next.n,
		    dry ? " to be" : "");
	printf("LOCKDOWN would leave %u of %u keyboards\n", c->left.left,
	    c->left.here);
	return 0;
}
