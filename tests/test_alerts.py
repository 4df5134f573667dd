"""What is told and when: one message for each change, none for a repeat, what goes back and forth once,
and nothing lost between the outbox and people."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import channels
import line
import pytest
from channels import HOOK, receiving
from killed import Process
from killed import told as said
from servers import free_port

import metrics
from alerts import digest, look, messages, outbox, sending, states, turns
from alerts.states import State
from notes import store
from notes.note import Note
from settings import alerts as settings

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
QUIET = [kind for kind in settings.KINDS if kind != "digest"]
ALERTS = settings.Alerts(
    ways={"channel": {"kind": "slack", "tells": QUIET}}, dashboard="https://board.example.org"
)


def state(word: str, name: str = "Co-design", **more) -> State:
    colour = {"red": "red", "calm": "green", "silent": "red", "overdue": "red"}.get(word, "grey")
    return State(f"stage/line/{name}", name, "A line", word, f"{name} is {word}.", colour, **more)


def told(notes: store.Store, now: datetime, *seen: State, alerts=ALERTS) -> list[messages.Message]:
    """The messages of one look but for the digest."""
    with notes.writing() as con:
        found = look.told(con, list(seen), alerts, "Planning data service", now)
    return [one for one in found if one.kind != "digest"]


@pytest.fixture
def notes(tmp_path) -> store.Store:
    return store.opened(tmp_path)


# -- the rule ------------------------------------------------------------------------------------


def test_a_change_is_told_once_and_a_repeat_never(notes):
    assert told(notes, NOW, state("calm")) == []
    [red] = told(notes, NOW + DAY, state("red"))
    assert (red.kind, red.title, red.link) == (
        "red", "A line: Co-design is red", "https://board.example.org/"
    )  # fmt: skip
    assert red.lines == ("✕ Co-design is red.",)
    for day in range(2, 200, 7):
        assert told(notes, NOW + day * DAY, state("red")) == []
    [better] = told(notes, NOW + 201 * DAY, state("calm"))
    assert (better.kind, better.title) == ("recovered", "A line: Co-design is no longer red")


def test_what_is_bad_when_it_is_first_seen_is_told_and_all_else_is_not(notes):
    seen = [state(word, word) for word in ("red", "calm", "same", "slower", "silent", "overdue")]
    assert {one.kind for one in told(notes, NOW, *seen)} == {"red", "silent", "overdue"}


def test_what_can_t_be_judged_is_no_change(notes):
    told(notes, NOW, state("red"))
    assert told(notes, NOW + DAY, state("")) == []
    assert told(notes, NOW + 2 * DAY, state("red")) == []
    assert told(notes, NOW + 3 * DAY, state("")) == []
    [better] = told(notes, NOW + 4 * DAY, state("calm"))
    assert better.kind == "recovered"


def test_what_could_not_be_judged_for_long_is_told_anew(notes):
    told(notes, NOW, state("red"))
    for day in range(1, 30):
        assert told(notes, NOW + day * DAY, state("")) == []
    assert [one.kind for one in told(notes, NOW + 30 * DAY, state("red"))] == ["red"]


def test_what_goes_back_and_forth_is_told_once_and_again_when_it_has_settled(notes):
    words = ["calm", "red", "calm", "red", "calm", "red", "red"]
    found = [told(notes, NOW + 2 * n * DAY, state(word)) for n, word in enumerate(words)]
    assert [[one.title for one in some] for some in found] == [
        [], ["A line: Co-design is red"], ["A line: Co-design is no longer red"],
        ["A line: Co-design goes back and forth"], [], [], [],
    ]  # fmt: skip
    assert "its third change within 28 days; it is red now." in found[3][0].lines[0]
    assert told(notes, NOW + 23 * DAY, state("red")) == []
    [settled] = told(notes, NOW + 24 * DAY, state("red"))  # red since day 10
    assert (settled.kind, settled.title) == ("red", "A line: Co-design is red")
    assert told(notes, NOW + 25 * DAY, state("red")) == []


def test_a_clock_that_was_ahead_for_one_look_silences_nothing(notes):
    """A year ahead it turned red, and the digest left; since then the clock is right again."""
    told(notes, NOW, state("calm"))
    with notes.writing() as con:
        look.told(con, [state("calm")], ALERTS, "A", NOW + 363 * DAY)
        look.told(con, [state("red")], ALERTS, "A", NOW + 364 * DAY)
    outbox.Outbox(notes, "channel").pause(NOW + 364 * DAY)
    assert outbox.Outbox(notes, "channel").paused(NOW + DAY) is None
    words = ["calm", "calm", "red", "calm"]
    found = [told(notes, NOW + n * 27 * DAY, state(word)) for n, word in enumerate(words, 1)]
    is_red, not_red = "A line: Co-design is red", "A line: Co-design is no longer red"
    assert [[one.title for one in some] for some in found] == [[not_red], [], [is_red], [not_red]]
    with notes.writing() as con:
        [weekly] = look.told(con, [state("calm")], ALERTS, "A", NOW + 126 * DAY)
    assert weekly.lines[-1] == "3 other messages since the last digest."


def test_of_all_that_is_red_the_last_message_says_so_or_that_it_goes_back_and_forth():
    """Whatever happens, day by day; and of what has long kept one word it says that word."""
    steady_days = Counter()
    for seed in range(40):
        random, last, steady, word, known = Random(seed), "calm", 0, "calm", None
        for day in range(400):
            turn = random.random() < (0.4 if day // 30 % 4 == 1 else 0.01)
            word, steady = ({"red": "calm", "calm": "red"}[word], 0) if turn else (word, steady + 1)
            if random.random() < 0.2:
                continue  # it can't be judged
            known, news = turns.judged(known, word, NOW + day * DAY)
            last = news or last
            assert word == "calm" or last in ("red", turns.FLAPPING), (seed, day)
            if steady > turns.SETTLED // DAY + 7:
                steady_days[word] += 1
                assert last == word, (seed, day)
    assert min(steady_days["red"], steady_days["calm"]) > 500


def test_a_promise_is_told_each_time_it_is_overdue_and_not_when_it_is_kept(notes):
    words = ["kept", "overdue", "overdue", "kept", "overdue", "kept", "overdue"]
    found = [told(notes, NOW + n * DAY, state(word)) for n, word in enumerate(words)]
    assert [len(some) for some in found] == [0, 1, 0, 0, 1, 0, 1]


def test_what_changes_alike_in_one_place_at_one_time_is_one_message_that_names_each(notes):
    [one] = told(notes, NOW, *(state("red", f"Stage {n}") for n in range(9)))
    assert one.title == "A line: Stage 0, Stage 1, Stage 2, Stage 3, Stage 4 and 4 more are red"
    assert one.lines == tuple(f"✕ Stage {n} is red." for n in range(9))


# -- the digest ----------------------------------------------------------------------------------


def test_the_digest_leaves_once_on_its_morning_and_not_a_day_late():
    monday = settings.Digest(day="monday", hour=9)
    at = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)  # 9 in London's summer
    zone = "Europe/London"
    assert not digest.is_due(monday, zone, None, at - timedelta(minutes=1))
    assert digest.is_due(monday, zone, None, at)
    assert digest.is_due(monday, zone, at - 7 * DAY, at + timedelta(hours=23))
    assert not digest.is_due(monday, zone, at, at + timedelta(hours=1))
    assert not digest.is_due(monday, zone, at - 7 * DAY, at + DAY)


def test_the_digest_says_where_all_stands_and_comes_though_nothing_changed(notes):
    alerts = ALERTS.model_copy(update={"digest": settings.Digest(day="monday", hour=8)})
    seen = [state("red"), state("calm", "Find")._replace(colour="amber"), state("", "Specify")]
    counts = []
    for week in range(3):
        with notes.writing() as con:
            found = look.told(con, seen, alerts, "A", NOW + 7 * week * DAY)
        counts.append([one.kind for one in found])
    assert counts == [["red", "digest"], ["digest"], ["digest"]]
    assert found[0].title == "This week: 1 thing red, 1 to be watched"
    assert found[0].lines == (
        "✕ A line, Co-design: Co-design is red.", "! To be watched: A line (Find).",
        "? Can't be judged: A line (Specify).", "0 other messages since the last digest.",
    )  # fmt: skip


def test_the_first_digest_counts_a_week_and_says_so_and_names_what_is_overdue_once(notes):
    late = State(
        "promise/n", "Call them", "Promises", "overdue", "A: Call them (PM, by 1 May 2026).", "red"
    )
    with notes.writing() as con:
        *_, first = look.told(con, [late], ALERTS, "A", NOW)
        *_, second = look.told(con, [late], ALERTS, "A", NOW + 7 * DAY)
    said = "✕ Overdue: A: Call them (PM, by 1 May 2026)."
    assert first.lines == (said, "1 other message in the last 7 days; this is the first digest.")
    assert second.lines == (said, "0 other messages since the last digest.")


# -- the states of what is published -------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """Two lines' worth of trouble: three wait in A, of which two may; read last on 12 January 2026."""
    folder = tmp_path_factory.mktemp("line")
    events = [line.event(item, "A waiting", line.day(2)) for item in "pqr"]
    line.publication(folder, events, now=line.day(12), asked=line.day(12)).close()
    return folder


def words_at(folder: Path, now: datetime) -> dict[str, str]:
    found = states.everything(folder, [], now, "UTC")
    return {one.subject: one.word for one in found}


def test_a_state_is_what_the_page_says_of_it(published):
    asked, now = metrics.open(published), line.day(13)
    found = {one.subject: one for one in states.everything(published, [], now, "UTC")}
    status = asked.figure("status", now).set_index("stage")
    for stage in line.STAGES:
        one = found[f"stage/line/{stage}"]
        assert (one.colour, one.sentence) == (status.colour[stage], status.sentence[stage])
    assert found["stage/line/a"].word == "red"
    assert found["stage/line/a"].page == "stage?stream=line&stage=a"
    assert found["line/line"].word == ""  # too little is known of it
    assert found["source/log"].word == "speaks" and found["publication"].word == "current"


def test_a_silent_source_is_told_though_nothing_new_is_published(published, notes):
    told(notes, line.day(13), *states.everything(published, [], line.day(13), "UTC"))
    assert words_at(published, line.day(40))["source/log"] == "speaks"
    later = line.day(44)  # stale after 30 days
    [silent] = told(notes, later, *states.everything(published, [], later, "UTC"))
    assert (silent.kind, silent.title) == ("silent", "log is silent")
    assert silent.lines == ("✕ log was last read 32 days ago, on 12 January 2026.",)


def test_a_refused_publication_is_told_once_and_so_is_its_end(published, notes, tmp_path):
    import shutil

    folder = shutil.copytree(published, tmp_path / "data")
    now = line.day(13)
    told(notes, now, *states.everything(folder, [], now, "UTC"))
    refusal = folder / "published/refused.json"
    for day in (14, 15):  # refused again: no repeat
        why = {"at": line.day(day).isoformat(), "reasons": ["line: items do not add up."]}
        refusal.write_text(json.dumps(why))
        found = told(notes, line.day(day), *states.everything(folder, [], line.day(day), "UTC"))
        assert [one.title for one in found] == ["The newest data is not shown"] * (day == 14)
        said = "✕ Newer data of 14 January 2026 is not shown: line: items do not add up."
        assert not found or found[0].lines == (said,)
    refusal.unlink()
    [again] = told(notes, line.day(16), *states.everything(folder, [], line.day(16), "UTC"))
    assert again.title == "The newest data is shown again"


def test_where_nothing_is_published_that_is_told(tmp_path, notes):
    [one] = told(notes, NOW, *states.everything(tmp_path / "none", [], NOW, "UTC"))
    assert one.kind == "refused" and "Nothing is published in" in one.lines[0]


def test_a_promise_is_overdue_when_its_day_is_over_where_the_team_is(published):
    promise = Note(kind="promise", note="n", stream="line", stage="a", action="Call them",
                   who="the lead", due=date(2026, 7, 6))  # fmt: skip
    over = datetime(2026, 7, 6, 23, 0, tzinfo=UTC)  # midnight in London

    def seen(at: datetime, **more) -> State:
        [one] = states.promises([Note(**{**vars(promise), **more})], at, "Europe/London",
                                {("line", "a"): "A"})  # fmt: skip
        return one

    assert seen(over - timedelta(seconds=1)).word == "kept"
    assert seen(over).word == "overdue" and seen(over, state="broken").word == "kept"
    assert seen(over).sentence == "A: Call them (the lead, by 6 July 2026)."
    assert seen(over, item="x-1").sentence.startswith("A, x-1: Call them (")


# -- the outbox ----------------------------------------------------------------------------------


@pytest.fixture
def hook(monkeypatch):
    """A server as Slack's that is patient, and the environment that names it."""
    with receiving(channels.Slack) as (address, server):
        monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", address + HOOK)
        monkeypatch.setattr(sending, "PAUSE", 0)
        monkeypatch.setattr(server, "slow", lambda self: "")
        yield server


def sent(notes: store.Store, alerts=ALERTS) -> list[sending.Sent]:
    return list(sending.send(alerts.ways.values(), notes))


def titles(server: type[channels.Receiver]) -> list[str]:
    return [got["json"]["text"] for got in server.got]


def test_what_could_not_be_sent_waits_and_is_sent_once_the_way_works(notes, hook, monkeypatch):
    right = os.environ["VALUESTREAM_SLACK_WEBHOOK"]
    monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", right[:-3])
    told(notes, NOW, state("red"))
    [done] = sent(notes)
    assert done.sent == 0 and "403: invalid_token" in done.wrong[0]
    assert done.wrong[1] == "channel: 1 message waits for the next run; nothing is lost."
    monkeypatch.setenv("VALUESTREAM_SLACK_WEBHOOK", right)
    assert [sent(notes), sent(notes)] == [[("channel", 1, [])], [("channel", 0, [])]]
    assert titles(hook) == ["A line: Co-design is red"]


def test_a_way_that_can_not_be_used_is_said_before_anything_is_to_be_sent(notes, hook, monkeypatch):
    [quiet] = sent(notes)
    assert quiet.wrong == []
    monkeypatch.delenv("VALUESTREAM_SLACK_WEBHOOK")
    [done] = sent(notes)
    assert (done.sent, done.wrong) == (0, [
        "channel (slack): the environment has no VALUESTREAM_SLACK_WEBHOOK: set it. Until then nothing "
        "can be sent on it."
    ])  # fmt: skip
    told(notes, NOW, state("red"))
    [done] = sent(notes)
    assert done.wrong[1:] == ["channel: 1 message waits for the next run; nothing is lost."]


def test_one_way_that_fails_does_not_keep_the_others_waiting(notes, hook, monkeypatch):
    monkeypatch.setenv("VALUESTREAM_TEAMS_WEBHOOK", f"http://127.0.0.1:{free_port()}/x")
    both = ALERTS.model_copy(update={"ways": {"t": settings.Teams(name="t"), **ALERTS.ways}})
    told(notes, NOW, state("red"), alerts=both)
    assert [(one.way, one.sent) for one in sent(notes, both)] == [("t", 0), ("channel", 1)]


def test_a_way_is_told_only_of_what_it_asked_for(notes, hook):
    only = settings.Slack(name="channel", tells=["recovered"])
    alerts = ALERTS.model_copy(update={"ways": {"channel": only}})
    told(notes, NOW, state("red"), alerts=alerts)
    told(notes, NOW + DAY, state("calm"), alerts=alerts)
    sent(notes, alerts)
    assert titles(hook) == ["A line: Co-design is no longer red"]


def test_many_that_waited_go_as_one_that_names_each(notes, hook):
    for n in range(7):
        told(notes, NOW + n * DAY, state("red", f"Stage {n}"))
    sent(notes)
    [got] = hook.got
    assert got["json"]["text"] == "7 messages that could not be sent before"
    body = "\n".join(block["text"]["text"] for block in got["json"]["blocks"][1:-1])
    assert all(f"A line: Stage {n} is red." in body for n in range(7))


def test_a_pause_that_was_asked_for_is_kept_by_the_next_run(notes, hook):
    told(notes, NOW, state("red"))
    hook.answers += [(429, b"rate_limited", {"Retry_After": "3600"})]
    assert "429: rate_limited" in sent(notes)[0].wrong[0]
    assert re.search(r"nothing before \d+ \w+ 20\d\d, \d\d:\d\d UTC", sent(notes)[0].wrong[0])
    assert hook.got == []


def test_what_is_refused_for_good_is_said_and_does_not_stand_in_the_way(notes, hook):
    told(notes, NOW, state("red", "One"), state("silent", "Two"))
    hook.answers += [(400, b"invalid_blocks", {})]
    [done] = sent(notes)
    assert done.sent == 1 and "for good: answered 400: invalid_blocks" in done.wrong[0]
    assert sent(notes) == [("channel", 0, [])]


def test_of_many_that_go_as_one_only_what_is_refused_is_given_up(notes, hook, monkeypatch):
    """The third of six can't be taken, by itself or among the others."""
    monkeypatch.setattr(sending, "PAUSE", 0)
    for n in range(6):
        told(notes, NOW + n * DAY, state("red", f"Stage {n}"))
    bad, good = (400, b"invalid_blocks", {}), (200, b"ok", {})
    hook.answers += [bad, good, good, bad, good, good, good]
    [done] = sent(notes)
    assert done.sent == 5 and len(done.wrong) == 1
    assert "'A line: Stage 2 is red' for good: answered 400: invalid_blocks" in done.wrong[0]
    assert sent(notes) == [("channel", 0, [])]


def test_what_may_have_arrived_says_so_when_it_is_sent_again(notes, hook):
    told(notes, NOW, state("red"))
    box = outbox.Outbox(notes, "channel")
    box.mark(box.waiting(), "sending", NOW)  # as a run leaves it that is killed meanwhile
    sent(notes)
    [got] = hook.got
    assert got["json"]["blocks"][1]["text"]["text"].startswith(messages.AGAIN)


# -- the command ---------------------------------------------------------------------------------


def command(folder: Path, *more: str, **environment: str) -> tuple[int, str]:
    """How the command ended, and what it said."""
    where = ["--stages", str(folder / "stages.yaml"), "--data", str(folder)]
    process = Process(folder, ["alert", *where, *more], **environment)
    return process.code(), said(folder)


@pytest.mark.more
def test_the_command_tells_once_and_dry_run_tells_without_keeping(tmp_path):
    now = datetime.now(UTC)
    text = line.LINE + "alerts:\n  ways: {channel: {kind: slack, tells: [red]}}\n"
    events = [line.event(item, "A waiting", now - 9 * DAY) for item in "pqr"]
    line.publication(tmp_path, events, text, now=now, asked=now).close()
    code, dry = command(tmp_path, "--dry-run")
    assert code == 0 and "A line: A is red [channel]" in dry and "3 waiting, target 2" in dry
    assert not (tmp_path / "notes.sqlite").exists()
    code, missing = command(tmp_path)
    wrong = "channel (slack): the environment has no VALUESTREAM_SLACK_WEBHOOK: set it."
    assert code == 1 and wrong in missing
    with receiving(channels.Slack) as (address, server):
        hook = {"VALUESTREAM_SLACK_WEBHOOK": address + HOOK}
        assert command(tmp_path, **hook) == (0, "channel: 1 sent.")
        assert command(tmp_path, **hook) == (0, "channel: nothing sent.")
    assert titles(server) == ["A line: A is red"]
    code, dry = command(tmp_path, "--dry-run")
    assert (code, dry) == (0, "Nothing has changed: nobody would be told anything.")


def test_a_folder_that_can_not_be_written_to_is_said_in_a_sentence(tmp_path):
    text = line.LINE.replace("DAYS", "calendar").replace("TARGET", line.TARGET)
    (tmp_path / "stages.yaml").write_text(text + "alerts: {ways: {channel: {kind: slack}}}\n")
    (tmp_path / "alerts").write_text("a file where its folder should be")
    code, words = command(tmp_path)
    assert code == 2 and "Traceback" not in words
    assert "alerts can't be written: File exists. Nobody has been told of anything:" in words


def test_without_alerts_in_stages_yaml_the_command_says_what_to_add(tmp_path):
    line.publication(tmp_path, line.STORY, now=line.day(12)).close()
    code, words = command(tmp_path)
    assert code == 1 and "stages.yaml has no alerts" in words
