"""Figures and imports do not depend on a user's matplotlib configuration."""

import os
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.rcsetup import cycler

from leadline.errors import SetupError
from leadline.report.plots import matplotlib_setup
from leadline.report.plots.figure_export import SavedFigure, collect_figures
from leadline.report.plots.history_plots import history_plot
from leadline.report.plots.matplotlib_setup import import_matplotlib, standard_style

OTHER = {
    "savefig.bbox": "tight", "savefig.pad_inches": 2, "savefig.dpi": 30, "text.hinting": "none",
    "text.antialiased": False, "pdf.compression": 0, "pdf.fonttype": 3, "pdf.use14corefonts": True,
    "font.size": 40, "font.family": "monospace", "path.simplify": False, "lines.linewidth": 9,
    "svg.fonttype": "path", "figure.autolayout": True, "axes.prop_cycle": cycler(color="r"),
    "savefig.transparent": True, "axes.formatter.use_locale": True, "path.snap": False,
    "svg.hashsalt": "other", "figure.dpi": 31,
}  # fmt: skip


def saved():
    kept: list[SavedFigure] = []
    with collect_figures(kept.append):
        history_plot("loss", [0.9, 0.5, 0.3], [0.8, 0.6, 0.7], best_epoch=2, uid="a")
    return kept[0].files()


def settings():
    """All settings, and the backend without choosing one, which reading it would do."""
    chosen = {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}
    return chosen, mpl.get_backend(auto_select=False)


@pytest.fixture(scope="module")
def expected():
    return saved()


@pytest.mark.parametrize("setting", ["all", "savefig.bbox", "text.hinting", "pdf.compression"])
def test_a_users_settings_change_no_file_and_stay(expected, setting):
    chosen: Any = OTHER if setting == "all" else {setting: OTHER[setting]}
    with mpl.rc_context():
        mpl.rcParams.update(chosen)
        before = settings()
        assert saved() == expected
        assert settings() == before


def test_pdf_files_embed_searchable_text(expected):
    assert b"/TrueType" in expected["pdf"] or b"/CIDFontType2" in expected["pdf"]


def test_standard_style_takes_further_settings():
    with mpl.rc_context({"lines.linewidth": 9}), standard_style({"font.size": 7}):
        assert mpl.rcParams["font.size"] == 7
        assert mpl.rcParams["lines.linewidth"] == mpl.rcParamsDefault["lines.linewidth"]


CODE = """
from leadline.errors import LeadlineError
from leadline.report.plots import matplotlib_setup
try:
    print(matplotlib_setup.{function}().rcParams["font.size"])
except LeadlineError as error:
    print("ERROR", error)
"""


def imported(function, folder, **environment):
    """The size of the standard font, or the error, and what is on standard error."""
    # A command that ran in this process before may have set them.
    others = {
        key: value for key, value in os.environ.items() if not key.startswith(("MPL", "MATPL"))
    }
    given = {**others, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(function=function)],
        env=given, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout, done.stderr


def test_a_backend_that_is_not_there_is_named(tmp_path):
    out, err = imported("import_matplotlib", tmp_path, MPLBACKEND="nonsense")
    assert out.startswith("ERROR MPLBACKEND=nonsense is set, and matplotlib cannot be imported")
    assert out.endswith("unset it, or set MPLBACKEND=agg, before matplotlib is first imported.\n")
    assert err == ""


@pytest.mark.parametrize("place", [".", "MATPLOTLIBRC", "MPLCONFIGDIR"])
def test_a_file_that_is_not_utf_8_is_named(tmp_path, place):
    folder = tmp_path / "configuration"
    here = tmp_path if place == "." else folder
    folder.mkdir()
    (here / "matplotlibrc").write_bytes(b"# \xff\xfe\n")
    environment = {} if place == "." else {place: str(folder)}
    out, _ = imported("import_matplotlib", tmp_path, **environment)
    name = "matplotlibrc" if place == "." else str(folder / "matplotlibrc")
    assert out.startswith(f"ERROR {name}: matplotlib cannot read it (")
    assert out.endswith("correct or remove it.\n")


@pytest.mark.parametrize("content", [b"font.size: 33\n", b"# \xff\xfe\n", b"foo\nfont.size: x\n"])
def test_a_command_does_not_read_the_file_in_the_current_folder(tmp_path, content):
    (tmp_path / "matplotlibrc").write_bytes(content)
    default = f"{mpl.rcParamsDefault['font.size']}\n"
    found = imported("import_without_local_file", tmp_path, MATPLOTLIBRC=os.devnull)
    assert found == (default, "")


def test_another_error_passes(monkeypatch, tmp_path):
    def fails(_name):
        raise ValueError("a defect")

    monkeypatch.setattr(matplotlib_setup, "import_module", fails)
    for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="a defect") as caught:
        import_matplotlib()
    assert not isinstance(caught.value, SetupError)
