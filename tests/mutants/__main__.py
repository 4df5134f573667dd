"""Try seeded mutants and write docs/mutants.md. A run that was broken off goes on where it was.

make mutants
cd tests && python -m mutants --seed 7 --count 50
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from mutants import mutant, page, trial
from mutants.results import Results


def main() -> None:
    """Draw, try what is not known yet, write the page."""
    asked = _asked()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a kill is a Ctrl-C: tidied up
    print("Looking for every fault there could be: two minutes or more.", flush=True)
    drawn = mutant.draw(trial.all_mutants(), asked.seed, asked.count)
    results = Results()
    try:
        _try(drawn, results, asked)
    except trial.Broken as broken:
        sys.exit(str(broken))
    except KeyboardInterrupt:
        print("Broken off; the next run goes on from here.")
    results = Results()  # another run may have gone on beside this one
    tried = [(fault, outcome) for fault in drawn if (outcome := results.of(fault))]
    page.write(tried, asked.seed, asked.count)
    caught = sum(outcome.how != "survived" for _, outcome in tried)
    print(f"{caught} of {len(tried)} caught; see {page.FILE.relative_to(trial.ROOT)}.")


def _asked() -> Namespace:
    parser = ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=2, help="another draw")
    parser.add_argument("--count", type=int, default=200, help="how many to draw")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin none after so long")
    parser.add_argument(
        "--again", action="store_true", help="try survivors without a reason once more"
    )
    parser.add_argument(
        "--back", action="store_true", help="begin with the last, beside a run that does not"
    )
    return parser.parse_args()


def _try(drawn: list[mutant.Mutant], results: Results, asked: Namespace) -> None:
    """Try those of which nothing is known, with a line for each."""
    begun = time.monotonic()
    known = {fault: results.of(fault) for fault in drawn}
    due = [
        fault for fault, outcome in known.items()
        if not outcome
        or (asked.again and outcome.how == "survived" and not page.explained(fault))
    ]  # fmt: skip
    due = due[::-1] if asked.back else due
    caught = sum(bool(o) and o.how != "survived" for o in known.values())
    done = len(drawn) - len(due)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = trial.Copy(Path(folder))
        unproved = [test for test in trial.all_tests() if results.seconds(test) is None]
        if due and unproved:
            print(f"Without a fault: {', '.join(unproved)}", flush=True)
            for test, seconds in copy.baseline(unproved).items():
                results.keep_seconds(test, seconds)
        usual = {test: results.seconds(test) or 0.0 for test in trial.all_tests()}
        started = time.monotonic()
        for n, fault in enumerate(due, 1):
            if time.monotonic() - begun > asked.minutes * 60:
                break
            if not asked.again and Results().of(fault):
                continue
            outcome = copy.trial(fault, usual)
            results.keep(fault, outcome)
            caught += outcome.how != "survived"
            left = (time.monotonic() - started) / n * (len(due) - n) / 60
            print(
                f"{done + n} of {len(drawn)}, {caught} caught, {left:.0f} min to go: {outcome.how} "
                f"in {outcome.seconds:.0f} s, {fault.file}:{fault.line} {outcome.by}",
                flush=True,
            )


if __name__ == "__main__":
    main()
