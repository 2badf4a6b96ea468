"""Serves the registers of a plan in a file with pymodbus, over Modbus TCP, until it is stopped.

Plan: {"port", "units": {"1": {"holding": {"100": 5}, "input": {}, "coil": {}, "discrete": {}}}}
"""

import json
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartTcpServer


def block(words):
    # An empty sparse block is refused; this address is beyond what anybody asks.
    return ModbusSparseDataBlock({int(address): value for address, value in words.items()} or {65535: 0})


plan = json.load(open(sys.argv[1]))
slaves = {
    int(unit): ModbusSlaveContext(
        hr=block(tables["holding"]),
        ir=block(tables["input"]),
        co=block(tables["coil"]),
        di=block(tables["discrete"]),
        zero_mode=True,
    )
    for unit, tables in plan["units"].items()
}
StartTcpServer(context=ModbusServerContext(slaves=slaves, single=False), address=("127.0.0.1", plan["port"]))
