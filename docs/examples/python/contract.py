"""Generates the Python code of Aisle's contract into a temporary folder and makes it importable.

A real project would run protoc once and commit or package the result.
"""

import pathlib
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[3] / "proto"
# The files of google.protobuf.Timestamp and others, as the tools bring them.
WELL_KNOWN = pathlib.Path(grpc_tools.__file__).parent / "_proto"

_folder = tempfile.TemporaryDirectory(prefix="aisle-contract-")
_files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
_includes = [f"--proto_path={PROTO}"]
if WELL_KNOWN.is_dir():
    _includes.append(f"--proto_path={WELL_KNOWN}")
else:
    _includes.append("--proto_path=/usr/include")

if protoc.main(
    ["protoc", *_includes, f"--python_out={_folder.name}", f"--grpc_python_out={_folder.name}", *_files]
):
    raise SystemExit("the contract could not be compiled; is python3-grpc-tools installed?")
sys.path.insert(0, _folder.name)
