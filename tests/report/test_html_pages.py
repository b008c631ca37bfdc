"""The pages: what they say, that nothing leaks, that they stand alone."""

import base64
import dataclasses
import hashlib
import html
import itertools
import re
from html.parser import HTMLParser

import pytest

from leadline.data.remarks import remark
from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import StudyPage

VOID = {"meta", "link", "img", "br", "hr", "input", "col"}


class Outline(HTMLParser):
    """Elements, ids, headings and the text of a page; complains of what is not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.headings, self.elements = [], [], [], []
        self.words = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.words.append(data)

    def text(self):
        return " ".join(" ".join(self.words).split())


def outline(page):
    parsed = Outline()
    parsed.feed(page)
    assert parsed.open == []
    return parsed


def limited(run, text):
    return dataclasses.replace(run, experiment=run.experiment.model_copy(update={"limits": text}))


def test_limits_stand_before_every_figure(make_run):
    text = "For <b>dogs</b>. Of one kennel & no other."
    for page in (
        render_run(limited(make_run(), text)),
        render_study(study(limited(make_run(), text))),
    ):
        said = outline(page).text()
        assert said.index("For <b>dogs</b>. Of one kennel & no other.") < said.index("86.67%", 100)
        assert "<b>dogs" not in page


def test_limits_are_said_once_in_a_study(make_run):
    runs = [
        limited(make_run(name, seed), "For dogs.") for name in ("mlp-1", "cnn-1") for seed in (0, 1)
    ]
    assert render_study(study(*runs)).count("<strong>For dogs.</strong>") == 1


def test_no_limits_no_notice(make_run):
    assert 'class="note limits"' not in render_run(make_run())


def study(*runs, **changes):
    return StudyPage("pets", "Pets", "", runs, wall_s=75.0, **changes)


@pytest.fixture(scope="module")
def pages(make_run):
    runs = [make_run(name, seed) for name in ("mlp-1", "hog-1", "cnn-1") for seed in (0, 1)]
    return {"run": render_run(make_run()), "study": render_study(study(*runs))}


@pytest.fixture(params=["run", "study"])
def page(request, pages):
    return pages[request.param]


def test_it_is_well_formed(page):
    assert page.startswith("<!doctype html>")
    assert outline(page).elements[0] == ("html", {"lang": "en"})


def test_ids_are_unique_and_links_lead_somewhere(page):
    found = outline(page)
    assert len(set(found.ids)) == len(found.ids)
    links = {one["href"][1:] for tag, one in found.elements if tag == "a"}
    assert links
    assert links <= set(found.ids)


def test_nothing_is_fetched_and_one_script_alone_may_run(page):
    assert "http://" not in page
    assert "https://" not in page
    ((script),) = re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'"
    )
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": policy}) in outline(
        page
    ).elements


def test_the_script_asks_for_nothing_and_keeps_nothing(page):
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    for name in ("fetch", "XMLHttp", "import(", "eval", "innerHTML", "localStorage", "cookie"):
        assert name not in script


def test_what_users_wrote_is_escaped(page):
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "dog & co" in outline(page).text()


def test_headings_step_down_one_at_a_time(page):
    headings = outline(page).headings
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(headings))


def test_every_figure_has_a_text_alternative(page):
    pictures = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert pictures
    for picture in pictures:
        assert 'role="img"' in picture
        assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>", picture)
    images = [one for tag, one in outline(page).elements if tag == "img"]
    assert images
    assert all(image["alt"] for image in images)


def test_every_table_has_a_caption_and_headers(page):
    tables = re.findall(r"<table.*?</table>", page, flags=re.DOTALL)
    assert tables
    for table in tables:
        assert "<caption>" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table
        assert "<th>" not in table


def test_rows_of_a_table_are_equally_long(page):
    for table in re.findall(r"<table.*?</table>", page, flags=re.DOTALL):
        widths = set()
        for row in re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL):
            cells = re.findall(r"<t[hd](?![a-z])([^>]*)>", row)
            spans = [re.search(r'colspan="(\d+)"', cell) for cell in cells]
            widths.add(sum(int(span[1]) if span else 1 for span in spans))
        assert len(widths) == 1, table[:200]


def test_the_same_content_gives_the_same_page(make_run):
    assert render_run(make_run()) == render_run(make_run())


def column(table, number):
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, flags=re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [row[number] for row in cells]


def test_weights_add_up_to_the_printed_total(pages):
    (table,) = re.findall(r'<table class="layers">.*?</table>', pages["run"], flags=re.DOTALL)
    *weights, total = [int(text.replace(",", "")) for text in column(table, -4)[1:]]
    assert weights == [0, 5200, 1203]
    assert total == sum(weights)
    *multiply_adds, total = [int(text.replace(",", "")) for text in column(table, -1)[1:]]
    assert multiply_adds == [0, 4800, 1200]
    assert total == sum(multiply_adds)
    assert column(table, -2)[1:] == ["–", "20.31 KB", "4.70 KB", "25.01 KB"]


@pytest.mark.parametrize(
    "said",
    [
        "86.67% of 30 test images classified correctly",
        "95% confidence interval: 70.32% to 94.69%",
        "Test loss 0.5004",
        "Weights 6,403 25.01 KB",
        "Training 4.0 s 3 epochs",
        "the lab reported an accuracy of 97.26% and a loss of 0.0904",
        "differs by −10.59 percentage points and +0.4100",
        "Layer l1_mp (MaxPooling2D) is unused: nothing reads its output: l2 reads l1.",
        "Validation 15",
        "(12 × 400) + 400 = 5,200",
        "Optimizer: RMSprop",
        "epsilon ε 1e-7",
        "the best epoch was 2; the model kept is that of epoch 3",
        "2 (best) 0.6000 80.00% 0.5000 85.00% 1.25 2,400 0.001",
        "dog & co 10 90.00% 59.6–98.2% 90.00% 59.6–98.2% 90.00%",
        "cat and <script>alert(1)</script> : 2 images",
        "<script>alert(1)</script> taken for cat : 0",
        "leadline train mlp-1 --seed 0",
        "python 3.11.2",
    ],
)
def test_a_run_says(pages, said):
    assert said in outline(pages["run"]).text()


def test_cautions_are_said_where_they_hold(make_run):
    plain = outline(render_run(make_run())).text()
    careful = outline(
        render_run(make_run(warnings=(remark("transposed"),), validation_is_test=True))
    ).text()
    for said in ("About the data. EMNIST's files hold", "Validated on the test images"):
        assert said in careful
        assert said not in plain


def test_a_changed_experiment_is_reproduced_from_its_file(make_run):
    experiment = make_run().experiment
    changed = experiment.model_copy(
        update={"training": experiment.training.model_copy(update={"epochs": 77})}
    )
    page = html.unescape(render_run(make_run(experiment=changed)))
    assert "leadline train experiment.toml --seed 0" in page
    assert "epochs = 77" in page


def test_many_classes_are_listed_by_confusion(make_run):
    import numpy as np

    from leadline.metrics.classification import evaluate

    classes = tuple(f"class {number}" for number in range(25))
    probabilities = np.full((50, 25), 0.02)
    probabilities[:, 3] += 0.5
    evaluation = evaluate(probabilities, np.arange(50) % 25, classes)
    text = outline(
        render_run(make_run(classes=classes, evaluation_test=evaluation, confused=()))
    ).text()
    assert "The 100 most frequent confusions of 24" in text
    assert "class 0 class 3 2" in text


def test_a_score_that_cannot_be_counted_is_no_zero(make_run):
    import numpy as np

    from leadline.metrics.classification import evaluate

    evaluation = evaluate(np.eye(3)[[0, 0, 1]] * 0.7 + 0.1, np.array([0, 0, 0]), ("a", "b", "c"))
    text = outline(render_run(make_run(evaluation_test=evaluation, confused=()))).text()
    assert "b 0 0.00% 0.0–79.3% – 0.00% 0.0–88.5%" in text
    assert "c 0 – – –" in text
    assert "A dash: no test image" in text
    assert "A dash" not in outline(render_run(make_run())).text()


def test_the_users_own_images_are_in_the_command(make_run):
    text = outline(render_run(make_run(data="my images/x"))).text()
    assert "leadline train mlp-1 --seed 0 --data 'my images/x'" in text


def test_a_class_name_written_from_right_to_left_turns_nothing_round(pages):
    assert "alert(1)&lt;/script&gt;</bdi> taken for <bdi>cat</bdi>: 0</p>" in pages["run"]


def test_the_history_has_a_column_of_aurocs_only_where_they_were_monitored(make_run):
    plain = make_run()
    ranked = [dataclasses.replace(row, validation_auroc=0.98765) for row in plain.history]
    page = render_run(dataclasses.replace(plain, history=ranked))
    assert "Validation AUROC" in page
    assert page.count(">0.9877<") == len(ranked)
    assert "Validation AUROC" not in render_run(plain)
