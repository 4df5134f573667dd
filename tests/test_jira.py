"""Issues of a Jira, in Cloud and in a Data Center: each change with its time, none lost, none twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jira_site
import pytest
from jira_site import EMAIL, TOKEN, Site
from test_trello import Kept as KeptOfTrello
from test_trello import collect, told

from settings.boards import Jira
from sources import Reading, StopSource, TryLater, jira
from sources.reading.cards import iso

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
RECORDED = Path(__file__).parent / "payloads/jira/recorded-changelog-histories.json"


class Kept(KeptOfTrello):
    """What has been read so far, as landing keeps it."""

    def read(self, now: datetime) -> Reading:
        (read,) = jira.readings(self.settings, self.cursor, now)
        return read


@pytest.fixture(params=["cloud", "data center"])
def site(request, monkeypatch):
    """An issue that was taken up, one that is new, one that is done."""
    told = Site(cloud=request.param == "cloud")
    monkeypatch.setenv("JIRA_TOKEN", TOKEN)
    monkeypatch.setenv("JIRA_EMAIL", EMAIL if told.cloud else "")
    told.taken, told.new, told.done = (told.create(name) for name in ("Taken", "New", "Done"))
    told.wait(1)
    told.move(told.taken, "In Progress")
    told.move(told.done, "In Progress")
    told.wait(1)
    told.move(told.done, "Done")
    with jira_site.serving(told) as address:
        told.settings = Jira(
            name="issues", url=address, jql="project in (PLAN, DATA) ORDER BY rank"
        )
        yield told


def failed(settings: Jira, cursor: dict | None = None) -> str:
    """Why it can't be read."""
    with pytest.raises((StopSource, TryLater)) as error:
        list(jira.readings(settings, cursor or {}, NOW))
    return str(error.value)


def test_changes_have_their_times(site):
    kept = Kept(site.settings)
    assert kept.ask().rows.num_rows == 6
    assert kept.events(site.done) == [
        ("To Do", 0, "exact"), ("In Progress", 1, "exact"), ("Done", 2, "exact"),
    ]  # fmt: skip
    assert kept.rows[0]["link"] == f"{site.settings.url}/browse/PLAN-01"
    assert kept.rows[0]["name"] == "Taken"


def test_changes_of_one_instant_come_in_their_order(site):
    """A rule moves an issue twice at once; whoever told the last first had it done and taken up again."""
    site.at = NOW - 5 * DAY
    for status in ("In Progress", "Done", "In Progress", "To Do"):
        site.move(site.new, status)
    kept = Kept(site.settings)
    kept.ask()
    statuses = [row["status"] for row in kept.rows if row["item"] == site.new]
    assert statuses == ["To Do", "In Progress", "Done", "In Progress", "To Do"]


def test_later_only_what_was_updated_is_read_and_nothing_twice(site):
    kept = Kept(site.settings)
    kept.ask()
    site.at = NOW + DAY / 2
    site.move(site.new, "In Progress")
    new = site.create("Newer")
    site.asked.clear()
    assert kept.ask(NOW + DAY).rows.num_rows == 2
    assert sum("updated" in path for path in site.asked) == 1
    assert kept.statuses(site.new) == ["To Do", "In Progress"]
    assert kept.statuses(new) == ["To Do"]
    assert kept.ask(NOW + 2 * DAY).rows.num_rows == 0
    assert {one["status"] for one in kept.rows} == {"To Do", "In Progress", "Done"}


def test_what_is_read_is_landed(site, tmp_path):
    site.flag(site.new)
    assert collect(tmp_path, site.settings).accepted == 7
    site.statuses["3"] = "Doing"
    collect(tmp_path, site.settings, NOW + DAY)
    values = (
        "select kind, value, count(*) from stage_event where value <> '' group by all order by all"
    )
    assert told(tmp_path, values) == [
        ("blocked", "Impediment", 1), ("status", "Doing", 2), ("status", "Done", 1), ("status", "To Do", 4),
    ]  # fmt: skip
    assert collect(tmp_path, site.settings, NOW + 2 * DAY).readings == 0


def test_many_issues_and_long_change_logs_come_page_by_page(site):
    site.page = 2
    for n in range(250):
        site.wait(0.01)
        site.move(site.new, ("In Progress", "To Do")[n % 2])
    kept = Kept(site.settings)
    kept.ask()
    assert len(kept.events(site.new)) == 251
    assert {row["item"] for row in kept.rows} == {site.taken, site.new, site.done}


def test_of_long_change_logs_only_what_is_read_of_them_is_held(site):
    """Who edits a description ten times leaves twenty long texts: of all issues they were held at once."""
    text = ("", "A long text. " * 10_000)
    for _ in range(10):
        site._did(site.new, "description", "description", text, text)
    held = [*jira._Api(site.settings).issues("", [jira_site.FLAG])]
    assert len(json.dumps(held)) < 4000
    for _ in range(40):
        site._did(site.new, "description", "description", ("", ""), ("", ""))
    site.move(site.new, "Done")
    kept = Kept(site.settings)
    kept.ask()
    assert kept.statuses(site.new) == ["To Do", "Done"]


def test_a_flag_says_since_when_an_issue_is_blocked(site):
    site.flag(site.new)
    site.wait(1)
    site.flag(site.new, on=False)
    kept = Kept(site.settings)
    kept.ask()
    assert kept.events(site.new, "blocked") == [
        ("", 0, "exact"), ("Impediment", 2, "exact"), ("", 3, "exact"),
    ]  # fmt: skip


def test_where_nothing_can_be_flagged_it_is_said(site):
    del site.fields[jira_site.FLAG]
    assert (
        Kept(site.settings).ask().note == "it has no field 'Flagged': what is blocked is not told"
    )


def test_a_renamed_status_is_no_move(site):
    kept = Kept(site.settings)
    kept.ask()
    site.statuses["3"] = "Doing"
    kept.ask(NOW + DAY)
    assert kept.statuses(site.done) == ["To Do", "Doing", "Done"]


def test_subtasks_are_left_out_unless_they_are_wanted(site):
    part = site.create("A part of it", subtask=True)
    kept, all_of = Kept(site.settings), Kept(site.settings.model_copy(update={"subtasks": True}))
    kept.ask()
    all_of.ask()
    assert (kept.events(part), all_of.statuses(part)) == ([], ["To Do"])


def test_what_no_change_tells_lies_between_two_askings(site):
    """An issue stands in another status, another is not found any more, and is again later."""
    kept = Kept(site.settings)
    kept.ask()
    site.issues[site.new] |= {"status": "6", "updated": NOW}
    site.issues[site.taken]["hidden"] = True
    kept.ask(NOW + DAY)
    between = f"{iso(NOW)}/{iso(NOW + DAY)}"
    assert [row["since"] for row in kept.rows[6:]] == [between] * 2
    assert (kept.statuses(site.new)[-1], kept.statuses(site.taken)[-1]) == ("Done", "(gone)")
    site.at = NOW + DAY / 2  # before it was missed
    site.move(site.taken, "Done")
    site.issues[site.taken]["hidden"] = False
    kept.ask(NOW + 2 * DAY)
    assert kept.events(site.taken)[-1][::2] == ("Done", "between")
    site.at = NOW + 5 * DAY / 2
    site.move(site.taken, "To Do")
    # What it did while it was not found is not told when it moves again, either.
    assert kept.ask(NOW + 3 * DAY).rows.num_rows == 1
    assert kept.statuses(site.taken)[2:] == ["(gone)", "Done", "To Do"]


def test_issues_that_vanish_in_great_number_are_not_believed(site):
    kept = Kept(site.settings)
    kept.ask()
    for one in site.issues.values():
        one["hidden"] = True
    assert failed(site.settings, kept.cursor).startswith("3 of the 3 items of the answer before")


def test_issues_that_change_while_they_are_counted_are_not_used(monkeypatch):
    monkeypatch.setenv("JIRA_TOKEN", TOKEN)
    site = Site(cloud=False, page=2)
    for n in range(5):
        site.create(f"Issue {n}")
    site.meanwhile = lambda: site.issues.pop("10001", None)
    with jira_site.serving(site) as address:
        assert "issues came or went while they were read" in failed(
            Jira(name="issues", url=address, jql="project = PLAN")
        )


def test_a_server_that_tells_the_same_page_for_ever_is_not_asked_for_ever(site, monkeypatch):
    """Each page names another next one; a Data Center that does not count says that more are to come."""
    first, asked = site._search, []

    def search(told: dict) -> dict:
        asked.append(told)
        more = {"nextPageToken": str(len(asked))} if site.cloud else {"total": 100_000}
        return first(told | {"startAt": "0", "nextPageToken": "0"}) | more

    monkeypatch.setattr(site, "_search", search)
    assert failed(site.settings).endswith("gives the same issues again and again: not read on.")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"Client must be authenticated", "The token in JIRA_TOKEN"),
        (403, b'{"message": "Forbidden"}', "make one as somebody who sees these issues"),
        (200, b"<!doctype html><title>Log in</title>", "is no Jira"),
        (200, b'{"message": "ok"}', "is no Jira"),
        (200, b'[{"id": "1", "na', "is no Jira"),
        (429, b"", "answered 429, three times"),
        (500, b"", "answered 500"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_says_what_to_do_wherever_it_comes(site, status, body, said):
    for after in (0, 2, 3):
        site.fail(status, body, after=after, **({"Retry_After": "0"} if status == 429 else {}))
        assert said in failed(site.settings), after


def test_a_limit_is_waited_for(site):
    site.fail(429, b"", times=1, after=3, Retry_After="0")
    assert Kept(site.settings).ask().rows.num_rows == 6


def test_a_query_that_jira_does_not_understand_is_told_with_its_own_words(site):
    said = failed(site.settings.model_copy(update={"jql": "nonsense"}))
    assert said.endswith(
        "answered 400: Error in the JQL Query: The character 'n' is no field. Correct 'jql'."
    )


def test_the_token_is_sent_in_a_header_and_stands_nowhere_else(site, tmp_path):
    site.fail(401, f"no token {TOKEN}, {jira_site.BASIC.split()[1]}".encode())
    said = collect(tmp_path, site.settings).failed
    assert said
    kept = (tmp_path / "landing.duckdb").read_bytes()
    for secret in (TOKEN, *jira_site.BASIC.split()[1:] * site.cloud):
        assert secret not in said + " ".join(site.asked)
        assert secret.encode() not in kept


def test_without_a_token_it_is_said_which_is_missing(site, monkeypatch):
    monkeypatch.delenv("JIRA_TOKEN")
    assert "no JIRA_TOKEN: set it" in failed(site.settings)


def test_an_issue_that_can_t_be_used_is_kept_with_its_reason_once(site):
    site.issues[site.new]["log"].append(
        {"id": "9", "created": "soon", "items": [{"field": "status"}]}
    )
    site.issues[site.new]["log"][-1]["items"][0] |= {"fieldId": "status", "from": "1", "to": "3"}
    kept = Kept(site.settings)
    for now in (NOW, NOW + DAY):
        kept.ask(now)
    assert [(one.field, one.value) for one in kept.rejects] == [("created", "PLAN-02: soon")]


def test_real_change_logs_are_understood():
    """As recorded in a Jira Cloud: statuses, sprints, resolutions, workflows; times at their offset."""
    recorded = json.loads(RECORDED.read_text())
    issue = recorded[0]["request"].split("/")[7]
    changes = [one["history"] for one in recorded if f"/{issue}/" in one["request"]]
    fields = {
        "summary": "x",
        "status": {"id": "10068", "name": "Now"},
        "created": changes[0]["created"],
    }
    settings = Jira(name="x", url="https://jira.example", jql="x")
    statuses: dict = {}
    card, steps = jira._issue(settings, {"id": issue, "fields": fields}, changes, statuses, [])
    assert card.place == "10068"
    assert [(one.what, one.place, iso(one.at)) for one in steps] == [
        ("came", "1", "2021-01-25T03:10:03.564Z"), ("moved", "10074", "2021-01-25T13:49:52.514Z"),
        ("moved", "6", "2021-01-27T06:46:18.086Z"), ("moved", "10068", "2021-03-28T08:08:12.742Z"),
    ]  # fmt: skip
    assert statuses["6"] == "Closed"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "https://x.example/rest/api/2", "jql": "x"}, "the address of Jira alone"),
        ({"url": "https://x.example", "jql": "x", "token": TOKEN}, "the name of a variable"),
    ],
)
def test_settings_that_can_t_be_are_told_apart(wrong, said):
    with pytest.raises(ValueError, match=said):
        Jira(name="issues", **wrong)
