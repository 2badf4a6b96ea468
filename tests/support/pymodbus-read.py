"""Reads what the plan in a file asks for with pymodbus and prints what it got, both as JSON.

Plan: {"framing": "mbap" | "rtu" | "serial", "host", "port" or "path", "baud",
       "reads": [{"unit", "table", "address", "count", "type"?, "words"?}]}
Answer: one entry per read: {"raw": [...], "number": ...?} or {"error": "..."}.
"""

import json
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.constants import Endian
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.payload import BinaryPayloadDecoder

DECODE = {
    "u16": "decode_16bit_uint",
    "s16": "decode_16bit_int",
    "u32": "decode_32bit_uint",
    "s32": "decode_32bit_int",
    "f32": "decode_32bit_float",
    "u64": "decode_64bit_uint",
    "s64": "decode_64bit_int",
    "f64": "decode_64bit_float",
}


def connect(plan):
    if plan["framing"] == "serial":
        return ModbusSerialClient(plan["path"], baudrate=plan["baud"], timeout=2)
    if plan["framing"] == "rtu":
        return ModbusTcpClient(plan["host"], port=plan["port"], framer=ModbusRtuFramer, timeout=2)
    return ModbusTcpClient(plan["host"], port=plan["port"], timeout=2)


def read(client, wanted):
    ask = {
        "holding": client.read_holding_registers,
        "input": client.read_input_registers,
        "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }[wanted["table"]]
    answer = ask(wanted["address"], count=wanted["count"], slave=wanted["unit"])
    if answer.isError():
        return {"error": str(answer)}
    if wanted["table"] in ("coil", "discrete"):
        return {"raw": [int(bit) for bit in answer.bits[: wanted["count"]]]}
    result = {"raw": answer.registers}
    if wanted.get("type") in DECODE:
        order = Endian.Little if wanted.get("words") == "little" else Endian.Big
        decoder = BinaryPayloadDecoder.fromRegisters(answer.registers, byteorder=Endian.Big, wordorder=order)
        result["number"] = getattr(decoder, DECODE[wanted["type"]])()
    return result


plan = json.load(open(sys.argv[1]))
client = connect(plan)
if not client.connect():
    sys.exit("no connection")
json.dump([read(client, wanted) for wanted in plan["reads"]], sys.stdout)
client.close()
