"""`data audit`: who hears what, and the exit status."""

import json
import shutil
import subprocess
import sys

import pytest
from tests.data.audit.making import clean_folder

PERSON = ("--group-pattern", "^(p[0-9]+)_")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    counts = {"train": (120, 120), "test": (60, 60)}
    return clean_folder(tmp_path_factory.mktemp("clean"), counts)


@pytest.fixture
def leaking(clean, tmp_path):
    folder = shutil.copytree(clean, tmp_path / "data")
    shutil.copy(folder / "train/cat/p1_0.bmp", folder / "test/cat/p1_7.bmp")
    return folder


def test_nothing_found_is_status_0(leadline, clean):
    said = leadline("data", "audit", str(clean), *PERSON)
    assert (said.status, said.out) == (0, "")
    lines = said.err.splitlines()
    assert lines[-1] == "nothing found"
    assert any(line.split() == ["train", "120", "120", "240"] for line in lines)


def test_what_is_found_is_said_with_what_to_do(leadline, leaking):
    said = leadline("data", "audit", str(leaking), *PERSON)
    assert (said.status, said.out) == (1, "")
    lines = said.err.splitlines()
    start = lines.index(
        "shared-group: patients in both train and test: 1; 1 of 121 test images (0.8%) show one "
        "of them."
    )
    assert lines[start + 1].startswith("→ Move every image of a patient to one split")
    assert lines[start + 2].startswith("duplicate: the same image in train and test: 2 images")
    assert lines[-1] == "2 findings of 2 kinds"


def test_all_files_that_cannot_be_read_are_named(leadline, clean, tmp_path, monkeypatch):
    folder = shutil.copytree(clean, tmp_path / "data")
    names = [f"train/cat/bad{number}.png" for number in range(5)]
    for name in names:
        (folder / name).write_bytes(b"no image")
    said = leadline("data", "audit", str(folder), *PERSON).err.splitlines()
    first = next(number for number, line in enumerate(said) if line.startswith("unreadable: "))
    assert "5 files that cannot be read; the first: " in said[first]
    for line, name in zip(said[first : first + 5], names, strict=True):
        assert name in line
    assert said[first + 5] == "→ Replace these files or remove them; training refuses them."
    monkeypatch.setattr("leadline.cli.audit_text.MOST_UNREADABLE", 3)
    said = leadline("data", "audit", str(folder), *PERSON).err.splitlines()
    assert said[first + 4] == "and 1 more; --json names all."


def test_json_is_alone_on_standard_output(leadline, leaking):
    said = leadline("data", "audit", str(leaking), *PERSON, "--json")
    assert said.status == 1
    assert said.err == ""
    told = json.loads(said.out)
    assert told["path"] == str(leaking)
    assert [one["kind"] for one in told["findings"]] == ["shared-group", "duplicate"]


def test_a_page_is_written_beside_what_is_said(leadline, leaking, tmp_path):
    page = tmp_path / "new" / "audit.html"
    said = leadline("data", "audit", str(leaking), *PERSON, "-o", str(page))
    assert (said.status, said.out) == (1, f"{page}\n")
    assert said.err.splitlines()[-1] == f"report: {page}"
    text = page.read_text(encoding="utf-8")
    assert "Patients in two splits" in text
    assert text.count("data:image/png") == 2
    assert "data audit" in text
    assert "--group-pattern &#39;^(p[0-9]+)_&#39;" in text


def test_json_stays_alone_where_a_page_is_written(leadline, clean, tmp_path):
    page = tmp_path / "audit.html"
    said = leadline("data", "audit", str(clean), *PERSON, "--json", "-o", str(page))
    assert json.loads(said.out)["findings"] == []
    assert said.err == f"report: {page}\n"


def test_a_page_in_french_beside_words_in_english(leadline, leaking, tmp_path):
    page = tmp_path / "audit.html"
    said = leadline("data", "audit", str(leaking), *PERSON, "-o", str(page), "--lang", "fr")
    assert said.err.splitlines()[-1] == f"report: {page}"
    text = page.read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert "Patients présents dans deux jeux" in text
    assert "patients in both" in said.err


def test_a_language_that_no_page_is_written_in(leadline, clean):
    said = leadline("data", "audit", str(clean), "--lang", "de")
    said.is_one_line("error: language 'de'; choose one of en, fr.")


@pytest.mark.parametrize(
    ("name", "said"), [("audit.json", "use a name that ends in .html"), (".", "folder")]
)
def test_a_page_goes_to_no_other_file(leadline, clean, name, said):
    leadline("data", "audit", str(clean), "-o", name).is_one_line(f"error: {name}", said)


def test_size_is_handed_on(leadline, clean, monkeypatch):
    asked: dict[str, object] = {}

    def look(path, **options):
        asked.update(options, path=path)
        raise KeyboardInterrupt

    monkeypatch.setattr("leadline.data.audit.audit", look)
    said = leadline("data", "audit", str(clean), "--size-px", "48", "--subgroup-pattern", "x")
    assert said.status == 130
    assert (asked["size_px"], asked["subgroup_pattern"]) == (48, "x")
    assert asked["group_pattern"] is None


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("absent",), "absent: no such file or folder"),
        ((".",), "holds no images in class folders"),
        (("{clean}", "--group-pattern", "("), "is not a valid regular expression"),
        (("{clean}", "--group-pattern", "q"), "does not match any of 360 file names"),
        (("{clean}", "--size-px", "4"), "greater than or equal to 16"),
    ],
)
def test_bad_input_is_one_line(leadline, clean, here, arguments, part):
    filled = [argument.format(clean=clean) for argument in arguments]
    leadline("data", "audit", *filled).is_one_line("error: ", part)


def test_it_runs_without_what_only_training_needs(leaking):
    blocked = ["torch", "keras", "scipy", "sklearn", "matplotlib", "onnx", "pyarrow", "pandas"]
    code = (
        "import sys; "
        f"sys.modules.update(dict.fromkeys({blocked})); "
        "from leadline.cli import main; main(sys.argv[1:])"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code, "data", "audit", str(leaking), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert json.loads(ended.stdout)["findings"][0]["kind"] == "duplicate"
