#!/usr/bin/env python3
"""Known answers for ModelMath: float32(double(base) + double(update) * 2^-scale) in IEEE-754 hardware.

Prints hex rows of base u32 | update i32 | scale u8 | result u32, for test/fixtures/model.hex."""
import random
import struct

random.seed(20260101)
EDGES = [0, 1, 2, 0x007FFFFF, 0x00800000, 0x33800000, 0x3F7FFFFF, 0x3F800000, 0x3F800001,
         0x4B7FFFFF, 0x4B800000, 0x5A000000, 0x5C000001, 0x67000000, 0x67800000, 0x67800001,
         0x7F7FFFFF]
UPDATES = [0, 1, -1, 2, 3, -3, 255, 1 << 24, -(1 << 24), (1 << 29), (1 << 31) - 1, 1 - (1 << 31)]


def float_of(bits):
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def row(base, update, scale):
    result = struct.pack("<f", float_of(base) + float(update) * 2.0**-scale)
    return f"{base:08x}{update & 0xFFFFFFFF:08x}{scale:02x}{struct.unpack('<I', result)[0]:08x}"


rows = [row(b | s, u, k) for b in EDGES for s in (0, 1 << 31) for u in UPDATES for k in (8, 24, 30)]
for _ in range(400):
    base = random.getrandbits(1) << 31 | random.randrange(90, 160) << 23 | random.getrandbits(23)
    # Updates that cancel leading bits are as likely as any other.
    near = max(1 - 2**31, min(2**31 - 1, int(-float_of(base) * 2**24) + random.randrange(-4, 5)))
    update = near if random.getrandbits(1) else random.randrange(1 - 2**31, 2**31)
    rows.append(row(base, update, random.choice([8, 16, 24, 30])))
print("".join(rows))
