"""The notebook in examples/ runs from its first cell to its last on the bundled example."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "examples/flow.ipynb"
CHARTS = 14


@pytest.fixture(scope="module")
def executed(example):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VALUESTREAM_DATA", str(example))
        client = NotebookClient(
            notebook, timeout=120, resources={"metadata": {"path": NOTEBOOK.parent}}
        )
        client.execute()
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_every_cell_runs_and_every_chart_is_drawn(executed):
    drawn = [o for o in outputs(executed) if "vega" in o.get("data", {}).get("text/html", "")]
    assert len(drawn) == CHARTS


def test_it_says_what_the_pages_say(executed):
    said = "".join(
        o.text for o in outputs(executed) if o.output_type == "stream" and o.name == "stdout"
    )
    assert (
        "Whole line -> unknown | Too few move on to tell by their pace: in the last 52 of 120 weeks"
        in said
    )
    assert "3 of 46 entered have moved on; 42 still in, for a median of 627 days" in said
    assert (
        "Too little to forecast from: 1 of the 52 weeks looked at had any, and it takes 5." in said
    )


def test_it_is_kept_without_outputs():
    kept = nbformat.read(NOTEBOOK, as_version=4)
    assert not outputs(kept)
    assert all(cell.get("execution_count") is None for cell in kept.cells)
