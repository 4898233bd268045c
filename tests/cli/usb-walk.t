#!/bin/bash
# usb-walk.t: two walks over descriptors that share no code agree on thousands of blobs
# SPDX-License-Identifier: ISC
. "${0%/*}/../tap.sh"
walk=$BND_BUILD/tests/helper/usbwalk
[[ -x $walk ]] || skip_all "no tests/helper/usbwalk"
python=/usr/bin/python3
[[ -x $python ]] || skip_all "no python3"

# Writes blobs to $T/blobs and what Python makes of each to $T/second.
$python - "$T" 6000 <<'PY'
import base64, hashlib, random, struct, sys
out, n = sys.argv[1], int(sys.argv[2])
rand = random.Random(20261123)

def steps(rest):
    """Every descriptor, and whether the steps lead exactly to the end."""
    found, rest = [], memoryview(rest)
    while len(rest) >= 2 and 2 <= rest[0] <= len(rest):
        found.append(rest[:rest[0]])
        rest = rest[rest[0]:]
    return found, not rest

def judge(blob):
    if len(blob) < 18:
        return False, False, (0, 0, 0), 0, []
    device, (found, whole) = blob[:18], steps(blob[18:])
    # Cut into configurations at each descriptor of type 2.
    starts = [i for i, d in enumerate(found) if d[1] == 2]
    parts = [found[a:b] for a, b in zip(starts, starts[1:] + [len(found)])]
    def ifaces(ds):
        return [d for d in ds if d[1] == 4 and len(d) >= 9]
    early = ifaces(found[:starts[0]] if starts else found)
    seen = [(0, d) for d in early]
    lied = device[0] != 18
    for place, part in enumerate(parts):
        seen += [(min(place, 255), d) for d in ifaces(part)]
        head = part[0] if len(part[0]) >= 9 else None
        total = struct.unpack("<H", head[2:4])[0] if head else 0
        numbers = {d[2] for d in ifaces(part)}
        lied |= total != sum(map(len, part)) or (head[4] if head else 0) != len(numbers)
    fit = (whole and device[1] == 1 and seen and not early and len(seen) <= 1024 and
           device[17] == len(parts) and all(len(p[0]) >= 9 for p in parts) and len(blob) < 65553)
    return bool(fit), bool(lied), tuple(device[4:7]), len(parts), seen[:1024]

def pure(fit, own, seen, cls):
    return fit and all(d[5] == cls for _, d in seen) and (own[0] in (0, cls) or own == (0xef, 2, 1))

def names(maker, name, serial, blob):
    ids = (0, 0, 0) if len(blob) < 18 else struct.unpack("<HHH", blob[8:14])
    text = ["%04x" % i for i in ids]
    inner = blob
    if len(blob) >= 18 and blob[1] == 1 and ids[0] == 0x1d6b and ids[1] in (1, 2, 3):
        inner = blob[:12] + b"\0\0" + blob[14:]
    strip = lambda s: s.rstrip(b"\0\x08\t\n\r")
    h = hashlib.sha256(strip(name) + (text[0] + text[1]).encode() + strip(serial) + inner)
    fields = [b"bnd-usb-id-1"] + [t.encode() for t in text] + [maker, name, serial, blob]
    i = hashlib.sha256(b"".join(struct.pack(">I", len(f)) + f for f in fields))
    return base64.b64encode(h.digest()).decode(), "bnd1:" + i.hexdigest()

def descriptor():
    kind = rand.choice([4, 4, 4, 4, 5, 0x21, 0x24, 0x0b, 7, 6, 0xff] + [1, 2] * (rand.random() < .1))
    size = {4: 9, 5: 7, 2: 9}.get(kind, rand.choice([2, 5, 9, 18]))
    if rand.random() < .04:
        size = rand.choice([0, 1, 2, 8, 9, 10, 255])
    body = bytearray(rand.choice([0, 0, 1, 3, 8, 9, rand.randrange(256)]) for _ in range(max(size, 2)))
    body[0], body[1] = size, kind
    return bytes(body)

def config():
    rest = b"".join(descriptor() for _ in range(rand.choice([0, 1, 1, 2, 3, 5, 9, 60])))
    found, _ = steps(rest)
    numbers = {d[2] for d in found if d[1] == 4 and len(d) >= 9}
    head = [9, 2, (9 + len(rest)) & 255, (9 + len(rest)) >> 8, len(numbers) & 255, 1, 0, 128, 50]
    if rand.random() < .1:
        head[rand.randrange(5)] = rand.randrange(256)
    return bytes(head) + rest

def blob():
    n = rand.choice([0, 1, 1, 1, 2, 3, 8])
    vendor, product = rand.choice([(0x1d6b, rand.randrange(5)), (0x46d, 0xc31c)])
    own = rand.choice([(0, 0, 0), (9, 0, 1), (3, 0, 0), (0xef, 2, 1), (0xe0, 1, 1), (0xff, 0, 0)])
    b = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, *own, 64, vendor, product, 0x601, 1, 2, 3, n)
    b = bytearray(b + b"".join(config() for _ in range(n)))
    if rand.random() < .003:
        b += b"\2\xff" * rand.choice([30000, 32760, 33000])
    if rand.random() < .003:
        b += bytes([9, 4, 0, 0, 0, 3, 1, 1, 0]) * 1100
    for _ in range(rand.choice([0, 0, 0, 1, 3])):
        b[rand.randrange(len(b))] = rand.randrange(256)
    if rand.random() < .1:
        b = b[:rand.randrange(len(b) + 1)]
    return bytes(b)

def string():
    return rand.randbytes(rand.choice([0, 0, 3, 12, 4000])) + rand.choice([b"", b"\n", b"\0\t"])

with open(out + "/blobs", "wb") as blobs, open(out + "/second", "w") as second:
    for _ in range(n):
        fields = [string(), string(), string(), blob()]
        for f in fields:
            blobs.write(struct.pack("<I", len(f)) + f)
        fit, lied, own, configs, seen = judge(fields[3])
        line = [int(fit), int(lied), int(own[0] == 9 and bool(pure(fit, own, seen, 9))),
                int(bool(pure(fit, own, seen, 3))), configs, *names(*fields)]
        line += ["%d.%d.%d=%02x:%02x:%02x" % (c, d[2], d[3], d[5], d[6], d[7]) for c, d in seen]
        print(*line, file=second)
PY
is_made=$?
ok "blobs are made" is "$is_made" 0
"$walk" <"$T/blobs" >"$T/first"
ok "and judged, all of them" is "$(wc -l <"$T/first")" 6000
cmp -s "$T/first" "$T/second"
ok "interfaces, fitness, lies, hash and identity: the same of each" is $? 0
diff "$T/first" "$T/second" | head -6 | cut -c1-200 | sed 's/^/# /'
ok "control: there are fit ones and others, liars, hubs and keyboards" awk '
	{ fit += $1; unfit += !$1; lied += $1 && $2; hub += $3; keys += $4 }
	END { exit !(fit > 1000 && unfit > 1000 && lied > 100 && hub > 5 && keys > 5) }' "$T/first"
tap_done
