"""Asks the hub for stock, and can reserve some: a client of aisle.inventory.v1.

    python3 ask_stock.py --gtin 9521321001015
    python3 ask_stock.py --store 9521321000018
    python3 ask_stock.py --store 9521321000018 --gtin 9521321001015 --reserve 2
"""

import argparse
import datetime
import uuid

import contract  # noqa: F401  (generates and exposes the modules below)
import grpc
from aisle.inventory.v1 import inventory_pb2 as inventory
from aisle.inventory.v1 import inventory_pb2_grpc
from aisle.sync.v1 import event_pb2, sync_pb2
from connection import add_options, explain, open_channel

TIMEOUT_S = 5
TRIES = 3


def all_levels(hub, gtin, store):
    token = ""
    while True:
        request = inventory.GetStockRequest(gtin=gtin, store_gln=store, page_token=token)
        page = hub.GetStock(request, timeout=TIMEOUT_S)
        yield from page.levels
        token = page.next_page_token
        if not token:
            return


def reserve(hub, gtin, store, quantity):
    """The request id makes it safe to ask again after a lost answer."""
    hold_until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=15)
    order = sync_pb2.ReserveCommand(
        reservation_id=f"order-{uuid.uuid4()}", lines=[event_pb2.Line(gtin=gtin, quantity=quantity)]
    )
    order.hold_until_time.FromDatetime(hold_until)
    request = inventory.ReserveStockRequest(store_gln=store, request_id=str(uuid.uuid4()), reserve=order)
    for left in reversed(range(TRIES)):
        try:
            return hub.ReserveStock(request, timeout=TIMEOUT_S).reservation
        except grpc.RpcError as error:
            again = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
            if not again or left == 0:
                raise


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--gtin", default="")
    parser.add_argument("--store", default="")
    parser.add_argument("--reserve", type=int, metavar="UNITS")
    options = parser.parse_args()
    hub = inventory_pb2_grpc.InventoryServiceStub(open_channel(options))
    try:
        for store in hub.ListStores(inventory.ListStoresRequest(), timeout=TIMEOUT_S).stores:
            link = "online" if store.online else "offline"
            print(f"store {store.store_gln} {link}: {store.event_count} events of {store.last_seq}")
        if options.reserve:
            held = reserve(hub, options.gtin, options.store, options.reserve)
            print(f"{held.reservation_id}: {event_pb2.ReservationState.Name(held.state)}")
        if options.gtin or options.store:
            print("store         item           shelf  back  cart  held  free  as of")
            for level in all_levels(hub, options.gtin, options.store):
                figures = (level.on_shelf, level.backroom, level.in_cart, level.reserved, level.unreserved)
                columns = " ".join(f"{figure:5}" for figure in figures)
                print(f"{level.store_gln} {level.gtin} {columns}  {level.as_of_seq}")
    except grpc.RpcError as error:
        raise SystemExit(explain(error))


if __name__ == "__main__":
    main()
