"""`leadline explain` on a tiny run: the picture, its words, JSON, and what goes wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.data.dicom_files import film, save
from tests.explained_runs import LIMITS, train, write_films

pytest.importorskip("keras")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def run(films, tmp_path_factory):
    return str(train(films, tmp_path_factory.mktemp("runs") / "cnn").folder)


@pytest.fixture
def lit(films):
    return str(films / "lit" / "3.png")


def test_a_picture_and_its_words(leadline, here, run, lit, films):
    said = leadline("explain", run, lit, str(films / "dull" / "1.png"))
    assert said.status == 0, said.err
    assert said.out == "explanation.png\n"
    with Image.open(here / "explanation.png") as picture:
        assert picture.format == "PNG"
        one_row = picture.size
    for words in ("tiny-cnn seed 0, Grad-CAM at layer conv2d_1", "lit", "dull", LIMITS,
                  "A uniform map has 36% there."):  # fmt: skip
        assert words in " ".join(said.err.split())
    leadline("explain", run, lit, "-o", "one.png")
    with Image.open(here / "one.png") as picture:
        assert picture.width == one_row[0]
        assert picture.height < one_row[1]


def test_json_is_alone_on_standard_output(leadline, here, run, lit):
    said = leadline("explain", run, lit, "--json", "-o", "why.png")
    assert (said.status, said.err) == (0, "")
    table = json.loads(said.out)
    assert {key: table[key] for key in ("model", "method", "layer", "positive", "picture")} == {
        "model": "tiny-cnn seed 0", "method": "Grad-CAM", "layer": "conv2d_1", "positive": "lit",
        "picture": "why.png",
    }  # fmt: skip
    assert table["limits"] == LIMITS
    (one,) = table["images"]
    assert one["path"] == lit
    assert (one["class"], one["explained"], one["in_scope"]) == ("lit", "lit", True)
    assert one["probability"] == one["probabilities"]["lit"] > 0.5
    assert 0 <= one["border_share"] < 0.2
    assert (here / "why.png").is_file()


def test_an_model_file_is_asked_too(leadline, here, run, lit):
    said = leadline("explain", f"{run}/model.onnx", lit, "--class", "dull", "--json")
    table = json.loads(said.out)
    assert (table["method"], table["layer"]) == ("occlusion", None)
    assert table["images"][0]["explained"] == "dull"


BASE_ALONE = (
    "import sys\n"
    "for name in ('babel', 'keras', 'matplotlib', 'onnx', 'pyarrow', 'scipy', 'sklearn', 'torch'):"
    "\n"
    "    sys.modules[name] = None\n"
    "from leadline.cli import main\n"
    "main()\n"
)


def on_the_base_install(*arguments):
    line = [sys.executable, "-c", BASE_ALONE, "explain", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_base_install_explains_a_model_of_the_zoo(here):
    digit = Image.new("L", (200, 260), 255)
    ImageDraw.Draw(digit).line([(50, 50), (150, 50), (90, 210)], 0, 18, "curve")
    digit.save(here / "seven.png")
    said = on_the_base_install("digits-cnn", "seven.png", "--json")
    assert said.returncode == 0, said.stderr
    (one,) = json.loads(said.stdout)["images"]
    assert (one["class"], one["empty"]) == ("7", False)
    assert one["runner_up"] != "7"
    assert one["runner_up_probability"] == one["probabilities"][one["runner_up"]]
    with Image.open(here / "explanation.png") as picture:
        assert picture.format == "PNG"


def test_the_base_install_asks_the_model_file_of_a_run(here, run, lit):
    said = on_the_base_install(run, lit)
    assert said.returncode == 0, said.stderr
    told = " ".join(said.stderr.split())
    assert told.startswith(
        "tiny-cnn seed 0, occlusion of its model.onnx (Grad-CAM needs leadline[train]): where"
    )
    assert (here / "explanation.png").is_file()


def test_no_model_file_of_a_stranger_steers_the_terminal(leadline, here, run, lit):
    onnx = pytest.importorskip("onnx")
    model = onnx.load(f"{run}/model.onnx")
    for entry in model.metadata_props:
        if entry.key in ("leadline.limits", "leadline.name"):
            entry.value = "all \x1b[31mis\nwell"
    onnx.save(model, here / "odd.onnx")
    said = leadline("explain", "odd.onnx", lit)
    assert said.status == 0, said.err
    assert "\x1b" not in said.err
    assert r"all \x1b[31mis well" in said.err


def test_any_image_that_the_readers_take(leadline, here, run):
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 90, (40, 60)).astype(np.uint16)
    levels[11:29, 18:42] = 250
    Image.fromarray(levels * 257).save(here / "deep.png")
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned a quarter
    Image.fromarray(levels.astype(np.uint8)).convert("RGB").save(here / "turned.jpg", exif=turned)
    save(film(levels, WindowCenter=128, WindowWidth=256), here / "film.dcm")
    said = leadline("explain", run, "deep.png", "turned.jpg", "film.dcm", "--json")
    assert said.status == 0, said.err
    table = json.loads(said.out)
    assert [one["path"] for one in table["images"]] == ["deep.png", "turned.jpg", "film.dcm"]
    assert {one["class"] for one in table["images"]} == {"lit"}


def test_what_is_far_from_the_training_images_is_flagged(leadline, here, run):
    Image.fromarray(np.tile(np.array([[0, 255]], np.uint8), (32, 16))).save(here / "stripes.png")
    said = leadline("explain", run, "stripes.png")
    assert said.status == 0
    assert "unlike the training images" in " ".join(said.err.split())


def test_a_picture_replaces_its_like_and_no_film(leadline, here, run, lit):
    Image.new("L", (8, 8)).save("film.png")
    (here / "torn.png").write_bytes(b"no picture")
    for name in ("film.png", "torn.png"):
        before = (here / name).read_bytes()
        leadline("explain", run, lit, "-o", name).is_one_line(f"{name}: already exists and was not")
        assert (here / name).read_bytes() == before
    assert leadline("explain", run, lit, "-o", "why.png").status == 0
    assert leadline("explain", run, lit, "-o", "why.png").status == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("RUN", "gone.png"), ("gone.png: no such file or folder",)),
        (("RUN", "IMAGE", "--class", "bright"), ("no class 'bright'", "dull, lit")),
        (("gone", "IMAGE"), ("gone: no such run, model file (.onnx) or zoo model",)),
        ((".", "IMAGE"), ("holds no finished run",)),
        (("IMAGE", "IMAGE"), ("not a model file (.onnx)",)),
        (("RUN", "IMAGE", "-o", "why.jpg"), ("why.jpg", "use a name that ends in .png")),
        (("RUN", "IMAGE", "-o", "."), ("is a folder; give a file name",)),
        (("RUN", "IMAGE", "-o", "IMAGE"), ("is one of the images",)),
        (("RUN", "IMAGE", "-o", "no/such/why.png"), ("there is no folder no/such",)),
        (("RUN",), ("IMAGE",)),
        (("RUN", *["IMAGE"] * 101), ("more than 100 images", "give fewer")),
    ],
)
def test_what_the_user_can_mend_is_one_line(leadline, here, run, lit, arguments, words):
    line = [{"RUN": run, "IMAGE": lit}.get(word, word) for word in arguments]
    leadline("explain", *line).is_one_line("error: ", *words)
    assert list(here.iterdir()) == []


def test_a_study_is_no_run(leadline, here, lit):
    (here / "study").mkdir()
    (here / "study" / "report.json").write_text("{}")
    leadline("explain", "study", lit).is_one_line("study: holds no finished run", "seed-0")


@pytest.mark.slow
def test_real_films_of_a_short_run(leadline, here, chest_folder):
    import leadline as package
    from leadline.experiments import Experiment

    layers = [
        {"type": "Conv2D", "filters": 8, "kernel_size": 5, "strides": 2, "activation": "relu"},
        {"type": "Conv2D", "filters": 16, "kernel_size": 3, "activation": "relu"},
        {"type": "GlobalAveragePooling2D"},
    ]
    experiment = Experiment.model_validate(
        {
            "name": "films", "family": "cnn", "features": {"kind": "pixels"}, "layers": layers,
            "data": {
                "source": "chest-xray", "size_px": [48, 48], "train_limit": 200,
                "group_pattern": r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)",
            },
            "training": {"epochs": 1},
        }
    )  # fmt: skip
    done = package.run(experiment, data=chest_folder, out=here / "run")
    kept = done.explanations()
    assert kept is not None
    assert (done.folder / "explanations.npz").stat().st_size < 1_000_000
    assert len(kept.border_sample) == 200
    assert "Where the network looks" in done.report.read_text(encoding="utf-8")
    film = next((chest_folder / "test" / "NORMAL").iterdir())
    said = leadline("explain", str(done.folder), str(film), "--json")
    table = json.loads(said.out)
    assert table["positive"] == "PNEUMONIA"
    assert "no medical device" in table["limits"]
    assert table["images"][0]["in_scope"] is True
