"""`valuestream export site FOLDER`: the pages as plain HTML that opens from a folder or any web host."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pandas

import metrics
from dashboard.charts import named, taken
from dashboard.charts.shown import Shown
from telling import (
    board,
    board_svg,
    catalogue,
    exports,
    html,
    line,
    map_svg,
    pace,
    plain,
    processes,
    sources,
    words,
)
from telling import map as maps
from telling import stage as stages
from telling.asked import Asked, of_every_stream
from telling.told import Beside, Cell, Document, Section, Table

OF_A_LINE = [*named.OF_A_LINE, "lead", "behaviour", "survival"]
OF_A_STAGE = ["queue", "pace", "survival", "ages"]


class Page(NamedTuple):
    """A page: its group and name among the others, its file, and what stands on it."""

    group: str
    name: str
    file: str
    document: Document


class Files(dict[str, bytes]):
    """Files by their place in the folder, each in one of its own."""

    def free(self, folder: str, name: str, kind: str) -> str:
        """A place that is free, taken from now on: two names may come to one, for not every letter can
        be in a file's, nor more than so many; and to some disks A is a."""
        taken = {file.casefold() for file in self}
        numbers = ("" if n == 1 else f"-{n}" for n in count(1))
        places = (folder + exports.named(name, kind, number) for number in numbers)
        file = next(place for place in places if place.casefold() not in taken)
        self[file] = b""
        return file


class Site:
    """Pages, and the files beside them."""

    def __init__(self, publication: metrics.Publication, lines: list[Asked], warnings: list[str]):
        self.publication, self.lines = publication, lines
        self.warnings = warnings
        self.files = Files()
        self.pages = [self._overview(), *self._of_lines(), *self._looked_at(), *self._rest()]

    def write(self, folder: Path) -> int:
        """Everything into a folder; how many files. Raises OSError."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for page in self.pages:
            groups.setdefault(page.group, []).append((page.name, page.file))
        places = list(groups.items())
        for page in self.pages:
            # What stands above every page of the dashboard stands here before what each is about.
            about = self.lines[0].under_banner(" ".join([*self.warnings, page.document.about]))
            text = html.html(page.document._replace(about=about), places, page.file)
            self.files[page.file] = text.encode()
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return len(self.files)

    def _overview(self) -> Page:
        sections = [section for told in self.lines for section in self._line(told)]
        first = self.lines[0]
        rows = line.stages(first)
        answer = line.nothing(first) if rows.empty else board.headline(first, rows)
        title = words.listed([told.stream["name"] for told in self.lines])
        return Page(
            "All", "Overview", "index.html", Document(title, line.about(first), answer, sections)
        )

    def _line(self, told: Asked) -> Iterator[Section]:
        rows, name = line.stages(told), told.stream["name"]
        if rows.empty:
            yield Section(name, [line.nothing(told)])
            return
        headline = board.headline(told, rows)
        said = [headline, board.also(rows, headline), pace.sentence(told), board.lately(told)]
        picture = self._picture(told.stream.stream, board_svg.picture(told), f"{name}: {headline}")
        tables = [plain.boxes(told, rows), board.talk_about(told)]
        yield Section(name, [*filter(None, [*said, *board.but(told)])], tables, [picture])
        stands_on = [*pace.because(told), line.about(told), *line.not_measured(told, rows)]
        yield plain.blocked_by(told)
        yield Section(f"{name}: what this stands on", stands_on, [sources.ages(told)])

    def _of_lines(self) -> Iterator[Page]:
        for told in self.lines:
            if told.part("queue_size").empty:
                continue
            name, of = told.stream["name"], told.stream.stream
            for row in told.table("stage").sort_values("stage_no").to_dict("records"):
                document = self._stage(told, pandas.Series(row))
                yield Page(name, row["name"], self._html("stage", of, row["stage"]), document)
            charts = [self._chart(told, chart) for chart in OF_A_LINE]
            document = Document(f"{name}: flow", line.about(told), line.held(told), charts)
            yield Page(name, "Flow", self._html("flow", of), document)

    def _stage(self, told: Asked, row: pandas.Series) -> Document:
        now = told.part("queue_size", stage=row.stage).iloc[0]
        status = told.part("status", stage=row.stage).iloc[0]
        numbers = stages.numbers(told, row, now)
        for _, typical in told.part("typical_time", stage=row.stage).iterrows():
            numbers += stages.typical(told, typical)
        everything, of = stages.Kept(), f"{told.stream.stream}-{row.stage}"
        items = stages.items(told, row.stage, everything)
        whole = stages.every(told, row.stage, everything)
        file = self._data(f"{of}-items", whole, f"All {words.number(items.of)} as CSV")
        notes = [*told.part("typical_time", stage=row.stage).sentence, *stages.notes(told, row)]
        sections = [
            Section("Numbers", notes, [Table("Numbers", ["What", "Value"], numbers, "")]),
            Section("Open items", [], [stages.table(told, items)], [file]),
            *(self._chart(told, chart, row.stage) for chart in OF_A_STAGE),
            plain.blocked_by(told, row.stage),
            Section("Limits and blocks", [],
                    [stages.blocked(told, row.stage), stages.targets(told, row.stage)]),
        ]  # fmt: skip
        answer = f"{words.ICONS[status.colour]} {status.word}: {status.sentence}"
        return Document(f"{told.stream['name']}: {row['name']}", line.about(told), answer, sections)

    def _looked_at(self) -> Iterator[Page]:
        told = self.lines[0].processes()
        rows = processes.status(told)
        if len(rows):
            yield Page("All", "Pipeline", "pipeline.html", self._pipeline(told, rows))
        if steps := maps.steps(self.lines[0]):
            title, about = maps.heading(steps), maps.about(self.lines[0], steps)
            drawn = map_svg.drawn(steps, f"Service map: {title}", about)
            table = maps.table(steps)
            beside = [
                self._picture("map", drawn, f"Service map: {title}"),
                self._data("service-map", table, "The map as CSV"),
            ]
            sections = [
                Section("The map", about, [plain.numbers(table, "Step by step", False)], beside)
            ]
            document = Document("Service map", line.about(self.lines[0]), title, sections)
            yield Page("All", "Map", "map.html", document)

    def _pipeline(self, told: Asked, rows: pandas.DataFrame) -> Document:
        states = [
            [p.process_name, f"{words.ICONS[p.colour]} {p.word}", processes.why(p)]
            for p in rows.itertuples()
        ]
        table = Table("Processes", ["Process", "State", "Why"], states, "None.")
        sections = [Section("What is looked at", [processes.summary(told)], [table])]
        for group in dict.fromkeys(rows.process_group):
            for chart in ("weeks", "errors"):
                sections.append(self._of_processes(told, f"{group}/", chart))
        about = f"As of {words.day(told.as_of)}."
        return Document("Does it stay up?", about, processes.answer(rows), sections)

    def _of_processes(self, told: Asked, scope: str, chart: str) -> Section:
        try:
            shown = named.of_processes(named.scope(told, scope), chart)
        except ValueError as error:
            return Section(scope.strip("/"), [str(error)])
        return self._drawn(f"{scope.strip('/')}-{chart}", shown)

    def _chart(self, told: Asked, chart: str, stage: str = "") -> Section:
        try:
            shown = named.of_line(told, chart, stage)
        except ValueError as error:
            return Section(chart, [str(error)])
        name = "-".join(filter(None, [told.stream.stream, stage, chart]))
        return self._drawn(name, shown)

    def _drawn(self, name: str, shown: Shown) -> Section:
        """A chart: its sentences, the picture, and the numbers behind it."""
        told = shown.told
        said = [*filter(None, told.sentences)]
        if shown.draw is None:
            return Section(told.heading, said)
        picture = self._picture(name, taken.bare(shown), f"Chart: {told.heading}")
        whole = told.whole() if told.whole else told.rows
        data = self._data(name, whole, f"All {len(whole):,} rows as CSV")
        return Section(
            told.heading, said, [plain.numbers(told.rows, "The numbers behind it")], [picture, data]
        )

    def _rest(self) -> Iterator[Page]:
        yield Page("All", "Sources", "sources.html", sources_of(self.lines))
        yield self._catalogue()

    def _catalogue(self) -> Page:
        """All that is measured, and each figure as it stands."""
        told = catalogue.entries(self.lines[0])
        sections = []
        for kind, name in catalogue.KINDS.items():
            mine = [one for one in told if one.kind == kind and kind != "figure"]
            rows: list[list[Cell]] = [
                [
                    one.name,
                    one.sentence or words.NOTHING,
                    "; ".join(f"{k}: {v}" for k, v in one.facts),
                ]
                for one in mine
            ]
            if rows:
                table = Table(name, ["Name", "What it is", "What is known of it"], rows, "")
                sections.append(Section(name, [], [table]))
        sections += [self._figure(one) for one in told if one.kind == "figure"]
        about = "What is measured, what it means, whose it is; and each figure as it stands."
        answer = f"{len(metrics.figures())} figures, each with the sentence that defines it"
        return Page(
            "All", "Catalogue", "catalogue.html", Document("Catalogue", about, answer, sections)
        )

    def _figure(self, one: catalogue.Entry) -> Section:
        name = one.key.removeprefix("figure/")
        rows = every(self.publication, self.lines, name)
        file = self._data(name, rows, f"{name}.csv: {len(rows):,} rows", "figures")
        columns: list[list[Cell]] = [[c.name, c.unit, c.meaning] for c in one.columns]
        tables = [Table("Its columns", ["Column", "Unit", "What it is"], columns, "", folded=True)]
        if one.sql:
            lines: list[list[Cell]] = [[text] for text in one.sql.splitlines()]
            tables.append(Table("Its SQL", ["SQL"], lines, "", folded=True))
        return Section(f"{one.name} ({name})", [one.sentence], tables, [file])

    def _picture(self, name: str, content: str, said: str) -> Beside:
        return Beside(self._kept("pictures", name, "svg", content.encode()), said, picture=True)

    def _data(self, name: str, rows: pandas.DataFrame, said: str, folder: str = "data") -> Beside:
        return Beside(self._kept(folder, name, "csv", exports.csv(rows)), said)

    def _html(self, *parts: str) -> str:
        return self.files.free("", "-".join(parts), "html")

    def _kept(self, folder: str, name: str, kind: str, content: bytes) -> str:
        file = self.files.free(f"{folder}/", name, kind)
        self.files[file] = content
        return file


def sources_of(lines: list[Asked]) -> Document:
    """What each source of the lines and of the processes told, and how old that is."""
    first, looked = lines[0], lines[0].processes()
    fresh = [(told, told.figure("freshness"), told.stream["name"]) for told in lines]
    others = looked.figure("freshness", stream="")
    if len(others):
        fresh.append((looked, others, "What the sources of processes told"))
    tables = [sources.freshness(*one) for one in fresh]
    sections = [Section("What each tells", [], tables)]
    return Document("Sources", line.about(first), sources.age_line(first), sections)


def every(publication: metrics.Publication, lines: list[Asked], name: str) -> pandas.DataFrame:
    """A figure of all lines and of the processes, each at its own instant."""
    instants = {"": lines[0].processes().as_of}
    return of_every_stream(
        publication, name, instants | {told.stream.stream: told.as_of for told in lines}
    )
