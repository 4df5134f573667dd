"""A message to a channel of Slack, by an incoming webhook: Block Kit within its limits.

Names stand only in plain texts, in which Slack knows no markup and no emoji; with & < > escaped they
can mention nobody either. Only the link, which is ours, is markup.
"""

from __future__ import annotations

import json
import re

from alerts import post
from alerts.messages import Message
from settings.alerts import Slack

HEADER, TEXT, SECTIONS = 150, 3000, 45  # letters, and sections: a message has 50 blocks at most
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_HALF = re.compile(r"&[a-z]*$")  # an escape that was cut in two
_CURE = "Where the webhook or its channel is gone, make a new one and set {}"


def payload(message: Message) -> dict:
    """The message as Slack wants it."""
    *lines, about = message.texts
    blocks: list[dict] = [{"type": "header", "text": _plain(message.title, HEADER)}]
    blocks += [{"type": "section", "text": _plain(text, TEXT)} for text in _joined(lines)]
    end = [_plain(about, TEXT)]
    if message.link:
        end.append({"type": "mrkdwn", "text": f"<{_address(message.link)}|Open the dashboard>"})
    blocks.append({"type": "context", "elements": end})
    # What a notification shows. It is no plain text: nothing in it is markup either.
    fallback = _cut(message.title, TEXT)
    return {"text": fallback, "mrkdwn": False, "link_names": False, "unfurl_links": False,
            "unfurl_media": False, "blocks": blocks}  # fmt: skip


def send(way: Slack, message: Message) -> str:
    """Send it; "" as all went well. Raises NotSent, Unsure, Refused."""
    url = post.address(way.address)
    body = json.dumps(payload(message)).encode()
    answer = post.post(url, body, {"Content-Type": "application/json; charset=utf-8"})
    # A page of a proxy with status 200 is no Slack.
    post.judged(answer, answer.status == 200 and answer.text == "ok", _CURE.format(way.address))
    return ""


def _joined(lines: list[str]) -> list[str]:
    """Lines as few texts: as many together as fit into a section."""
    found: list[str] = []
    for line in lines:
        both = f"{found[-1]}\n{line}" if found else line
        if found and len(both.translate(_ESCAPED)) <= TEXT:
            found[-1] = both
        else:
            found.append(line)
    return found[:SECTIONS]


def _plain(text: str, most: int) -> dict:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _cut(text: str, most: int) -> str:
    """A text escaped, no longer than that, and no escape cut in two."""
    escaped = text.translate(_ESCAPED)
    return escaped if len(escaped) <= most else _HALF.sub("", escaped[: most - 1]) + "…"


def _address(url: str) -> str:
    return url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
