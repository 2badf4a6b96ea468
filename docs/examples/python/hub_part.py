"""A receiver that does the cloud's part of aisle.sync.v1: stores every event once and acknowledges what it stored.

    python3 hub_part.py --listen 127.0.0.1:50051 --database events.sqlite
"""

import argparse
import signal
import sqlite3
import threading
from collections import Counter
from concurrent import futures

import contract  # noqa: F401  (generates and exposes the modules below)
import grpc
from aisle.sync.v1 import event_pb2, sync_pb2, sync_pb2_grpc

TABLE = """
CREATE TABLE IF NOT EXISTS event (
  store TEXT, epoch TEXT, seq INTEGER, type TEXT, body BLOB, PRIMARY KEY (store, epoch, seq)
)"""


class Events:
    """The events of all stores, each once."""

    def __init__(self, path):
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(TABLE)
        self._lock = threading.Lock()

    def acked_seq(self, store, epoch):
        """There are no gaps, so the highest number says it all."""
        query = "SELECT coalesce(max(seq), 0) FROM event WHERE store = ? AND epoch = ?"
        with self._lock:
            return self._database.execute(query, (store, epoch)).fetchone()[0]

    def add(self, store, epoch, events):
        """Returns how many were new. They are on the disk when it returns."""
        rows = [
            (store, epoch, event.seq, event.WhichOneof("body") or "unknown", event.SerializeToString())
            for event in events
        ]
        with self._lock, self._database:
            insert = "INSERT INTO event VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
            return self._database.executemany(insert, rows).rowcount

    def summary(self):
        with self._lock:
            logs = self._database.execute(
                "SELECT store, epoch, count(*), max(seq) FROM event GROUP BY store, epoch"
            ).fetchall()
            return [(*log, *self._detail(log[0], log[1])) for log in logs]

    def _detail(self, store, epoch):
        """Events by type, and the stock: the sum of all movements."""
        types, stock = Counter(), Counter()
        query = "SELECT type, body FROM event WHERE store = ? AND epoch = ?"
        for kind, body in self._database.execute(query, (store, epoch)):
            types[kind] += 1
            if kind == "movement":
                movement = event_pb2.Event.FromString(body).movement
                stock[movement.gtin, place(movement.from_place)] -= movement.quantity
                stock[movement.gtin, place(movement.to_place)] += movement.quantity
        return types, stock


def place(wire):
    word = event_pb2.PlaceKind.Name(wire.kind).removeprefix("PLACE_KIND_").lower()
    return f"shelf:{wire.facing}" if wire.kind == event_pb2.PLACE_KIND_SHELF else word


class SyncService(sync_pb2_grpc.SyncServiceServicer):
    def __init__(self, events):
        self._events = events

    def Sync(self, request_iterator, context):
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("body") != "hello":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the first message must be hello")
        store, epoch = first.hello.store_gln, first.hello.epoch
        acked = self._events.acked_seq(store, epoch)
        print(f"store {store} is here, log {epoch}: we hold {acked} of {first.hello.last_seq} events", flush=True)
        yield sync_pb2.SyncResponse(welcome=sync_pb2.Welcome(acked_seq=acked))
        for request in request_iterator:
            kind = request.WhichOneof("body")
            if kind == "events":
                batch = request.events
                if batch.first_seq > acked + 1:
                    yield sync_pb2.SyncResponse(gap=sync_pb2.Gap(expected_seq=acked + 1))
                    continue
                self._events.add(store, epoch, batch.events)
                acked = max(acked, batch.first_seq + len(batch.events) - 1)
                yield sync_pb2.SyncResponse(ack=sync_pb2.Ack(acked_seq=acked))
            elif kind == "heartbeat":
                yield sync_pb2.SyncResponse(heartbeat=sync_pb2.Heartbeat(sent_time=request.heartbeat.sent_time))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:50051")
    parser.add_argument("--database", default=":memory:", help="a SQLite file; in memory without it")
    options = parser.parse_args()
    events = Events(options.database)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    sync_pb2_grpc.add_SyncServiceServicer_to_server(SyncService(events), server)
    if not server.add_insecure_port(options.listen):
        raise SystemExit(f"{options.listen} is in use")
    server.start()
    print(f"waiting for stores on {options.listen}; Ctrl-C prints what came", flush=True)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()
    server.stop(grace=1).wait()
    for store, epoch, count, last, types, stock in events.summary():
        print(f"store {store}, log {epoch}: {count} events, last {last}")
        for kind, number in types.most_common():
            print(f"  {number:8} {kind}")
        for (gtin, where), units in sorted(stock.items()):
            if units:
                print(f"  {gtin} {where:16} {units:6}")


if __name__ == "__main__":
    main()
