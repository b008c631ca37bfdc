"""What an audit found: in English as it says itself, in French from its kind and numbers."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from tests.report.spoken_pages import FINDINGS

from leadline.data.audit import Finding, audit
from leadline.report.formatting import capital
from leadline.report.translations.language import speaking
from leadline.report.words.audit_words import features_name, sentence, split_name


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Every finding of a folder that has much amiss."""
    root, rng = tmp_path_factory.mktemp("amiss"), np.random.default_rng(0)
    sizes = {("train", "NORMAL"): 60, ("train", "PNEUMONIA"): 60, ("val", "NORMAL"): 4}
    sizes |= {("test", "NORMAL"): 10, ("test", "PNEUMONIA"): 60}
    for (split, name), count in sizes.items():
        folder = root / split / name
        folder.mkdir(parents=True)
        for index in range(count):
            # Bright where it is pneumonia: a shortcut. Patients come again in the test split.
            level = 160 if name == "PNEUMONIA" else 60
            pixels = rng.integers(0, 60, (16, 16), dtype=np.uint8) + level
            kind = "virus" if split == "train" and index % 2 else "bacteria"
            Image.fromarray(pixels).save(folder / f"p{index}_{kind}_{split}.png")
    copy = (root / "train" / "NORMAL" / "p0_bacteria_train.png").read_bytes()
    (root / "test" / "PNEUMONIA" / "p0_bacteria_test.png").write_bytes(copy)
    (root / "train" / "NORMAL" / "p61_bacteria_train.png").write_bytes(copy)
    (root / "train" / "NORMAL" / "p62_bacteria_train.png").write_bytes(b"no image")
    return audit(root, group_pattern=r"^(p\d+)_", subgroup_pattern="(bacteria|virus)").findings


def test_english_is_what_the_audit_says(found):
    assert len({one.kind for one in found}) >= 7
    for one in found:
        named = one.kind == "prevalence-shift"
        assert sentence(one) == (one.message if named else capital(one.message))


def test_french_says_every_kind_of_finding(found):
    with speaking("fr"):
        for one in (*found, *FINDINGS):
            said = sentence(one)
            assert said != capital(one.message)
            assert not {"the", "images of", "has", "with"} & set(said.split())


FRENCH = {
    "shared-group": (
        "Patients présents à la fois dans les jeux d’apprentissage et de test : 12 ; 30 des 625 "
        "images de test (4,8 %) montrent l’un d’eux."
    ),
    "small-split": (
        "Le jeu de validation a 16 images : 15 réponses justes sur 16 auraient un intervalle à "
        "95 % de 72 à 99 %, trop large pour choisir ou pour juger."
    ),
    "missing-subgroup": (
        "Le jeu de validation n’a aucune image du sous-type virus (1 345 dans le jeu "
        "d’apprentissage, 148 dans le jeu de test)."
    ),
    "prevalence-shift": (
        "PNEUMONIA fait 74,3 % du jeu d’apprentissage et 62,5 % du jeu de test (test du khi-deux, "
        "p = 1e-05)."
    ),
    "small-class": "Le jeu de test a des classes de moins de 20 images : PNEUMONIA (12).",
}


@pytest.mark.parametrize(("kind", "said"), FRENCH.items(), ids=FRENCH)
def test_french_sentences(kind, said):
    finding = next(one for one in FINDINGS if one.kind == kind)
    with speaking("fr"):
        assert " ".join(sentence(finding).split()) == said


def test_what_an_older_version_left_out_is_said_as_it_said_it():
    older = Finding("small-split", ("test",), 3, "test has 3 images.", {})
    with speaking("fr"):
        assert sentence(older) == "Test has 3 images."
    other = dataclasses.replace(older, kind="new-kind", message="of a later version.")
    assert sentence(other) == "Of a later version."


def test_labels():
    with speaking("fr"):
        assert (split_name("train"), split_name("Pets")) == ("apprentissage", "Pets")
        assert (features_name("file size"), features_name("odd")) == ("taille du fichier", "odd")
