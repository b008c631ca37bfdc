"""What a study's page answers, as a reader sees it."""

import dataclasses
import re
from html import unescape

import numpy as np
import pytest
from tests.analysis.diagnosis.course_of import guess_of
from tests.analysis.test_seed_confusions import CLASSES, DRAWN
from tests.analysis.test_seed_learning_curves import diagnosis, gap
from tests.report.comparisons import comparison, pair
from tests.report.sections.questions.studies import run
from tests.report.two_classes import two_class_run

from leadline.models.weight_table import LayerRow
from leadline.report.html_rendering import templates
from leadline.report.page_content import StudyPage
from leadline.report.sections.study_view import StudyView
from leadline.report.translations.language import LANGUAGES, speaking

LAB = ("mlp-1", "mlp-3", "hog-1", "hog-2", "cnn-1", "cnn-2", "cnn-3")


def study(*pages, **changes):
    return StudyPage("s", "S", "", pages, **changes)


def lab(*names, **changes):
    """The lab's models, two seeds each."""
    course = diagnosis("over-fitting", measured=gap(0.01, 0.002, 0.018))
    return study(
        *(run(name, seed, diagnosis=course) for name in names or LAB for seed in (0, 1)), **changes
    )


def answer(html, number):
    """What stands below a question, up to the next."""
    rest = html.partition(f'<h3 id="question-{number}">')[2]
    return words(re.split(r'<h3 id="(?:question|slips)|<details class="fold', rest)[0])


def section(study_page):
    """The section as the page holds it."""
    module = templates().get_template("answers.html.j2").module
    return str(vars(module)["section"](StudyView(study_page).answers))


def words(html):
    plain = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", re.sub(r"</\w+>", " ", plain))).split())


@pytest.fixture(scope="module")
def page():
    return section(lab())


def test_the_first_three_answers(page):
    assert "RMSprop , with a learning rate of 0.001. All experiments share this setting." in answer(
        page, 1
    )
    assert "Categorical cross-entropy , over 3 classes" in answer(page, 2)
    topology = answer(page, 3)
    assert "From 25,802 weights (hog-1 ) to 856,330 (cnn-3 ). They have between 2 and 5" in topology
    assert "Not all layers are used: in cnn-1, cnn-2 and cnn-3 some are unused" in topology
    assert "(2 × 2 × 32 × 32) + 32 = 4,128" in topology


def test_how_training_went(page):
    said = answer(page, 4)
    assert "Over-fitting: mlp-1, mlp-3, hog-1, hog-2, cnn-1, cnn-2 and cnn-3." in said
    assert "mlp-1 Over-fitting, 2 of 2 seeds 3 2 +1.00 +0.20 to +1.80" in said
    assert "Nothing to fix" not in said


def test_guessing_is_no_all_clear():
    pages = (run("hog-1", diagnosis=diagnosis()), run("mlp-1", diagnosis=diagnosis()))
    guesses = {"hog-1": guess_of(0.25, 1 / 3), "mlp-1": guess_of(0.9, 1 / 3, "better")}
    said = answer(section(study(*pages, guessing=guesses)), 4)
    assert "Not shown to be better than guessing: hog-1." in said
    assert "Nothing to fix: mlp-1." in said
    assert "hog-1 not shown to be better than guessing" in said
    assert "mlp-1 nothing to remark" in said


def test_runs_of_older_versions_have_no_course():
    assert "did not judge their training" in answer(section(study(run("mlp-1"))), 4)


def test_deep_networks_and_their_weights(page):
    said = answer(page, 7)
    assert "Here cnn-1, with 5 layers of weights, has 410,538 weights; mlp-3, with 3," in said
    assert "In 14 of 15 pairs of models of different depth the deeper one has more." in said
    assert "in cnn-2 it holds 98.8% of all weights, the convolutions 1.0%" in said
    assert "cnn-1 5 410,538 8,416 2.0% 401,472 97.8% 650 0.2% 6,924,928 16.9 1.57 MB" in said
    assert "cnn-1 14 × 14 × 32 = 6,272 410,538 109,482 11,178" in said


def test_a_shallow_study_cannot_tell():
    assert "These models cannot tell: each has 2 layers of weights." in answer(
        section(lab("mlp-1", "hog-1")), 7
    )
    assert "One model alone cannot tell" in answer(section(lab("mlp-1")), 7)


def test_where_all_deeper_models_have_more():
    said = answer(section(lab("hog-1", "cnn-1", "cnn-2")), 7)
    assert "In this study, yes: in all 2 pairs of models of different depth" in said


def test_a_network_whose_weights_are_in_its_convolutions():
    said = answer(section(study(run("mlp-1"), run("cnn-3-pooled"))), 7)
    assert "Not in general. Here cnn-3-pooled" in said
    assert "its convolutions hold 57.6% of the weights, the first dense layer 40.9%" in said


def test_a_network_without_a_dense_layer_is_not_said_to_have_one():
    page = run(
        "cnn-1", layers=(LayerRow("c", "Conv2D", (None, 9, 9, 10), 100, 100, (100,), 0, 400),)
    )
    said = answer(section(study(run("mlp-1"), page)), 7)
    assert "before a dense layer reads them" not in said
    assert "first dense layer 0" not in said


JUDGED = comparison(
    pair("cnn-1", "hog-1"),
    pair("cnn-1", "mlp-1", verdict="equivalent"),
    pair("hog-1", "mlp-1", verdict="no difference shown"),
)


def test_which_is_best_and_whether_it_is():
    trio = ("cnn-1", "hog-1", "mlp-1")
    view = StudyView(lab(*trio, comparison=JUDGED))
    assert view.compared is not None
    best = view.compared.best
    said = answer(section(lab(*trio, comparison=JUDGED)), 6)
    assert said.startswith(
        "6. Which model is best, and is it better beyond chance? Which model would you choose? "
        "How precisely is its accuracy known with this number of test images? Which differences "
        f"are larger than that? {best} , with"
    )
    for kind, names in view.answers.verdicts.items():
        assert names
        assert kind in {"better", "equivalent", "no difference shown", "beaten"}
    told = {name for names in view.answers.verdicts.values() for name in names}
    assert told == set(trio) - {best}


def test_all_others_beaten_is_said_short():
    judged = comparison(pair("mlp-1", "hog-1"), pair("mlp-1", "cnn-1"), pair("hog-1", "cnn-1"))
    html = section(lab("mlp-1", "hog-1", "cnn-1", comparison=judged))
    assert "It is better beyond chance than all 2 others." in answer(html, 6)


def test_one_experiment_has_nothing_to_be_compared_with():
    assert "It is the only one here" in answer(section(lab("mlp-1")), 6)


def test_confusions_of_the_best():
    page = run("mlp-1", classes=CLASSES)
    test = dataclasses.replace(page.evaluation_test, confusion=np.array(DRAWN))
    said = answer(section(study(dataclasses.replace(page, evaluation_test=test))), 5)
    assert "mlp-1 takes a for b most beyond chance: 20 of its 87 errors" in said
    assert "mlp-1 a b 20" in said


def test_two_classes_are_binary_cross_entropy():
    html = section(study(two_class_run("chest-cnn")))
    assert "Of two classes, that is binary cross-entropy." in answer(html, 2)
    assert "images of NORMAL for PNEUMONIA" in answer(html, 5)
    assert "with an AUROC of" in answer(html, 6)


def test_the_labs_slips_only_beside_its_models(page):
    said = words(page.partition('id="slips"')[2])
    assert "(640 × 10) + 10 = 650, which would be 6,410" in said
    assert "The text on cnn-3 gives 812,650 weights, which is cnn-2’s total." in said
    assert "the shallow network has 1,607,210 weights and the deep one 95,370: 17 times" in said
    assert 'id="slips"' not in section(study(run("first-cnn"), run("first-hog")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_gets_through(language):
    with speaking(language):
        html = section(lab("hog-1", "hog-2", "cnn-1", "cnn-2", "cnn-3"))
    assert html.count('id="question-') == 7
