"""Remarks: codes and values, complete, in both languages, through JSON and decoder processes."""

import json
from dataclasses import asdict

import pytest

from leadline.data.formats.image_formats import BY_CODE, HEIC
from leadline.data.formats.image_names import Reason
from leadline.data.remarks import LEFT_OUT, TEMPLATES, Remark, remark, remark_of
from leadline.errors import DataError
from leadline.report.formatting import sentence
from leadline.report.translations.language import speaking

KIND = {"reason": "hidden", "format": "", "suffix": ".png", "count": 1, "first": "a/.x.png"}


def test_every_reason_has_words():
    assert LEFT_OUT.keys() == {reason.value for reason in Reason}


@pytest.mark.parametrize("code", [one.code for one in BY_CODE.values() if one.way_on])
def test_a_format_that_is_not_read_is_named_with_its_fix(code):
    said = remark("other-format", file="a.png", format=code)
    assert BY_CODE[code].title in str(said)
    assert BY_CODE[code].way_on in str(said)
    with speaking("fr"):
        assert BY_CODE[code].way_on not in sentence(said.message)


def test_kinds_of_files_are_named_the_first_six():
    kinds = [{**KIND, "suffix": f".{n}", "count": 1000} for n in range(8)]
    text = str(remark("left-out", kinds=kinds))
    assert text.startswith("Left out: 8,000 files: 1,000 .0 (a hidden image), such as a/.x.png; ")
    assert text.endswith("; 2,000 of 2 other kinds.")
    heic = {**KIND, "reason": "unread-format", "format": HEIC.code, "suffix": ""}
    assert str(remark("left-out", kinds=[heic])).startswith(
        "Left out: 1 file: 1 without suffix (a HEIC photograph: convert it to PNG or JPEG"
    )


def test_absent_classes_are_named_the_first_five():
    text = str(remark("class-absent", split="test", names=list("abcdefg")))
    assert text == (
        "No test image is of class 'a', 'b', 'c', 'd', 'e' and 2 more: nothing is measured for "
        "that class there."
    )
    assert "'g'" not in text


def test_french():
    with speaking("fr"):
        said = sentence(remark("one-class", split="test", name="dog").message)
        assert said.startswith(
            "Toutes les images de test sont d’une seule classe, «\u00a0dog\u00a0»"
        )
        said = sentence(remark("beside-splits", folder="x", folders={"old": 1200}).message)
        assert said == "Non lu, à côté des jeux dans x\u00a0: old (1\u202f200 images)."


@pytest.mark.parametrize("code", TEMPLATES)
def test_values_that_are_missing_are_refused(code):
    template = TEMPLATES[code]
    if isinstance(template, str) and "{" not in template:
        assert str(Remark(code))
    else:
        with pytest.raises(ValueError, match=f"remark '{code}'"):
            Remark(code)


def test_an_unknown_code_is_refused():
    with pytest.raises(ValueError, match="remark 'nothing'"):
        Remark("nothing")


def test_remarks_survive_json():
    said = remark("dicom-frames", file="a.dcm", frames=1200)
    assert Remark(**json.loads(json.dumps(asdict(said)))) == said
    assert "1,200 frames" in str(said)
    assert len({said, Remark(**asdict(said))}) == 1


def test_an_error_keeps_its_remark():
    said = remark("too-many-bytes", file="a.png", most=5)
    assert remark_of(DataError(said)) is said
    assert str(DataError(said)) == "a.png: more than 5 bytes; refused. Make it smaller."
    assert remark_of(DataError("no luck.")) == remark("other", text="no luck.")
