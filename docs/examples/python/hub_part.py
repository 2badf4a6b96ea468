"""A receiver that does the cloud's part of aisle.sync.v1: stores every event once and acknowledges what it stored.

    python3 hub_part.py --listen 127.0.0.1:50051 --database events.sqlite
"""

import argparse
import signal
import threading
from concurrent import futures

import contract  # noqa: F401  (generates and exposes the modules below)
import grpc
from aisle.sync.v1 import sync_pb2, sync_pb2_grpc
from events import Events, last_seq_of


class SyncService(sync_pb2_grpc.SyncServiceServicer):
    def __init__(self, events):
        self._events = events

    def Sync(self, request_iterator, context):
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("body") != "hello":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the first message must be hello")
        log = (first.hello.store_gln, first.hello.epoch)
        acked, digest = self._events.held(log)
        print(f"store {log[0]} is here, log {log[1]}: we hold {acked} of {first.hello.last_seq} events", flush=True)
        rejected = on_wire(self._events.aside(log))
        yield sync_pb2.SyncResponse(welcome=sync_pb2.Welcome(acked_seq=acked, acked_digest=digest, rejected=rejected))
        parts = []
        for request in request_iterator:
            kind = request.WhichOneof("body")
            if kind == "events":
                yield self._take_batch(log, request.events)
            elif kind == "snapshot":
                parts = [*([] if request.snapshot.part == 1 else parts), request.snapshot]
                if len(parts) == request.snapshot.parts:
                    acked = self._events.replace(log, parts)
                    yield sync_pb2.SyncResponse(ack=sync_pb2.Ack(acked_seq=acked))
            elif kind == "replay":
                taken, rejected = self._events.replay(log, request.replay.events)
                result = sync_pb2.ReplayResult(taken_seqs=taken, rejected=on_wire(rejected))
                yield sync_pb2.SyncResponse(replay_result=result)
            elif kind == "heartbeat":
                yield sync_pb2.SyncResponse(heartbeat=sync_pb2.Heartbeat(sent_time=request.heartbeat.sent_time))
            # live_stock is a hint for screens, and command_result has nothing to answer here: no command was sent.

    def _take_batch(self, log, batch):
        acked, _ = self._events.held(log)
        if batch.first_seq > acked + 1:
            return sync_pb2.SyncResponse(gap=sync_pb2.Gap(expected_seq=acked + 1))
        rejected = self._events.add(log, batch.events)
        acked = max(acked, last_seq_of(batch.events[-1]))
        return sync_pb2.SyncResponse(ack=sync_pb2.Ack(acked_seq=acked, rejected=on_wire(rejected)))


def on_wire(rejected):
    return [sync_pb2.RejectedEvent(seq=seq, reason=reason) for seq, reason in rejected]


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
