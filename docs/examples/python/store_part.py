"""A small store that does the gateway's part of aisle.sync.v1 against a hub: it tells its events and answers commands.

    python3 store_part.py --store 9521321000018 --database store.sqlite --deliver 9521321001039:12
    python3 store_part.py --store 9521321000018 --database store.sqlite --hub hub.example.net:50051 \\
        --key identity/store.key --certificate identity/store.pem --trust identity/authority.pem

A second start with the same database goes on where the first one ended, however that ended.
"""

import argparse
import queue
import threading
import time

import contract  # noqa: F401  (generates and exposes the modules below)
import grpc
from aisle.sync.v1 import sync_pb2, sync_pb2_grpc
from connection import add_options, explain, open_channel
from store_log import StoreLog

BATCH_EVENTS = 100
WINDOW_BATCHES = 4
HEARTBEAT_S = 15
SILENCE_S = 45
RETRY_S = 1


class Session:
    """One stream, from Hello to its end."""

    def __init__(self, log, store, faults):
        self._log = log
        self._store = store
        self._faults = faults
        self._requests = queue.SimpleQueue()
        self._under_way = []
        self._sent = None
        self.answered = 0

    def run(self, stub, wanted):
        """Talks until the stream ends, or until everything is acknowledged and `wanted` commands were answered."""
        self._say(hello=self._hello())
        responses = stub.Sync(iter(self._requests.get, None))
        heard = queue.SimpleQueue()
        threading.Thread(target=listen, args=(responses, heard), daemon=True).start()
        beat_at, silent_at = time.monotonic() + HEARTBEAT_S, time.monotonic() + SILENCE_S
        try:
            while self._sent is None or self._log.acked() < self._log.last() or self.answered < wanted:
                try:
                    response = heard.get(timeout=max(0, min(beat_at, silent_at) - time.monotonic()))
                except queue.Empty:
                    if time.monotonic() >= silent_at:
                        raise TimeoutError("nothing was heard for 45 s")
                    self._heartbeat()
                    beat_at = time.monotonic() + HEARTBEAT_S
                    continue
                if isinstance(response, grpc.RpcError):
                    raise response
                silent_at = time.monotonic() + SILENCE_S
                self._hear(response)
                self._pump()
        finally:
            self._requests.put(None)
            responses.cancel()

    def _say(self, **body):
        self._requests.put(sync_pb2.SyncRequest(**body))

    def _hello(self):
        log, first = self._log, 1 if self._log.last() else 0
        return sync_pb2.Hello(
            store_gln=self._store, epoch=log.epoch(), version="python", last_seq=log.last(),
            first_unacked_seq=log.acked() + 1, first_kept_seq=first,
        )

    def _heartbeat(self):
        beat = sync_pb2.Heartbeat(health=sync_pb2.StoreHealth(pending_events=self._log.last() - self._log.acked()))
        beat.sent_time.GetCurrentTime()
        self._say(heartbeat=beat)

    def _hear(self, response):
        kind = response.WhichOneof("body")
        if kind == "welcome":
            acked = response.welcome.acked_seq
            if not self._log.knows(acked, response.welcome.acked_digest):
                self._log.renew()
                raise ConnectionResetError("the hub knows another log; this one has a new epoch now")
            self._log.acknowledge(acked)
            self._sent = acked
            print(f"welcome: the hub holds {acked} of {self._log.last()} events", flush=True)
        elif kind == "ack":
            self._log.acknowledge(response.ack.acked_seq)
            self._under_way = [last for last in self._under_way if last > response.ack.acked_seq]
            for rejected in response.ack.rejected:
                print(f"event {rejected.seq} was put aside: {rejected.reason}", flush=True)
        elif kind == "gap":
            print(f"gap: the hub expects event {response.gap.expected_seq}", flush=True)
            self._sent, self._under_way = response.gap.expected_seq - 1, []
        elif kind == "command":
            result = self._log.carry_out(response.command)
            self._say(command_result=result)
            print(f"command {result.request_id}: {sync_pb2.CommandStatus.Name(result.status)}", flush=True)
            self.answered += 1

    def _pump(self):
        while self._sent is not None and len(self._under_way) < WINDOW_BATCHES:
            events = self._log.read(self._sent, BATCH_EVENTS)
            if not events:
                return
            batch = sync_pb2.EventBatch(first_seq=events[0].seq, events=events)
            self._sent = events[-1].seq
            self._under_way.append(self._sent)
            # On purpose, to see what the hub makes of it: a batch that never arrives, and one that arrives twice.
            if self._faults.pop("skip", False):
                continue
            for _ in range(2 if self._faults.pop("twice", False) else 1):
                self._say(events=batch)


def listen(responses, heard):
    try:
        for response in responses:
            heard.put(response)
        heard.put(ConnectionResetError("the hub closed the stream"))
    except grpc.RpcError as error:
        heard.put(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--store", required=True, help="the store's GLN, 13 digits")
    parser.add_argument("--database", required=True, help="a SQLite file")
    parser.add_argument("--deliver", action="append", default=[], metavar="GTIN:UNITS")
    parser.add_argument("--times", type=int, default=1, help="each delivery so many times")
    parser.add_argument("--commands", type=int, default=0, help="stay until so many were answered")
    parser.add_argument("--fault", action="append", default=[], choices=["skip", "twice"], help="do this once on purpose")
    options = parser.parse_args()
    log = StoreLog(options.database)
    for _ in range(options.times):
        for gtin, units in (each.split(":") for each in options.deliver):
            log.deliver(gtin.zfill(14), int(units))
    faults, wanted = dict.fromkeys(options.fault, True), options.commands
    with open_channel(options) as channel:
        stub = sync_pb2_grpc.SyncServiceStub(channel)
        while True:
            try:
                Session(log, options.store, faults).run(stub, wanted)
                break
            except grpc.RpcError as error:
                if error.code() in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT):
                    raise SystemExit(explain(error))
                print(explain(error), flush=True)
            except OSError as error:
                print(error, flush=True)
            time.sleep(RETRY_S)
    print(f"done: {log.acked()} of {log.last()} events are acknowledged", flush=True)


if __name__ == "__main__":
    main()
