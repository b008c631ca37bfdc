"""The recipe that puts a run's model into the zoo."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import onnx
import pytest
from tests import explained_runs

from leadline import zoo
from leadline.errors import ModelFileError
from leadline.export import read_metadata
from leadline.report.model_card import FOLDER_NOTE

RECIPE = Path(__file__).parents[2] / "zoo" / "build.py"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("zoo_build", RECIPE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("zoo")
    return explained_runs.train(explained_runs.write_films(place / "films"), place / "run")


def test_the_first_run_ships_and_its_card_tells_of_all(build, run, tmp_path):
    build.ship([run, run], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny-cnn.md", "tiny-cnn.onnx"]
    card = (tmp_path / "tiny-cnn.md").read_text(encoding="utf-8")
    assert FOLDER_NOTE not in card
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert "python zoo/build.py tiny-cnn --data DIR" in card
    auroc = run.metrics.test_detail.auroc.value
    assert f"| 0 | {auroc:.3f} |" in card
    assert f"| mean | {auroc:.3f} |" in card
    assert "| standard deviation | 0.000 |" in card
    said = read_metadata(tmp_path / "tiny-cnn.onnx")
    own = read_metadata(run.folder / "model.onnx")
    assert said.card == card
    assert said.model_copy(update={"card": own.card}) == own


def parts(model_file: bytes) -> tuple[dict[str, str], bytes, bytes]:
    """Metadata, the graph, and all but the metadata."""
    model = onnx.load_model_from_string(model_file)
    said = {entry.key: entry.value for entry in model.metadata_props}
    model.ClearField("metadata_props")
    return said, model.graph.SerializeToString(), model.SerializeToString()


@pytest.mark.parametrize("name", zoo.names())
def test_a_card_is_put_into_a_file_and_nothing_else_changes(build, name):
    before = zoo.model_file_path(name).read_bytes()
    said, graph, rest = parts(build.carrying(before, {"leadline.card": "# other"}))
    assert said["leadline.card"] == "# other"
    assert ({**said, "leadline.card": parts(before)[0]["leadline.card"]}, graph, rest) == parts(
        before
    )
    assert build.carrying(before, {}) == before


def test_a_card_ends_as_its_recipe_says(build):
    assert build.recipe("chest-cnn", folder=True).endswith("was tried: `docs/chest.md`.\n")
    card = zoo.card_path("chest-cnn").read_text(encoding="utf-8")
    assert card.endswith(build.recipe("chest-cnn", folder=True))


def test_a_recipe_of_digits_needs_no_folder(build):
    ending = build.recipe("digits-cnn", folder=False)
    assert "`python zoo/build.py digits-cnn` in the project's folder" in ending
    assert zoo.card_path("digits-cnn").read_text(encoding="utf-8").endswith(ending)


def test_one_run_has_no_table_of_seeds(build, run):
    assert build.over_seeds([run]) == ""


def test_a_model_that_is_too_large_does_not_ship(build, run, tmp_path, monkeypatch):
    own_bytes = (run.folder / "model.onnx").stat().st_size
    monkeypatch.setattr(zoo, "LARGEST_BYTES", own_bytes)  # the longer card is one too many
    with pytest.raises(ModelFileError, match=r"bytes, and the zoo takes [\d,]+; make the network"):
        build.ship([run], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_an_model_file_says_why(build, run, tmp_path):
    metrics = replace(run.metrics, model_file="no ONNX file: it would not export")
    without = replace(run, folder=tmp_path, metrics=metrics)
    with pytest.raises(ModelFileError, match=r"no ONNX file: it would not export; fix that first"):
        build.ship([without], tmp_path)
