/* succeeds.c: what a successor says is read in one spelling, or not at all */
/* SPDX-License-Identifier: ISC */
#include "succeeds.h"

#include "json-read.h"
#include "tap.h"

#define ID   "AAAAAAAAAAAAAAAAAAAAAA"
#define LINK "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define HEAD "{\"id\":\"" ID "\",\"seq\":7,\"link\":\"" LINK "\","
#define TAIL "\"frozen\":false,\"reason\":\"x\",\"origin\":[\"" ID "\"]}"
#define GOOD HEAD "\"mode\":\"AIRGAP\"," TAIL

static bool
reads(const char *text)
{
	struct bnd_str s = { text, strlen(text) };
	struct bnd_succeeds got;

	return bnd_json_valid(s) && bnd_succeeds_from_json(s, &got);
}

static void
one_spelling(void)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{ "null", "null" },
		{ "{}", "nothing" },
		{ "[]", "no object" },
		{ HEAD "\"mode\":\"LOCKDOWN\"," TAIL, "LOCKDOWN from itself" },
		{ HEAD "\"mode\":\"airgap\"," TAIL, "a mode in small letters" },
		{ HEAD "\"mode\":7," TAIL, "a mode that is a number" },
		{ HEAD TAIL, "no mode" },
		{ HEAD "\"mode\":\"OPEN\",\"x\":1," TAIL, "a member more" },
		{ "{\"seq\":7,\"id\":\"" ID "\",\"link\":\"" LINK
		  "\",\"mode\":\"OPEN\"," TAIL,
		    "another order" },
		{ HEAD "\"mode\":\"OPEN\",\"frozen\":0,\"reason\":\"x\","
		       "\"origin\":[\"" ID "\"]}",
		    "frozen as a number" },
		{ HEAD "\"mode\":\"OPEN\",\"frozen\":false,\"reason\":\"x\","
		       "\"origin\":[]}",
		    "no origin" },
		{ HEAD "\"mode\":\"OPEN\",\"frozen\":false,\"reason\":\"x\","
		       "\"origin\":[1]}",
		    "an origin that is no id" },
		{ HEAD "\"mode\":\"OPEN\",\"frozen\":false,\"reason\":\"x\","
		       "\"origin\":{\"a\":\"" ID "\"}}",
		    "origins in an object" },
		{ HEAD "\"mode\":\"OPEN\",\"frozen\":false,\"reason\":\"x\","
		       "\"origin\":[\"" ID "\",\"" ID "\",\"" ID "\",\"" ID
		       "\",\"" ID "\",\"" ID "\",\"" ID "\",\"" ID "\",\"" ID
		       "\"]}",
		    "nine origins" },
	};

	ok(reads(GOOD), "control: a good one");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!reads(bad[i].text), "%s", bad[i].what);
}

static void
there_and_back(void)
{
	struct bnd_succeeds s, t;
	char text[1024], subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_json j;

	memset(&s, 0, sizeof(s));
	s.mark.seq = BND_JSON_NUMBER_MAX;
	memset(s.mark.link, 0xff, sizeof(s.mark.link));
	s.mode = BND_COLDROOM;
	s.frozen = true;
	snprintf(s.reason, sizeof(s.reason), "a \"reason\"");
	s.origins = BND_APPROVERS_MAX;
	bnd_json_begin(&j, text, sizeof(text));
	bnd_succeeds_to_json(&s, &j, NULL);
	ok(bnd_json_end(&j), "written");
	ok(bnd_succeeds_from_json((struct bnd_str){ text, j.len }, &t) &&
		memcmp(&s, &t, sizeof(s)) == 0,
	    "and read back the same");
	bnd_succeeds_subject(&s, subject);
	is_str(subject,
	    ID " 9007199254740991 "
	       "__________________________________________8",
	    "the subject that is signed");
}

int
main(void)
{
	one_spelling();
	there_and_back();
	return tap_done();
}
