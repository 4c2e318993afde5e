"""Writes ITCH 5.0 and DBN: small files for learning and tests."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from omni.engine import Instrument

#: No price, in DBN.
_NO_PRICE = 2**63 - 1
_LAST = 128
_NANO = 10**9


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a book, as `generated_orders` tells it; the price in 1e-9 of the currency."""

    time_ns: int
    instrument: int
    action: str
    side: str
    reference: int
    price: int
    quantity: int


def itch(instruments: Iterable[Instrument], changes: Iterable[Change], midnight_ns: int) -> bytes:
    """Return an ITCH 5.0 session in BinaryFILE form; locate codes are the instruments' numbers plus one."""
    stocks = {one.id: one.symbol.encode().ljust(8) for one in instruments}
    out = bytearray(_message(b"S", 0, 0, b"O"))
    for number, stock in stocks.items():
        traits = struct.pack(">8s2sI", stock, b"QN", 100) + b"NCZ P" + b"N 1N" + struct.pack(">I", 0) + b"N"
        out += _message(b"R", number + 1, 0, traits)
    last = 0
    for match, change in enumerate(changes, start=1):
        last = change.time_ns - midnight_ns
        reference = struct.pack(">Q", change.reference)
        shares = struct.pack(">I", change.quantity)
        side = b"B" if change.side == "buy" else b"S"
        kind, body = {
            "add": (
                b"A",
                reference + side + shares + stocks[change.instrument] + struct.pack(">I", change.price // 10**5),
            ),
            "execute": (b"E", reference + shares + struct.pack(">Q", match)),
            "reduce": (b"X", reference + shares),
            "delete": (b"D", reference),
        }[change.action]
        out += _message(kind, change.instrument + 1, last, body)
    return bytes(out + _message(b"S", 0, last, b"C"))


def _message(kind: bytes, locate: int, time_ns: int, body: bytes) -> bytes:
    head = kind + struct.pack(">HH", locate, 0) + time_ns.to_bytes(6, "big")
    return struct.pack(">H", len(head) + len(body)) + head + body


def orders(instruments: Iterable[Instrument], changes: Iterable[Change], span: tuple[int, int], day: int) -> bytes:
    """Return a DBN file of market-by-order records; `day` is the number `yyyymmdd`."""
    out = bytearray(_metadata(0, instruments, span, day))
    for sequence, change in enumerate(changes):
        side = b"B" if change.side == "buy" else b"A"
        other = b"A" if change.side == "buy" else b"B"
        steps = {
            "add": [(b"A", side, change.reference, _LAST)],
            "reduce": [(b"C", side, change.reference, _LAST)],
            "delete": [(b"C", side, change.reference, _LAST)],
            "execute": [(b"T", other, 0, 0), (b"F", side, change.reference, 0), (b"C", side, change.reference, _LAST)],
        }[change.action]
        for action, of, reference, flags in steps:
            values = (reference, change.price, change.quantity, flags, 0, action, of, change.time_ns, 0, sequence)
            out += _header(56, 0xA0, change.instrument, change.time_ns) + struct.pack("<QqIBBccQiI", *values)
    return bytes(out)


def definitions(instruments: Iterable[Instrument], span: tuple[int, int], day: int) -> bytes:
    """Return a DBN file that defines the instruments: tick, currency, venue, multiplier."""
    listed = list(instruments)
    out = bytearray(_metadata(9, listed, span, day))
    for one in listed:
        record = bytearray(360)
        record[:16] = _header(360, 0x13, one.id, span[0])
        struct.pack_into("<Q", record, 16, span[0])
        for at in range(24, 112, 8):
            struct.pack_into("<q", record, at, _NO_PRICE)
        struct.pack_into("<q", record, 24, round(one.tick_size * _NANO))
        struct.pack_into("<q", record, 32, _NANO)
        struct.pack_into("<QQ", record, 40, 2**64 - 1, 2**64 - 1)
        struct.pack_into("<q", record, 88, round(float(one.multiplier) * _NANO))
        struct.pack_into("<i", record, 148, round(one.lot_size))
        struct.pack_into("<i", record, 160, 2**31 - 1)
        for at, width, text in ((186, 4, one.currency), (200, 22, one.symbol), (243, 5, one.venue)):
            record[at : at + width] = text.encode().ljust(width, b"\0")
        record[325], record[349] = ord("K"), ord("A")
        out += record
    return bytes(out)


def _header(length: int, kind: int, instrument: int, time_ns: int) -> bytes:
    return struct.pack("<BBHIQ", length // 4, kind, 1, instrument, time_ns)


def _metadata(schema: int, instruments: Iterable[Instrument], span: tuple[int, int], day: int) -> bytes:
    """Return a header of version 1, which maps each symbol to its number."""
    listed = list(instruments)
    head = struct.pack("<16sHQQQQBBB", b"OMNI.GENERATED", schema, span[0], span[1], 0, 0, 1, 0, 0)
    body = head + bytes(47) + struct.pack("<I", 0) + struct.pack("<I", len(listed))
    body += b"".join(_symbol(one.symbol) for one in listed) + struct.pack("<II", 0, 0)
    body += struct.pack("<I", len(listed))
    for one in listed:
        body += _symbol(one.symbol) + struct.pack("<III", 1, day, day + 1) + _symbol(str(one.id))
    return b"DBN\x01" + struct.pack("<I", len(body)) + body


def _symbol(text: str) -> bytes:
    return text.encode().ljust(22, b"\0")
