"""A message to any other program: JSON, signed as Standard Webhooks (standardwebhooks.com) lay down.

The signature is of the message's id, the second in which it left and the body, so that nobody else
can have sent it, and one that was recorded can be told by its time. Its id is the same in a repeat.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time

from alerts import post
from alerts.messages import Message
from alerts.trouble import NotSent
from settings.alerts import Webhook

SHORTEST = 16  # letters of a key


def payload(message: Message) -> dict:
    """The message as it is."""
    data = {"title": message.title, "lines": message.lines, "link": message.link or None,
            "about": message.about, "may_be_a_repeat": message.again}  # fmt: skip
    return {"type": message.kind, "timestamp": message.at.isoformat(), "data": data}


def send(way: Webhook, message: Message) -> str:
    """Send it; "" as all went well. Raises NotSent, Unsure, Refused."""
    url, key = post.address(way.address), post.secret(way.key)
    body = json.dumps(payload(message), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **signed(message, body, key, way.key)}
    answer = post.post(url, body, headers, secrets=[key])
    cure = f"Correct {way.address} or {way.key}, or what it leads to"
    post.judged(answer, 200 <= answer.status < 300, cure)
    return ""


def signed(message: Message, body: bytes, key: str, variable: str) -> dict[str, str]:
    """The headers of a signed message. A key that begins with whsec_ is base64, any other its own
    letters. Raises NotSent for one that is too short, naming only its variable."""
    if len(key) < SHORTEST:
        raise NotSent(f"{variable} holds fewer than {SHORTEST} letters: set a longer key")
    try:
        plain = base64.b64decode(key[6:], validate=True) if key[:6] == "whsec_" else key.encode()
    except binascii.Error:
        raise NotSent(f"{variable} begins with whsec_ and is no base64: correct it") from None
    told, at = f"valuestream_{message.id}", str(int(time.time()))
    content = f"{told}.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(plain, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": told, "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
