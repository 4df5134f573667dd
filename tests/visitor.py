"""A visitor without a browser: Streamlit's own messages over its own WebSocket."""

from __future__ import annotations

from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

SECONDS = 40


def connected(app: str, **headers: str) -> ClientConnection:
    """A connection as a page of the app makes it, with headers of its own."""
    return connect(
        f"ws{app.removeprefix('http')}/_stcore/stream", subprotocols=["streamlit"],
        origin=headers.pop("Origin", app), additional_headers=headers, max_size=None,
    )  # fmt: skip


def shown(connection: ClientConnection, address: str, seconds: float = SECONDS) -> list[ForwardMsg]:
    """All that the server sends when an address is opened (a page and what comes after its ?): of
    one that is begun anew, for something newer came meanwhile, from the last beginning on."""
    place, asked = urlsplit(address), BackMsg()
    asked.rerun_script.query_string = place.query
    asked.rerun_script.page_name = place.path.strip("/")
    connection.send(asked.SerializeToString())
    told = []
    while True:
        message = ForwardMsg.FromString(connection.recv(seconds))
        told.append(message)
        if message.WhichOneof("type") == "script_finished":
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return told
            told = []


def drawn(messages: list[ForwardMsg]) -> list[Element]:
    """The elements of a page, as they came."""
    deltas = [m.delta for m in messages if m.WhichOneof("type") == "delta"]
    return [d.new_element for d in deltas if d.WhichOneof("type") == "new_element"]
