#!/usr/bin/python3
# second-opinion.py: another verifier of the log, written from its description
# SPDX-License-Identifier: ISC
"""
    second-opinion.py ROOT...

Verifies ROOT/var/lib/bnd/log/000001.jsonl as a copy under ROOT/etc/bnd/log.pin
and prints one exit status a line: 1, 3, 4 or 5 (a copy's end is never proven).
It shares no code with libbnd, so an error has to be made twice to go unseen.
It is as strict and as slow as it likes.
"""
import base64
import calendar
import hashlib
import json
import re
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MODES = ["OPEN", "RESTRICTED", "TRUSTED", "AIRGAP", "COLDROOM", "LOCKDOWN"]
MAX = 2**53 - 1
JUNK = 65536


class Bad(Exception):
    """A finding, with the exit status it stands for."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def b2(personal, data, key=b""):
    return hashlib.blake2b(data, digest_size=32, key=key, person=personal.encode()).digest()


def unb64(text, n):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) != (n * 4 + 2) // 3:
        raise Bad(1, "base64")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise Bad(1, "another spelling of base64")
    return raw


def signed(key, data, sig):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(sig, data)
        return True
    except (InvalidSignature, ValueError):
        return False


# ---- grammar ----------------------------------------------------------------

NUM = r"(?:0|[1-9][0-9]{0,15})"
LINE = re.compile(
    r'\{"v":1,"seq":(?P<seq>' + NUM + r'),"prev":"(?P<prev>[^"]{43})","t":"(?P<t>[^"]{27})","bt":(?P<bt>' + NUM +
    r'),"boot":"(?P<boot>[0-9a-f]{32})","ev":"(?P<ev>[a-z]+(?:\.[a-z]+)*)","by":\{"prog":"(?P<prog>[a-z_-]{1,32})",'
    r'"pid":(?P<pid>' + NUM + r'),"uid":(?P<uid>' + NUM + r'),"auid":(?P<auid>null|' + NUM + r'),"ses":(?P<ses>null|' +
    NUM + r')\},"dh":"(?P<dh>[^"]{43})","nk":"(?P<nk>[^"]{43})"(?P<m>),"sig":"(?P<sig>[^"]{86})"(?P<l>),'
    r'"s":(?:null,"d":null|"(?P<s>[^"]{22})","d":(?P<d>\{.*\}))\}')


def pairs(items):
    keys = [k for k, _ in items]
    if len(set(keys)) != len(keys) or not all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", k) for k in keys):
        raise Bad(1, "keys of an object")
    if len(items) > 64:
        raise Bad(1, "too many members")
    return dict(items)


def spell(value, depth):
    """The one spelling of a value; depth counts the line's own braces too."""
    if isinstance(value, (dict, list)):
        if depth > 4 or len(value) > 64:
            raise Bad(1, "too deep or too wide")
        if isinstance(value, list):
            return "[" + ",".join(spell(v, depth + 1) for v in value) + "]"
        return "{" + ",".join(f'"{k}":{spell(v, depth + 1)}' for k, v in value.items()) + "}"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        if abs(value) > MAX:
            raise Bad(1, "a number too large")
        return str(value)
    if isinstance(value, str):
        out = ""
        for c in value:
            if ord(c) > 255:
                raise Bad(1, "not a byte")
            if c in '"\\':
                out += "\\" + c
            else:
                out += c if 0x20 <= ord(c) <= 0x7e else "\\u%04x" % ord(c)
        return '"' + out + '"'
    raise Bad(1, "a value of no known kind")


def body(text):
    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as e:
        raise Bad(1, "no JSON") from e
    if spell(value, 1) != text:
        raise Bad(1, "another spelling")
    return value


def micros(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text):
        raise Bad(1, "time")
    try:
        parts = time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError as e:
        raise Bad(1, "time") from e
    if parts.tm_sec > 59:
        raise Bad(1, "time")
    return calendar.timegm(parts) * 1000000 + int(text[20:26])


class Record:
    def __init__(self, raw):
        """raw is a line without its LF."""
        if len(raw) > 4095 or any(c < 0x20 or c > 0x7e for c in raw):
            raise Bad(1, "bytes of a line")
        text = raw.decode("ascii")
        m = LINE.fullmatch(text)
        if not m or len(m["ev"]) > 32:
            raise Bad(1, "not a record")
        self.seq, self.bt = int(m["seq"]), int(m["bt"])
        if max(self.seq, self.bt) > MAX or int(m["pid"]) > 2**31 - 1 or int(m["uid"]) > 2**32 - 1:
            raise Bad(1, "a number too large")
        for who in (m["auid"], m["ses"]):
            if who != "null" and int(who) > 2**32 - 2:
                raise Bad(1, "a number too large")
        self.prev, self.dh, self.nk = (unb64(m[k], 32) for k in ("prev", "dh", "nk"))
        self.sig = unb64(m["sig"], 64)
        self.ev, self.boot, self.t = m["ev"], m["boot"], micros(m["t"])
        self.m = b2("bnd-log-rec-v1", raw[:m.start("m")])
        self.link = b2("bnd-log-lnk-v1", raw[:m.start("l")])
        self.redacted = m["d"] is None
        self.salt = None if self.redacted else unb64(m["s"], 16)
        self.d = None if self.redacted else body(m["d"])
        self.d_raw = None if self.redacted else m["d"].encode()

    def signed_by(self, key):
        return signed(key, self.m, self.sig)

    def body_is_whole(self):
        return self.redacted or b2("bnd-log-dat-v1", self.d_raw, self.salt) == self.dh


# ---- approvers and challenges ------------------------------------------------

NAME = r"[a-z0-9][a-z0-9._-]{0,31}"


def key_id(key):
    return b2("bnd-approver-v1", key)[:8].hex()


def whole(value, top):
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= top:
        raise Bad(1, "not a number of a token")
    return value


def string(data):
    """As in SSH: its length, big-endian, before it."""
    return len(data).to_bytes(4, "big") + data


class Approver:
    def __init__(self, entry, log):
        token = isinstance(entry, dict) and entry.get("kind") == "ssh"
        want = ["name", "person", "kind", "key"] + (["app", "pop", "alg", "flags", "ctr"] if token else ["pop"])
        if not isinstance(entry, dict) or list(entry) != want:
            raise Bad(1, "entry")
        if not re.fullmatch(NAME, entry["name"]) or not re.fullmatch(NAME, entry["person"]):
            raise Bad(1, "name")
        if entry["kind"] not in ("passphrase", "raw", "minisign", "ssh"):
            raise Bad(1, "a kind without a rule")
        if token and not re.fullmatch(r"ssh:[!-~]{0,60}", entry["app"]):
            raise Bad(1, "application")
        self.name, self.person, self.kind = entry["name"], entry["person"], entry["kind"]
        self.app = entry["app"] if token else None
        self.key = unb64(entry["key"], 32)
        self.id = key_id(self.key)
        text = f"bnd-enroll/1\nlog {log}\nname {self.name}\nperson {self.person}\nkind {self.kind}\nkey {entry['key']}\n"
        if token:
            text += f"app {self.app}\n"
        if not self.signs(text.encode(), entry, "pop"):
            raise Bad(1, "pop")
        self.counter = entry["ctr"] if token else 0

    def signs(self, text, d, name):
        """What each kind of key signs."""
        sig = unb64(d[name], 64)
        if self.kind != "ssh":
            if any(k in d for k in ("alg", "flags", "ctr")):
                raise Bad(1, "members of a token")
            if self.kind == "minisign":
                text = hashlib.blake2b(text).digest()
            return signed(self.key, text, sig)
        if d["alg"] not in ("sha256", "sha512"):
            raise Bad(1, "alg")
        flags, counter = whole(d["flags"], 255), whole(d["ctr"], 2**32 - 1)
        asked = (b"SSHSIG" + string(b"bnd-ceremony") + string(b"") + string(d["alg"].encode()) +
                 string(hashlib.new(d["alg"], text).digest()))
        data = (hashlib.sha256(self.app.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big") +
                hashlib.sha256(asked).digest())
        return flags & 1 == 1 and signed(self.key, data, sig)

    def goes_on(self, d):
        """A token that counts, counts on."""
        last, self.counter = self.counter, d.get("ctr", 0)
        return self.counter > last or self.counter == last == 0


class Challenge:
    WORDS = ["log", "action", "from", "to", "subject", "for", "gen", "boot", "base", "opened", "need", "kinds",
             "cooldown", "requester", "reason", "nonce"]

    def __init__(self, text):
        lines = text.split("\n")
        if len(text) > 1024 or len(lines) != 18 or lines[0] != "bnd-ceremony/1" or lines[17] != "":
            raise Bad(1, "challenge")
        self.text, v = text, {}
        for word, line in zip(self.WORDS, lines[1:17]):
            if not line.startswith(word + " ") or not re.fullmatch(r"[ -~]+", line):
                raise Bad(1, "challenge " + word)
            v[word] = line[len(word) + 1:]
        dash = r"(?:-|" + NUM + ")"
        seq, link = (v["base"].split(" ") + ["", ""])[:2]
        ok = (re.fullmatch(r"loosen|enroll|revoke|unfreeze|succeed|drill", v["action"]) and v["from"] in MODES and
              v["to"] in MODES and re.fullmatch(dash, v["for"]) and v["for"] != "0" and
              re.fullmatch(NUM, v["gen"]) and int(v["gen"]) > 0 and re.fullmatch(r"[0-9a-f]{32}", v["boot"]) and
              re.fullmatch(NUM + " .{43}", v["base"]) and re.fullmatch(NUM, v["opened"]) and
              re.fullmatch(r"[1-8]", v["need"]) and v["kinds"] in ("any", "offline") and
              re.fullmatch(NUM, v["cooldown"]) and
              re.fullmatch(rf"auid={dash} uid={NUM} tty=[!-~]{{1,32}} ses={dash}", v["requester"]) and
              v["reason"] == v["reason"].strip())
        if not ok:
            raise Bad(1, "challenge")
        self.log, self.action, self.subject, self.boot = v["log"], v["action"], v["subject"], v["boot"]
        self.frm, self.to = MODES.index(v["from"]), MODES.index(v["to"])
        self.bound, self.gen, self.opened = v["for"], int(v["gen"]), int(v["opened"])
        self.base = (int(seq), unb64(link, 32))
        self.need, self.cool, self.offline = int(v["need"]), int(v["cooldown"]), v["kinds"] == "offline"
        unb64(v["log"], 16), unb64(v["nonce"], 32)
        if (self.to >= self.frm) if self.action == "loosen" else (self.to != self.frm or self.bound != "-"):
            raise Bad(1, "asks for nothing")
        self.id = b2("bnd-ceremony-v1", text.encode())[:8].hex()


def floor(t, persons):
    if t.action == "drill":
        return 1, 0
    if t.action == "loosen" and t.frm <= 3:
        return 1, 60 if t.frm == 3 else 30
    if alone(t, persons):
        return 1, 86400
    return (2, 90) if persons >= 2 else (1, 900)


def alone(t, persons):
    """One person sends another away."""
    return t.action == "revoke" and t.need == 1 and persons >= 2


# ---- the chain's state -------------------------------------------------------

def mode(d, key):
    if d.get(key) not in MODES:
        raise Bad(1, "no mode")
    return MODES.index(d[key])


class Ledger:
    def __init__(self):
        self.live, self.known, self.boots = [], [], []
        self.mode = self.gen = self.entered = 0
        self.at = self.intent = self.open = self.boot = None
        self.frozen = self.closed = self.nascent = False
        self.succeeds, self.origins = "", []
        self.bt = self.opened = self.until = 0
        self.boots_at_gen = 1
        self.bound = None  # until when, back to what, in which boot
        self.findings = []

    def no(self, why):
        self.findings.append(why)

    def persons(self, ids=None):
        return len({a.person for a in self.live if ids is None or a.id in ids})

    def begin(self, r):
        self.log = r.d["id"]
        self.mode, self.gen, self.at = mode(r.d, "mode"), 1, (0, r.link)
        self.origins = [self.log]
        if r.d["succeeds"]:
            s = r.d["succeeds"]
            self.nascent, self.origins = True, s["origin"]
            self.succeeds = f"{s['id']} {s['seq']} {s['link']}"
            self.entered, self.frozen = MODES.index(s["mode"]), s["frozen"]
        for entry in r.d["approvers"]:
            self.add(entry)
        if not self.live:
            self.no("no approver")
        self.origins = [self.log]

    def add(self, entry):
        a = None
        for log in self.origins:
            try:
                a = a or Approver(entry, log)
            except Bad:
                pass
        if not a:
            raise Bad(1, "proven to no log")
        if a.id in self.known or a.name in [b.name for b in self.live] or len(self.live) == 8 or len(self.known) == 64:
            raise Bad(1, "not to be added")
        self.live.append(a)
        self.known.append(a.id)

    def take(self, r):
        if self.closed:
            self.no("after the close")
        if r.boot != self.boot:
            if r.boot in self.boots[-64:]:
                self.no("boot comes back")
            self.boots.append(r.boot)
            self.open, self.opened = None, 0
        elif r.bt < self.bt:
            self.no("boot time falls")
        self.boot, self.bt = r.boot, r.bt
        if r.redacted:
            self.no("redacted")
            return
        if self.nascent and not r.ev.startswith("ceremony.") and r.ev not in ("log.succeed", "log.torn"):
            self.no("before the succession was approved")
            self.nascent = False
        name = "on_" + r.ev.replace(".", "_")
        if not hasattr(self, name):
            if r.ev.split(".")[0] in ("mode", "ceremony", "approver", "log", "file", "clock") and "." in r.ev:
                self.no("no such event")
            return
        d, late = r.d, "late" in r.d and "was" in r.d
        if late:
            if not isinstance(d["was"], dict) or not isinstance(d["late"], dict) or \
                    not isinstance(d["late"].get("bt"), int) or d["late"]["bt"] > r.bt:
                self.no("not late")
            d = d["was"] if isinstance(d["was"], dict) else {}
            if r.ev.split(".")[0] == "approver" or r.ev in ("mode.unfreeze", "ceremony.open", "ceremony.approve",
                                                            "log.genesis", "log.torn", "log.close", "log.succeed"):
                self.no("evidence cannot be late")
                return
        try:
            getattr(self, name)(r, d, late)
        except Bad as e:
            self.no(str(e))
        except (KeyError, TypeError, AttributeError) as e:
            self.no(f"{r.ev}: {e!r}")

    # E2 to E9
    def holds(self, r, auth, action, frm, to, subject="-"):
        c = self.open
        if action == "loosen" and (self.frozen or (frm == 5 and to < self.entered)):
            return False
        if action == "loosen" and self.bound and (r.boot != self.bound[2] or r.bt >= self.bound[0]):
            return False
        if frm != self.mode or not c or not auth or auth != c["t"].id:
            return False
        t = c["t"]
        if (t.action, t.frm, t.to, t.subject) != (action, frm, to, subject) or not self.is_true(t):
            return False
        if self.approved(c) < t.need or r.boot != t.boot:
            return False
        ripe = c["quorum"] + t.cool * 1000000
        return ripe <= r.bt <= ripe + max(600, t.cool) * 1000000

    def approved(self, c):
        who = {a.person for a in self.live if a.id in c["by"]}
        if alone(c["t"], self.persons()):
            who -= {a.person for a in self.live if a.id == c["t"].subject}
        return len(who)

    def is_true(self, t):
        need, cool = floor(t, self.persons())
        return (t.log == self.log and t.frm == self.mode and t.gen == self.gen and t.base == self.at and
                t.need >= need and t.cool >= cool)

    def settle(self, r, d, to):
        if d.get("gen") != self.gen + 1:
            self.no("gen")
        self.gen = d.get("gen", self.gen + 1)
        if to == 5 and self.mode != 5:
            self.entered = self.mode
        self.mode, self.at, self.intent, self.open = to, (r.seq, r.link), None, None
        self.boots_at_gen = len(self.boots)
        if self.bound and to >= self.bound[1]:
            self.bound = None

    # No later than the challenge allows, and than what is bounded already.
    def take_until(self, r, d):
        t, until = self.open["t"], d.get("until", 0)
        ends = [self.bound[0]] if self.bound else []
        if t.bound != "-":
            ends.append(r.bt + int(t.bound) * 1000000)
        if not isinstance(until, int) or bool(until) != bool(ends) or (ends and until > min(ends)):
            self.no("not until then")
            until = min(ends, default=0)
        self.until = until

    def on_mode_intent(self, r, d, late):
        frm, to, auth = mode(d, "from"), mode(d, "to"), d["auth"]
        self.until = 0
        if self.intent:
            self.no("one is pending")
        if to < frm:
            if late:
                self.no("late")
            else:
                if self.holds(r, auth, "loosen", frm, to):
                    self.take_until(r, d)
                else:
                    self.no("not approved")
                self.open = None
        elif frm != self.mode:
            self.no("mode")
        self.intent = (d["txn"], frm, to, r.boot)

    def on_mode_commit(self, r, d, late):
        frm, to = mode(d, "from"), mode(d, "to")
        if self.intent != (d["txn"], frm, to, r.boot):
            self.no("answers no intent")
        if frm != self.mode:
            self.no("mode")
        if to < self.mode and (late or self.frozen):
            self.no("late or frozen")
        if not isinstance(d["enforced"], dict):
            self.no("enforced")
        if to < self.mode and self.intent and self.until:
            self.bound = (self.until, max(self.bound[1] if self.bound else 0, self.intent[1]), self.intent[3])
        self.settle(r, d, to)

    def on_mode_fail(self, r, d, _late):
        frm, to, land = mode(d, "from"), mode(d, "to"), mode(d, "land")
        if self.intent and self.intent[:3] != (d["txn"], frm, to):
            self.no("answers another intent")
        if land < max(frm, to, self.mode) or not isinstance(d["failed"], list):
            self.no("lands too low")
        self.settle(r, d, land)

    on_mode_recover = on_mode_fail

    def on_mode_boot(self, r, d, _late):
        to = mode(d, "mode")
        back = self.bound[1] if self.bound and self.bound[2] != r.boot else 0
        if to < max([self.mode, back] + list(self.intent[1:3] if self.intent else ())):
            self.no("boots too low")
        self.settle(r, d, to)

    def on_mode_check(self, _r, _d, _late):
        pass

    on_log_suppressed = on_mode_check

    def clock(self, d):
        if type(d["was"]) is not int or type(d["now"]) is not int:
            self.no("no offsets")

    def on_clock_jump(self, _r, d, _late):
        self.clock(d)

    def on_mode_freeze(self, _r, d, _late):
        if not isinstance(d["reason"], str):
            self.no("no reason")
        self.frozen = True
        if self.open and self.open["t"].action in ("loosen", "unfreeze"):
            self.open = None

    def on_mode_unfreeze(self, r, d, _late):
        if not self.holds(r, d["auth"], "unfreeze", self.mode, self.mode):
            self.no("not approved")
        self.clock(d)
        self.frozen, self.open = False, None

    def on_ceremony_open(self, r, d, _late):
        if self.open:
            self.no("one is open")
        self.open = None
        t = Challenge(d["text"])
        if not self.is_true(t) or t.boot != r.boot or t.opened > r.bt or t.opened <= self.opened:
            raise Bad(1, "the challenge is not true, or not new")
        if len(self.boots) - self.boots_at_gen >= 64:
            raise Bad(1, "its boot may have been forgotten")
        if self.nascent != (t.action == "succeed") or (self.nascent and t.subject != self.succeeds):
            raise Bad(1, "not its turn")
        self.opened = t.opened
        self.open = self.last = {"t": t, "by": set(), "quorum": None}

    def on_ceremony_approve(self, r, d, _late):
        c = self.open
        if not c or d["open"] != c["t"].id:
            raise Bad(1, "not open")
        who = [a for a in self.live if a.id == d["key"] and a.kind == d["kind"]]
        if not who or (c["t"].offline and who[0].kind == "passphrase"):
            raise Bad(1, "not by a live key")
        if r.bt > c["t"].opened + 600 * 1000000:
            raise Bad(1, "too late")
        if not who[0].signs(c["t"].text.encode(), d, "sig"):
            raise Bad(1, "signature")
        if not who[0].goes_on(d):
            raise Bad(1, "counter")
        c["by"].add(d["key"])
        if c["quorum"] is None and self.approved(c) >= c["t"].need:
            c["quorum"] = r.bt

    def on_ceremony_miss(self, _r, d, _late):
        key = d.get("key")
        if d["open"] != self.last["t"].id or not (key is None or re.fullmatch("[0-9a-f]{16}", key)):
            self.no("miss")

    def on_ceremony_end(self, _r, d, _late):
        if d["open"] != self.last["t"].id or d["why"] not in ("cancelled", "expired", "failed", "drilled"):
            self.no("end")
        self.open = None

    def on_approver_enroll(self, r, d, _late):
        e = d["entry"]
        subject = f"{key_id(unb64(e['key'], 32))} {e['name']} {e['person']} {e['kind']}"
        held = self.holds(r, d["auth"], "enroll", self.mode, self.mode, subject)
        self.open = None
        if not held:
            raise Bad(1, "not approved")
        self.add(e)

    def on_approver_revoke(self, r, d, _late):
        c = self.open
        itself = (c and c["t"].id == d["auth"] and c["t"].action == "revoke" and c["t"].subject == d["key"] and
                  d["key"] in c["by"] and r.boot == c["t"].boot and r.bt <= c["t"].opened + 600 * 1000000)
        held = itself or self.holds(r, d["auth"], "revoke", self.mode, self.mode, d["key"])
        self.open = None
        if not held or d["key"] not in [a.id for a in self.live] or len(self.live) == 1:
            raise Bad(1, "not revoked")
        self.live = [a for a in self.live if a.id != d["key"]]

    def on_log_genesis(self, _r, _d, _late):
        raise Bad(1, "a second genesis")

    def on_log_torn(self, _r, d, _late):
        unb64(d["h"], 32)

    def on_log_succeed(self, r, d, _late):
        if not self.nascent:
            raise Bad(1, "nothing to succeed")
        held = self.holds(r, d["auth"], "succeed", self.mode, self.mode, self.succeeds)
        self.nascent, self.open = False, None
        if not held:
            raise Bad(1, "not approved")

    def on_log_close(self, _r, _d, _late):
        self.closed = True


# ---- the log -----------------------------------------------------------------

def succession(s):
    """What a successor says of the log before it."""
    if not isinstance(s, dict) or list(s) != ["id", "seq", "link", "mode", "frozen", "reason", "origin"]:
        return False
    return (len(unb64(s["id"], 16)) == 16 and isinstance(s["seq"], int) and not isinstance(s["seq"], bool) and
            s["seq"] >= 0 and len(unb64(s["link"], 32)) == 32 and s["mode"] in MODES[:5] and
            isinstance(s["frozen"], bool) and isinstance(s["reason"], str) and len(s["reason"]) <= 128 and
            isinstance(s["origin"], list) and 1 <= len(s["origin"]) <= 8 and
            all(isinstance(o, str) and len(unb64(o, 16)) == 16 for o in s["origin"]))


def genesis(r):
    """Valid in itself."""
    keys = ["id", "host", "k0", "mode", "attr", "seal", "approvers", "succeeds"]
    d = r.d
    return (r.seq == 0 and r.ev == "log.genesis" and r.prev == bytes(32) and d is not None and list(d) == keys and
            (d["mode"] == "OPEN" and d["succeeds"] is None or d["mode"] == "LOCKDOWN" and succession(d["succeeds"])) and
            isinstance(d["attr"], bool) and d["seal"] == 0 and
            isinstance(d["approvers"], list) and 1 <= len(d["approvers"]) <= 8 and len(unb64(d["id"], 16)) == 16 and
            r.body_is_whole() and r.signed_by(unb64(d["k0"], 32)))


def read_pin(path):
    lines = open(path, "rb").read().split(b"\n")
    if lines[0] != b"bndlog-pin/1" or lines[-1] != b"" or len(lines) != 5:
        raise SystemExit("a pin of another kind")
    return unb64(lines[2].decode()[len("genesis "):], 32), Record(lines[3])


def sealed_junk(data, at, seq, link):
    """Where the log.torn begins that covers the bytes from at on."""
    lf = at
    while True:
        lf = data.find(b"\n", lf) + 1
        if lf == 0 or lf - at > JUNK:
            return None
        end = data.find(b"\n", lf)
        if end < 0:
            return None
        try:
            r = Record(data[lf:end])
        except Bad:
            continue
        if r.ev == "log.torn" and r.seq == seq and r.prev == link and not r.redacted and \
                r.d.get("len") == lf - at and unb64(r.d["h"], 32) == b2("bnd-log-torn-v1", data[at:lf]):
            return lf


def chain(data, pin):
    link0, pinned = pin
    led, at, seq, link, key = Ledger(), 0, 0, bytes(32), None
    last_key = last_prev = None
    authentic, status = False, 5
    while at < len(data):
        end = data.find(b"\n", at)
        if end < 0 or end - at > 4095:
            if end < 0 and len(data) - at < 4096:
                break  # a copy may end anywhere
            raise Bad(1, "a line without an end")
        fresh, r = False, None
        try:
            r = Record(data[at:end])
            fresh = r.seq == seq and r.prev == link
        except Bad:
            pass
        if not fresh and seq > 0:
            torn = sealed_junk(data, at, seq, link)
            if torn:
                at, end = torn, data.find(b"\n", torn)
                r, fresh = Record(data[at:end]), True
        elif r and r.ev == "log.torn":
            led.no("seals nothing")
        if r is None:
            raise Bad(1, "no record")
        if seq == 0:
            if not genesis(r):
                raise Bad(1, "no genesis")
            key = unb64(r.d["k0"], 32)
            if r.link != link0:
                host = r.d["host"]
                if r.d["id"] != pinned.d["id"] and host is not None and host == pinned.d["host"]:
                    status = 4
                else:
                    led.no("not the pinned genesis")
        elif not fresh:
            if r.seq == 0 and r.link != first:
                raise Bad(4 if genesis(r) else 1, "another genesis")
            if r.seq == seq - 1 and r.link != link and authentic and r.prev == last_prev and r.signed_by(last_key):
                raise Bad(4, "fork")
            raise Bad(1, "out of order")
        authentic = r.signed_by(key) and r.body_is_whole()
        if not authentic:
            raise Bad(max(status, 4) if status == 4 else 1, "signature or body")
        if seq == 0:
            first = r.link
            try:
                led.begin(r)
            except Bad as e:
                led.no(str(e))
            led.boot, led.bt = r.boot, r.bt
            led.boots.append(r.boot)
        else:
            led.take(r)
        last_key, last_prev, key, link, seq, at = key, r.prev, r.nk, r.link, seq + 1, end + 1
    if status == 4:
        return 4
    if led.findings or led.nascent:
        return 1
    return 3 if seq == 0 else 5


def judge(root):
    pin = read_pin(root + "/etc/bnd/log.pin")
    data = open(root + "/var/lib/bnd/log/000001.jsonl", "rb").read()
    try:
        return chain(data, pin)
    except Bad as e:
        return e.status


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(judge(each))
