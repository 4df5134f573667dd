"""A message to a channel of Microsoft Teams: an adaptive card for a workflow that begins when a webhook
request is received.

Names stand only in runs of rich text, in which cards know no Markdown; what would be a date's function
is broken up, and without an entity of its own nothing in a card mentions anybody.
"""

from __future__ import annotations

import json

from alerts import post
from alerts.messages import Message
from alerts.trouble import NotSent
from settings.alerts import Teams

MOST, LINE = 26_000, 2000  # bytes of a card, of which Teams takes 28 KB, and letters of a text
_OFF = "WorkflowTriggerIsNotEnabled"
_CURE = "Where the workflow is off or gone, turn it on, or make a new one and set {}"


def payload(message: Message) -> dict:
    """The message as Teams wants it, with as many of its lines as fit."""
    *lines, about = message.texts
    told = _card(message, [*lines, about])
    while len(json.dumps(told).encode()) > MOST and lines:
        lines = lines[: len(lines) // 2]
        told = _card(message, [*lines, "More did not fit.", about])
    return told


def _card(message: Message, texts: list[str]) -> dict:
    *lines, about = texts
    body = [_text(message.title, size="Large", weight="Bolder"), *map(_text, lines)]
    body.append(_text(about, isSubtle=True, size="Small"))
    actions = [{"type": "Action.OpenUrl", "title": "Open the dashboard", "url": message.link}]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
        "version": "1.4", "body": body, "actions": actions if message.link else [],
        "msteams": {"width": "Full"},
    }  # fmt: skip
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def send(way: Teams, message: Message) -> str:
    """Send it; "" as all went well. Raises NotSent, Unsure, Refused."""
    url = post.address(way.address)
    body = json.dumps(payload(message)).encode()
    answer = post.post(url, body, {"Content-Type": "application/json"})
    # A workflow says 202 with nothing in it; 200 where it was built to answer.
    cure = _CURE.format(way.address)
    if answer.status == 400 and _OFF in answer.text:
        raise NotSent(f"answered 400: {answer.text}. {cure}")  # not the message is wrong
    post.judged(answer, answer.status in (200, 202), cure)
    return ""


def _text(text: str, **look: object) -> dict:
    """A text letter for letter: a run knows no Markdown, and {{DATE(…)}} only in one piece."""
    text = text if len(text) <= LINE else f"{text[: LINE - 1]}…"
    run = {"type": "TextRun", "text": text.replace("{{", "{\u2060{"), **look}
    return {"type": "RichTextBlock", "inlines": [run]}
