"""The events of all stores, each once, and the stock that follows from them, in SQLite."""

import hashlib
import sqlite3
import threading
from collections import Counter

import contract  # noqa: F401  (generates and exposes the modules below)
from aisle.sync.v1 import event_pb2, snapshot_pb2

TABLES = """
CREATE TABLE IF NOT EXISTS watermark (store TEXT, epoch TEXT, acked INTEGER, PRIMARY KEY (store, epoch));
CREATE TABLE IF NOT EXISTS event (
  store TEXT, epoch TEXT, seq INTEGER, type TEXT, body BLOB, PRIMARY KEY (store, epoch, seq));
CREATE TABLE IF NOT EXISTS put_aside (
  store TEXT, epoch TEXT, seq INTEGER, reason TEXT, body BLOB, PRIMARY KEY (store, epoch, seq));
CREATE TABLE IF NOT EXISTS snapshot_part (
  store TEXT, epoch TEXT, as_of INTEGER, part INTEGER, body BLOB, PRIMARY KEY (store, epoch, part));
"""


class Events:
    """A log is (store, epoch). Whatever a method has taken is on the disk when it returns."""

    def __init__(self, path):
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(TABLES)
        self._lock = threading.Lock()

    def held(self, log):
        """Up to where everything is here, and what tells that event from another with its number."""
        with self._lock:
            acked = self._acked(log)
            query = "SELECT body FROM event WHERE store = ? AND epoch = ? AND seq = ?"
            row = self._database.execute(query, (*log, acked)).fetchone()
        return acked, digest_of(event_pb2.Event.FromString(row[0])) if row else b""

    def aside(self, log):
        """What is put aside still, lowest first: (seq, reason)."""
        query = "SELECT seq, reason FROM put_aside WHERE store = ? AND epoch = ? ORDER BY seq LIMIT 500"
        with self._lock:
            return self._database.execute(query, log).fetchall()

    def add(self, log, events):
        """Stores what joins on and is new. Returns what could not be used: (seq, reason)."""
        with self._lock, self._database:
            acked = self._acked(log)
            fresh = [event for event in events if event.seq > acked]
            rejected = [(event, reason) for event in fresh if (reason := unfitness(event))]
            unfit = {event.seq for event, _ in rejected}
            self._insert(log, [event for event in fresh if event.seq not in unfit])
            self._database.executemany(
                "INSERT OR REPLACE INTO put_aside VALUES (?, ?, ?, ?, ?)",
                [(*log, event.seq, reason, event.SerializeToString()) for event, reason in rejected],
            )
            self._move(log, last_seq_of(events[-1]))
        return [(event.seq, reason) for event, reason in rejected]

    def replace(self, log, parts):
        """The state at one event instead of all before it. Returns its number."""
        as_of = parts[0].as_of_seq
        with self._lock, self._database:
            self._database.execute("DELETE FROM snapshot_part WHERE store = ? AND epoch = ?", log)
            self._database.executemany(
                "INSERT INTO snapshot_part VALUES (?, ?, ?, ?, ?)",
                [(*log, as_of, part.part, part.SerializeToString()) for part in parts],
            )
            # The state holds what they did, mended or not.
            self._database.execute("DELETE FROM put_aside WHERE store = ? AND epoch = ? AND seq <= ?", (*log, as_of))
            self._move(log, as_of)
        return as_of

    def replay(self, log, events):
        """Events that were put aside, mended. Returns the numbers that are in the stock now, and the others."""
        rejected = [(event.seq, reason) for event in events if (reason := unfitness(event))]
        unfit = {seq for seq, _ in rejected}
        taken = [event for event in events if event.seq not in unfit]
        with self._lock, self._database:
            query = "DELETE FROM put_aside WHERE store = ? AND epoch = ? AND seq = ?"
            mended = [event for event in taken if self._database.execute(query, (*log, event.seq)).rowcount]
            self._insert(log, mended)
        return [event.seq for event in taken], rejected

    def summary(self):
        with self._lock:
            logs = self._database.execute("SELECT store, epoch, acked FROM watermark ORDER BY store, epoch").fetchall()
            return [self._detail(log) for log in logs]

    def _acked(self, log):
        row = self._database.execute("SELECT acked FROM watermark WHERE store = ? AND epoch = ?", log).fetchone()
        return row[0] if row else 0

    def _move(self, log, seq):
        move = "INSERT INTO watermark VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET acked = max(acked, excluded.acked)"
        self._database.execute(move, (*log, seq))

    def _insert(self, log, events):
        rows = [
            (*log, event.seq, event.WhichOneof("body") or "unknown", event.SerializeToString()) for event in events
        ]
        self._database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def _detail(self, watermark):
        """Events by type, and the stock: the snapshot, if there was one, and all movements behind it."""
        *log, acked = watermark
        types, stock, as_of = Counter(), Counter(), 0
        query = "SELECT as_of, body FROM snapshot_part WHERE store = ? AND epoch = ?"
        for as_of, body in self._database.execute(query, log):
            for item in snapshot_pb2.SnapshotPart.FromString(body).items:
                for entry in item.places:
                    stock[item.gtin, name_of(entry.place)] += entry.quantity
        query = "SELECT seq, type, body FROM event WHERE store = ? AND epoch = ?"
        for seq, kind, body in self._database.execute(query, log):
            types[kind] += 1
            if kind == "movement" and seq > as_of:
                movement = event_pb2.Event.FromString(body).movement
                stock[movement.gtin, name_of(movement.from_place)] -= movement.quantity
                stock[movement.gtin, name_of(movement.to_place)] += movement.quantity
        return (*log, sum(types.values()), acked, types, stock)


def last_seq_of(event):
    """A run of discarded events is one event that stands for several numbers."""
    return event.seq + (max(1, event.discarded.count) - 1 if event.WhichOneof("body") == "discarded" else 0)


def digest_of(event):
    """Welcome.acked_digest; empty for a run, which is not one event."""
    if event.WhichOneof("body") == "discarded":
        return b""
    times = [event.event_time.ToMilliseconds(), event.received_time.ToMilliseconds()]
    return hashlib.sha256("/".join(map(str, [event.seq, *times])).encode()).digest()


def unfitness(event):
    """Why an event would damage the stock; None when it would not."""
    if event.WhichOneof("body") != "movement":
        return None
    movement = event.movement
    if len(movement.gtin) != 14 or not movement.gtin.isdecimal():
        return f'movement.gtin is "{movement.gtin[:40]}", not 14 digits'
    if movement.quantity < 1:
        return f"movement.quantity is {movement.quantity}, not 1 or more"
    return None


def name_of(place):
    word = event_pb2.PlaceKind.Name(place.kind).removeprefix("PLACE_KIND_").lower()
    return f"shelf:{place.facing}" if place.kind == event_pb2.PLACE_KIND_SHELF else word
