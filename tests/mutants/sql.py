"""Small faults in SQL: operators, constants, dropped filters. DuckDB itself tells what is code and
what a comment or a string, and whether what comes out is still SQL."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import duckdb

from mutants import mutant

# A word or sign, and what takes its place; "" leaves it out.
SWAPPED = {
    "<": ["<=", ">"], "<=": ["<", ">="], ">": [">=", "<"], ">=": [">", "<="],
    "=": ["<>"], "<>": ["="], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"],
    "and": ["or"], "or": ["and"], "true": ["false"], "false": ["true"],
    "asc": ["desc"], "desc": ["asc"], "not": [""], "distinct": [""],
}  # fmt: skip
# Functions, told from columns by the bracket that follows.
CALLED = {
    "min": "max", "max": "min", "arg_min": "arg_max", "arg_max": "arg_min", "lag": "lead",
    "lead": "lag", "greatest": "least", "least": "greatest", "first": "last", "last": "first",
    "bool_and": "bool_or", "bool_or": "bool_and", "floor": "ceil", "ceil": "floor",
}  # fmt: skip
PAIRS = {("left", "join"): "left", ("union", "all"): "all"}  # which of the two words goes
# What ends a condition.
ENDS = {
    "and", "or", "where", "group", "order", "window", "qualify", "having", "limit", "union", "then",
    "else", "when", "end", "as", "from", "join", "left", "asof", "on", "using", "select", ",", ";",
    ")",
}  # fmt: skip


class Token(NamedTuple):
    """A word, number or sign of the code, in small letters, and where it lies."""

    text: str
    start: int
    end: int
    is_code: bool


class Change(NamedTuple):
    """What replaces the text from start to end."""

    start: int
    end: int
    text: str


def mutants(file: str, sql: str) -> Iterator[mutant.Mutant]:
    """Every mutant of a file of SQL that DuckDB can still read."""
    for change in changes(sql):
        new = sql[: change.start] + change.text + sql[change.end :]
        if _reads(new):
            column = change.start - sql.rfind("\n", 0, change.start) - 1
            yield mutant.of(file, sql, new, column)


def changes(sql: str) -> Iterator[Change]:
    """Every change we know of, also some that DuckDB could not read."""
    tokens = list(_tokens(sql))
    for n, token in enumerate(tokens):
        if token.is_code:
            yield from _swaps(tokens, n)
            yield from _dropped(tokens, n)


def _tokens(sql: str) -> Iterator[Token]:
    """The code without its comments; a string stands as one token that is no code."""
    found = duckdb.tokenize(sql)
    ends = [start for start, _ in found[1:]] + [len(sql)]
    for (start, kind), end in zip(found, ends, strict=True):
        text = sql[start:end].rstrip()
        if kind != duckdb.token_type.comment:
            is_code = kind != duckdb.token_type.string_const
            yield Token(text.lower(), start, start + len(text), is_code)


def _swaps(tokens: list[Token], n: int) -> Iterator[Change]:
    """One word, sign or number in the place of another."""
    token, after = tokens[n], tokens[n + 1].text if n + 1 < len(tokens) else ""
    if token.text in SWAPPED and (token.text != "*" or _multiplies(tokens, n)):
        for text in SWAPPED[token.text]:
            yield Change(token.start, token.end, text)
    if token.text in CALLED and after == "(":
        yield Change(token.start, token.end, CALLED[token.text])
    if goes := PAIRS.get((token.text, after)):
        gone = token if goes == token.text else tokens[n + 1]
        yield Change(gone.start, gone.end, "")
    if token.text[0].isdigit():
        for number in {Decimal(token.text) + 1, Decimal(0), Decimal(1)} - {Decimal(token.text)}:
            if number != 1 or Decimal(token.text) == 0:
                yield Change(token.start, token.end, str(number))


def _multiplies(tokens: list[Token], n: int) -> bool:
    """Whether a star stands between two numbers, not for all columns or rows."""
    before, after = tokens[n - 1].text, tokens[n + 1].text
    return (before[-1].isalnum() or before == ")") and (after[0].isalnum() or after == "(") and (
        before not in ("select", "distinct", "all") and after not in ENDS
    )  # fmt: skip


def _dropped(tokens: list[Token], n: int) -> Iterator[Change]:
    """A filter, a condition or a last resort that is not there."""
    token, after = tokens[n], tokens[n + 1].text if n + 1 < len(tokens) else ""
    if token.text == "filter" and after == "(":
        yield Change(token.start, tokens[_end(tokens, n + 2, {")"})].end, "")
    elif token.text == "coalesce" and after == "(":
        closed = _end(tokens, n + 2, {")"})
        comma = last = n + 2
        while (comma := _end(tokens, comma + 1, {",", ")"})) < closed:
            last = comma
        if last > n + 2:
            yield Change(tokens[last].start, tokens[closed].start, "")
    elif token.text == "and":
        yield Change(token.start, tokens[_end(tokens, n + 1, ENDS) - 1].end, "")
    elif token.text == "where":
        end = _end(tokens, n + 1, ENDS)
        if end < len(tokens) and tokens[end].text == "and":
            yield Change(tokens[n + 1].start, tokens[end].end, "")
        else:
            yield Change(token.start, tokens[end - 1].end, "")


def _end(tokens: list[Token], n: int, ends: set[str]) -> int:
    """The next token from n on that is one of these, outside all brackets opened since."""
    depth, between = 0, False
    while n < len(tokens):
        text = tokens[n].text
        if not depth and text in ends and not (between and text == "and"):
            break
        depth += (text in "([") - (text in ")]")
        # The next "and" after "between" is its own.
        between = text == "between" or (between and (depth > 0 or text != "and"))
        n += 1
    return n


def _reads(sql: str) -> bool:
    try:
        return bool(duckdb.extract_statements(sql))
    except duckdb.ParserException:
        return False
