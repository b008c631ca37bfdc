"""matplotlib in one configuration, whatever a user's matplotlibrc, environment or notebook sets.

matplotlib reads MPLBACKEND and the first matplotlibrc that it finds when it is first imported, and
an invalid one prevents the import. Figures are drawn and saved in `standard_style`; a notebook's
own settings and its backend are the same afterwards.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.errors import SetupError
from leadline.system.bounded_files import reason_of

if TYPE_CHECKING:
    from types import ModuleType

RC_FILE = "matplotlibrc"
STANDARD_RC: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "text.parse_math": False,  # a class may be called "US$ or CA$"
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "grid.linewidth": 0.8,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "pdf.fonttype": 42,  # journals ask for text that can be searched
}
"""Differences from matplotlib's defaults."""


@contextmanager
def standard_style(settings: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Draw and save figures with matplotlib's defaults, `STANDARD_RC` and further settings."""
    from matplotlib import style

    with style.context(["default", dict(STANDARD_RC), dict(settings or {})]):
        yield


def import_matplotlib() -> ModuleType:
    """Import matplotlib.

    Raises
    ------
    SetupError
        Naming the variable or the file to correct, if a user's configuration prevents the import.
    """
    try:
        return import_module("matplotlib")
    except ImportError:
        raise
    except Exception as error:
        reason = " ".join(reason_of(error).split())[:200].rstrip(".")
        backend = os.environ.get("MPLBACKEND")
        if backend and backend.removeprefix("module://") in str(error):
            raise SetupError(
                f"MPLBACKEND={backend} is set, and matplotlib cannot be imported with it "
                f"({reason}); unset it, or set MPLBACKEND=agg, before matplotlib is first imported."
            ) from error
        path = _configuration_file()
        if path is None:
            raise
        raise SetupError(
            f"{path}: matplotlib cannot read it ({reason}); correct or remove it."
        ) from error


def import_without_local_file() -> ModuleType:
    """Import matplotlib without reading ./matplotlibrc, which comes before $MATPLOTLIBRC.

    For the command line, which owns its process: it changes the current folder for a moment.
    """
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None or not os.path.lexists(RC_FILE):
        return import_matplotlib()
    with chdir(Path(spec.origin).parent):
        return import_matplotlib()


def _configuration_file() -> Path | None:
    """Return the matplotlibrc that matplotlib reads, None for its own."""
    places = [Path(RC_FILE)]
    if named := os.environ.get("MATPLOTLIBRC"):
        places += [Path(named), Path(named, RC_FILE)]
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    places.append(Path(os.environ.get("MPLCONFIGDIR") or Path(config, "matplotlib"), RC_FILE))
    return next((place for place in places if place.exists() and not place.is_dir()), None)
