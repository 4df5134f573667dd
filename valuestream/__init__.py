"""The one name under which this project is installed; `import valuestream` brings its folders in reach.

A wheel holds them inside this folder, so that nothing of ours lands in another's environment as
`app`, `cli` or `metrics`; in a clone they lie beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
HOME = _HERE if (_HERE / "cli.py").exists() else _HERE.parent
sys.path.insert(0, str(HOME))


def main() -> None:
    """The command `valuestream`."""
    from cli import app

    app()
