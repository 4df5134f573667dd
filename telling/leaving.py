"""How a text leaves: without secrets, and with every letter that a terminal would obey made visible."""

from __future__ import annotations

import logging
import re
import traceback

from settings.redaction import redacted

# Control characters move the cursor, set the title, fill the clipboard; marks of direction show
# letters in another order; line separators and halves of a pair break a file.
COMMANDS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str, keep: str = "") -> str:
    r"""A text in which such letters are written as in a program, like \x1b, but for those to keep."""
    return COMMANDS.sub(lambda found: found[0] if found[0] in keep else _written(found[0]), text)


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def in_json(text: str) -> str:
    r"""JSON that says the same, with such letters as \u009b; those that JSON allows raw are in texts."""
    return COMMANDS.sub(lambda m: m[0] if m[0] in "\n" else f"\\u{ord(m[0]):04x}", text)


def said(text: str) -> str:
    """What is said to a person, in lines: without secrets, all letters visible."""
    return visible(redacted(text), keep="\n")


class Record(logging.LogRecord):
    """A line of a log as it may leave, whichever library writes it, with its traceback."""

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        if self.exc_info and self.exc_info[0]:
            self.exc_text = said("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))

    def getMessage(self) -> str:
        return said(super().getMessage())


def logs() -> None:
    """From now on every line of every log is a Record."""
    logging.setLogRecordFactory(Record)
