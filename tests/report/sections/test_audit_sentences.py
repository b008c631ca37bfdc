"""What checks say, in English and in French, and a check from outside the package."""

import dataclasses
import json

import pytest
from tests.data.audit.making import PX, clean_folder
from tests.report.spoken_pages import FINDINGS

from leadline.data.audit import CHECKS, Check, Finding, audit, check_of, register
from leadline.report.formatting import sentence
from leadline.report.translations.language import speaking
from leadline.system.messages import counted, message


@pytest.mark.parametrize("finding", FINDINGS, ids=[finding.kind for finding in FINDINGS])
def test_french_says_every_kind_of_finding(finding):
    check = check_of(finding)
    with speaking("fr"):
        said = sentence(check.message(finding))
        assert sentence(check.title) != str(check.title)
        assert sentence(check.advice) != str(check.advice)
    assert said != finding.message
    assert not {"the", "images of", "has", "with"} & set(said.split())


FRENCH = {
    "shared-group": (
        "patients présents à la fois dans les jeux d’apprentissage et de test : 12 ; 30 des 625 "
        "images de test (4,8 %) montrent l’un d’eux."
    ),
    "small-split": (
        "le jeu de validation a 16 images : 15 réponses justes sur 16 auraient un intervalle à "
        "95 % de 72 à 99 %, trop large pour choisir ou pour juger."
    ),
    "missing-subgroup": (
        "le jeu de validation n’a aucune image du sous-type virus (1 345 dans le jeu "
        "d’apprentissage, 148 dans le jeu de test)."
    ),
    "prevalence-shift": (
        "la classe PNEUMONIA fait 74,3 % du jeu d’apprentissage et 62,5 % du jeu de test (test du "
        "khi-deux, p = 1e-05)."
    ),
    "small-class": "le jeu de test a des classes de moins de 20 images : PNEUMONIA (12).",
    "unreadable": (
        "1 fichier illisible ; le premier : a.png : illisible comme image (truncated) ; "
        "remplacez-le ou retirez-le."
    ),
}


@pytest.mark.parametrize(("kind", "said"), FRENCH.items(), ids=FRENCH)
def test_french_sentences(kind, said):
    finding = next(one for one in FINDINGS if one.kind == kind)
    with speaking("fr"):
        written = sentence(check_of(finding).message(finding))
    assert " ".join(written.split()) == said


class SquareImages(Check):
    """A check of somebody else: images that are square."""

    code = "square"
    title = message("Square images")
    advice = message("Nothing need be done.")

    def search(self, searched):
        sizes = searched.records.sizes
        n = int((sizes[:, 0] == sizes[:, 1]).sum())
        if n:
            yield Finding(self.code, ("train",), n, {"side_px": int(sizes[0, 0])})

    def message(self, finding):
        side = finding.details["side_px"]
        return counted(
            "{n:,} image is square, of {side} px.", "{n:,} images are square, of {side} px.",
            finding.count, n=finding.count, side=side,
        )  # fmt: skip

    def figure(self, finding):
        return message("{n:,} squares", n=finding.count)

    def severity(self, finding):
        return "minor"


@pytest.fixture
def square():
    check = SquareImages()
    register(check)
    yield check
    CHECKS.remove(check)


def test_a_check_from_outside_arrives_in_terminal_json_and_page(
    square, tmp_path, monkeypatch, capfd
):
    from leadline.cli import main

    folder = clean_folder(tmp_path / "data", {"train": (120, 120), "test": (60, 60)})
    page = tmp_path / "page.html"
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as ended:
        main(["data", "audit", str(folder), "-o", str(page)])
    terminal = capfd.readouterr().err
    assert ended.value.code == 1
    assert f"square: 360 images are square, of {PX} px." in terminal
    assert "→ Nothing need be done." in terminal
    html = page.read_text(encoding="utf-8")
    for said in ("Square images", f"360 images are square, of {PX} px.", "360 squares"):
        assert said in html
    with pytest.raises(SystemExit):
        main(["data", "audit", str(folder), "--json"])
    (finding,) = json.loads(capfd.readouterr().out)["findings"]
    assert finding == {
        "kind": "square", "splits": ["train"], "count": 360,
        "message": f"360 images are square, of {PX} px.", "advice": "Nothing need be done.",
        "side_px": PX,
    }  # fmt: skip


def test_a_code_is_taken_once(square):
    with pytest.raises(ValueError, match="check code 'square' is taken"):
        register(SquareImages())


def test_without_its_check_a_finding_cannot_be_shown():
    with pytest.raises(KeyError, match="unknown"):
        check_of(dataclasses.replace(FINDINGS[0], kind="unknown"))


def test_every_finding_of_an_audit_has_a_check(tmp_path):
    folder = clean_folder(tmp_path, {"train": (30, 30), "test": (8, 8)})
    found = audit(folder)
    assert {finding.kind for finding in found.findings} == {"small-split", "small-class"}
    assert all(check_of(finding).code == finding.kind for finding in found.findings)
