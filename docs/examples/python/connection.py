"""How the programs here reach a hub, and what they make of its refusals."""

import pathlib

import contract  # noqa: F401  (generates and exposes the modules below)
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any

DETAILS = "grpc-status-details-bin"


def add_options(parser):
    parser.add_argument("--hub", default="127.0.0.1:50051")
    parser.add_argument("--key", help="PEM of our private key; without it the connection is in the clear")
    parser.add_argument("--certificate", help="PEM of our certificate")
    parser.add_argument("--trust", help="PEM of the authority whose hub is to be believed")


def open_channel(options):
    """In the clear, which a hub allows on its own machine only, or with a certificate."""
    if not options.key:
        return grpc.insecure_channel(options.hub)
    key, chain, root = [pathlib.Path(file).read_bytes() for file in (options.key, options.certificate, options.trust)]
    return grpc.secure_channel(options.hub, grpc.ssl_channel_credentials(root, key, chain))


def explain(error):
    """One line: the status, its reason for programs, the sentence, and whether the same call may be made again."""
    line = f"{error.code().name}: {error.details()}"
    trailer = dict(error.trailing_metadata() or ()).get(DETAILS)
    if trailer is None:
        return line
    for detail in Status.FromString(trailer).details:
        kind = detail.type_url.rsplit(".", 1)[-1]
        if kind == "ErrorInfo":
            info = ErrorInfo.FromString(detail.value)
            line += f" [{info.domain} {info.reason}]"
        elif kind == "RetryInfo":
            line += " (may be repeated)"
    return line


def _messages():
    """google.rpc.Status and ErrorInfo, so that nothing beside gRPC has to be installed."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="aisle_examples_status.proto", package="aisle.examples", syntax="proto3")
    file.dependency.append("google/protobuf/any.proto")
    status = file.message_type.add(name="Status")
    status.field.add(name="code", number=1, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    status.field.add(name="message", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    any_name = f".{Any.DESCRIPTOR.full_name}"
    status.field.add(name="details", number=3, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED, type_name=any_name)
    info = file.message_type.add(name="ErrorInfo")
    info.field.add(name="reason", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    info.field.add(name="domain", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.Default()
    added = pool.Add(file) or pool.FindFileByName(file.name)
    return [class_of(added.message_types_by_name[name]) for name in ("Status", "ErrorInfo")]


def class_of(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory().GetPrototype(descriptor)


Status, ErrorInfo = _messages()
