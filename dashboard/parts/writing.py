"""The form in which notes and promises are written, changed and ended, and who changed what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from dashboard.parts import boxes, signed_in
from dashboard.parts.boxes import node
from dashboard.parts.view import View
from notes import promises, store
from notes.note import STATES, Note, Wrong
from telling import words

NEW = "Something new"
WRITER = "who wrote last"  # in this browser, where nobody signs in
STATE = {"open": "open", **promises.ENDED}
FIELDS = {
    "text": "what is thought", "action": "what is done", "who": "who", "due": "by when",
    "measure": "figure", "state": "state", "kind": "kind",
}  # fmt: skip


def kept(view: View) -> store.Store:
    """Where the notes beside what is shown are."""
    return store.opened(view.publication.file.parent.parent)


def refused(sentence: str) -> dict:
    """A sentence that says why something is not there or was not done."""
    return node("section", "", node("p", sentence), cls="refused")


@st.fragment
def form(view: View, about: Note, items: dict[str, str], notes: list[Note], key: str) -> None:
    """The form, sent when somebody unfolds it; what is typed into it stays until it is saved."""
    saved = st.session_state.setdefault(f"{key} saved", 0)  # after which all of it is new
    first, key = key, f"{key} {about.about} {saved}"
    fold = st.expander("Write a note or a promise, change or end one", key=f"writing {key}",
                       on_change="rerun")  # fmt: skip
    if not fold.open:
        return
    with fold:
        by_id = {note.note: note for note in notes}
        chosen = NEW if not notes else st.selectbox(
            "Which", [NEW, *by_id], format_func=lambda one: _label(by_id.get(one)), key=f"{key} which"
        )  # fmt: skip
        mine = f"{key} {chosen}"
        if f"{mine} text" not in st.session_state:
            # What the writer read, whatever others save in the meantime: a change is a change of that.
            st.session_state[f"{mine} read"] = by_id.get(chosen, about)
            st.session_state.pop(f"{mine} now", None)
        read = st.session_state[f"{mine} read"]
        base = st.session_state.get(f"{mine} now", read)
        if base.revision:
            boxes.draw(*_history(view, base), key=f"{mine} history")
        told = _form(view, read, items, mine)
        if told is None:
            return
        try:
            _save(view, base, *told)
        except store.Conflict as conflict:
            st.session_state[f"{mine} now"] = conflict.theirs
            boxes.draw(*_conflict(conflict), key=f"{mine} refused")
        except (Wrong, store.Trouble) as wrong:
            boxes.draw(refused(str(wrong)), key=f"{mine} refused")
        else:
            st.session_state[f"{first} saved"] = saved + 1
            st.session_state[WRITER] = told[0]
            st.rerun()


def _form(view: View, read: Note, items: dict[str, str], key: str) -> tuple[str, dict] | None:
    """What was filled in when it is saved: who, and the fields; else None."""
    now = promises.measured(view, read)
    with st.form(f"{key} form", border=False, enter_to_submit=False):
        told: dict = {}
        if not read.revision and items:
            told["item"] = st.selectbox(
                "Of", ["", *items], format_func=lambda one: items.get(one, "all of it"),
                key=f"{key} item",
            )  # fmt: skip
        told["text"] = st.text_area("What you think", read.text, 90, 5_000, key=f"{key} text")
        told["action"] = st.text_input(
            "What is done (that makes it a promise)", read.action, 5_000, key=f"{key} action"
        )
        who, due, measure, last = st.columns([3, 2, 4, 3])
        told["who"] = who.text_input("Who (a role is enough)", read.who, 200, key=f"{key} who")
        told["due"] = due.date_input("By when", read.due, key=f"{key} due", format="DD/MM/YYYY")
        figures = ["", *dict.fromkeys([*now, *filter(None, [read.measure])])]
        told["measure"] = measure.selectbox(
            "Figure it should move", figures, figures.index(read.measure),
            format_func=lambda one: _figure(one, now), key=f"{key} measure",
        )  # fmt: skip
        if read.revision:
            told["state"] = last.selectbox(
                "It is", list(STATE), STATES.index(read.state), format_func=STATE.__getitem__,
                key=f"{key} state",
            )  # fmt: skip
        by = signed_in.name() or last.text_input(
            "Your name or role", st.session_state.get(WRITER, ""), 200, key=f"{key} by"
        )
        return (by, told) if st.form_submit_button("Save") else None


def _figure(measure: str, now: dict[str, str]) -> str:
    named = promises.CALLED.get(measure, measure) or "none"
    return f"{named}, now {now[measure]}" if measure in now else named


def _save(view: View, base: Note, by: str, told: dict) -> None:
    """Keep what was filled in. Raises Conflict, Wrong, Trouble."""
    promised = told["action"].strip() or told["who"].strip() or told["due"] or told["measure"]
    told["kind"] = "promise" if promised else "note"
    if told["measure"] != base.measure or not base.revision:
        of_it = replace(base, measure=told["measure"])
        told["value_then"] = promises.value(view, of_it) if of_it.measure else None
    if base.revision:
        kept(view).change(base, by, datetime.now(UTC), **told)
    else:
        kept(view).write(replace(base, day=view.day_shown, **told), by, datetime.now(UTC))


def _label(note: Note | None) -> str:
    if note is None:
        return NEW
    told = " ".join((note.action or note.text).split())
    return f"{told[:70]}{'…' if len(told) > 70 else ''} ({note.by}, {note.kind})"


def _history(view: View, note: Note) -> list[dict]:
    """Who changed what, the newest first."""
    found = kept(view).history(note.note)
    rows = [
        node("li", f"{now.by}, {view.day(now.at)}: {_change(was, now)}")
        for was, now in zip([None, *found], found, strict=False)
    ]
    listed = node("ul", "", *reversed(rows), cls="notes written")
    return [boxes.fold(f"Who changed what ({len(rows)})", listed)]


def _change(was: Note | None, now: Note) -> str:
    if was is None:
        return "wrote it"
    return words.listed([
        f"{called} from “{_field(was, name)}” to “{_field(now, name)}”"
        for name, called in FIELDS.items()
        if getattr(was, name) != getattr(now, name)
    ])  # fmt: skip


def _field(note: Note, name: str) -> str:
    value = getattr(note, name)
    if name == "due":
        return words.day(value)
    return {**STATE, **promises.CALLED}.get(value, value) or "nothing"


def _conflict(conflict: store.Conflict) -> list[dict]:
    """What the other one wrote, beside one's own, which is still in the form."""
    theirs = conflict.theirs
    pairs = [(called, _field(theirs, name)) for name, called in FIELDS.items() if name != "kind"]
    told = node("ul", "", *(node("li", f"{k}: {v}") for k, v in pairs), cls="notes written")
    return [node("section", "", node("p", str(conflict)), told, cls="refused")]
