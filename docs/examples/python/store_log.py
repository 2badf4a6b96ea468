"""The log of a small store in SQLite: its events, its stock, what it promised, and how far the hub has answered."""

import hashlib
import sqlite3
import time
import uuid

import contract  # noqa: F401  (generates and exposes the modules below)
from aisle.sync.v1 import event_pb2, sync_pb2
from events import digest_of

TABLES = """
CREATE TABLE IF NOT EXISTS meta (epoch TEXT, acked INTEGER);
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB);
CREATE TABLE IF NOT EXISTS backroom (gtin TEXT PRIMARY KEY, units INTEGER, held INTEGER);
CREATE TABLE IF NOT EXISTS command (request_id TEXT PRIMARY KEY, content BLOB, result BLOB);
"""


class StoreLog:
    """Whatever a method has done is on the disk when it returns, so that a crash takes nothing that was said of it."""

    def __init__(self, path):
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(TABLES)
        if not self._database.execute("SELECT 1 FROM meta").fetchone():
            with self._database:
                self._database.execute("INSERT INTO meta VALUES (?, 0)", (str(uuid.uuid4()),))

    def epoch(self):
        return self._database.execute("SELECT epoch FROM meta").fetchone()[0]

    def acked(self):
        return self._database.execute("SELECT acked FROM meta").fetchone()[0]

    def last(self):
        return self._database.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]

    def acknowledge(self, seq):
        with self._database:
            self._database.execute("UPDATE meta SET acked = max(acked, ?)", (seq,))

    def renew(self):
        """Another log than the hub knows: it gets a name of its own, and is told from its beginning."""
        with self._database:
            self._database.execute("UPDATE meta SET epoch = ?, acked = 0", (str(uuid.uuid4()),))

    def read(self, after, limit):
        query = "SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        return [event_of(*row) for row in self._database.execute(query, (after, limit))]

    def knows(self, seq, digest):
        """Whether the hub's last event of this log is ours: a copy of a database that was put back may have gone on otherwise."""
        if seq > self.last():
            return False
        return not digest or digest_of(self.read(seq - 1, 1)[0]) == digest

    def deliver(self, gtin, units):
        """Goods come to the back door."""
        supplier = event_pb2.Place(kind=event_pb2.PLACE_KIND_SUPPLIER)
        backroom = event_pb2.Place(kind=event_pb2.PLACE_KIND_BACKROOM)
        cause, key = event_pb2.MOVEMENT_CAUSE_DELIVERY, str(uuid.uuid4())
        movement = event_pb2.Movement(gtin=gtin, from_place=supplier, to_place=backroom, quantity=units, cause=cause)
        movement.confidence = movement.origin_confidence = 1
        movement.evidence.document_key = key
        with self._database:
            add = "INSERT INTO backroom VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET units = units + excluded.units"
            self._database.execute(add, (gtin, units))
            self._append(event_pb2.Event(movement=movement))

    def carry_out(self, command):
        """The result of a command; the same request twice has one effect, and is answered again."""
        body = command.SerializeToString(deterministic=True)
        # A repeat may have another time after which it is not wanted any more.
        content = sync_pb2.Command.FromString(body)
        content.ClearField("expires_time")
        digest = hashlib.sha256(content.SerializeToString(deterministic=True)).digest()
        query = "SELECT content, result FROM command WHERE request_id = ?"
        known = self._database.execute(query, (command.request_id,)).fetchone()
        if known and known[0] != digest:
            return refused(command, sync_pb2.FAILURE_CODE_CONFLICT, "request_id was used for another command")
        if known:
            return sync_pb2.CommandResult.FromString(known[1])
        if command.expires_time.ToSeconds() and command.expires_time.ToNanoseconds() <= time.time_ns():
            failure = sync_pb2.CommandFailure(code=sync_pb2.FAILURE_CODE_EXPIRED, message="it came too late")
            status = sync_pb2.COMMAND_STATUS_EXPIRED
            return sync_pb2.CommandResult(request_id=command.request_id, status=status, failure=failure)
        if command.WhichOneof("body") != "reserve":
            return refused(command, sync_pb2.FAILURE_CODE_UNSUPPORTED, "this store only reserves")
        with self._database:
            result = self._reserve(command)
            keep = "INSERT INTO command VALUES (?, ?, ?)"
            self._database.execute(keep, (command.request_id, digest, result.SerializeToString()))
        return result

    def _reserve(self, command):
        """All lines are held, or none."""
        wanted = command.reserve
        for line in wanted.lines:
            query = "SELECT units - held FROM backroom WHERE gtin = ?"
            row = self._database.execute(query, (line.gtin.zfill(14),)).fetchone()
            free = row[0] if row else 0
            if line.quantity > free:
                why = f"only {free} of {line.gtin} are free, not {line.quantity}"
                return refused(command, sync_pb2.FAILURE_CODE_INSUFFICIENT, why)
        lines = [event_pb2.Line(gtin=line.gtin.zfill(14), quantity=line.quantity) for line in wanted.lines]
        for line in lines:
            hold = "UPDATE backroom SET held = held + ? WHERE gtin = ?"
            self._database.execute(hold, (line.quantity, line.gtin))
        state = event_pb2.RESERVATION_STATE_PENDING
        reservation = event_pb2.Reservation(
            reservation_id=wanted.reservation_id, key=command.request_id, state=state, lines=lines
        )
        self._append(event_pb2.Event(reservation=reservation))
        done = sync_pb2.COMMAND_STATUS_DONE
        return sync_pb2.CommandResult(request_id=command.request_id, status=done, reservation=reservation)

    def _append(self, event):
        event.event_time.GetCurrentTime()
        event.received_time.CopyFrom(event.event_time)
        self._database.execute("INSERT INTO event (body) VALUES (?)", (event.SerializeToString(),))


def event_of(seq, body):
    event = event_pb2.Event.FromString(body)
    event.seq = seq
    return event


def refused(command, code, message):
    failure = sync_pb2.CommandFailure(code=code, message=message)
    status = sync_pb2.COMMAND_STATUS_REFUSED
    return sync_pb2.CommandResult(request_id=command.request_id, status=status, failure=failure)
