"""The tables of a paper: whole LaTeX, whatever the names, with what its figures mean below it."""

import re
from dataclasses import replace

import pytest
from tests.analysis.diagnosis.course_of import guess_of
from tests.report.comparisons import comparison, pair
from tests.report.conftest import sample_run
from tests.report.latex.compiling import compiled, needs_latex
from tests.report.test_json_complete import of_areas, whole_study
from tests.report.two_classes import two_class_run

from leadline.report.latex import PaperTable, run_latex, study_latex
from leadline.report.latex.latex_table import FIT, LONGEST, Line
from leadline.report.page_content import StudyPage
from leadline.report.sections.run_view import RunView
from leadline.report.sections.study_view import StudyView
from leadline.report.translations.language import speaking


def of_study(page):
    return {table.name: table.latex() for table in study_latex(StudyView(page))}


def rows(latex):
    """Cells of each row between the rules, without groups' heads."""
    body = latex.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    lines = [line.strip() for line in body.splitlines() if line.strip().endswith(r" \\")]
    return [
        re.split(r"(?<!\\) & ", line.removesuffix(r" \\"))
        for line in lines
        if "multicolumn" not in line
    ]


def check(latex):
    """Braces and environments close, and every row has as many cells as there are columns."""
    plain = re.sub(r"\\[\\{}%]", "", latex)
    assert plain.count("{") == plain.count("}")
    begun, ended = (re.findall(rf"\\{word}{{(\w+)}}", latex) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)
    (columns,) = re.findall(r"\\begin{(?:tabular|longtable)}{([lr]+)}", latex)
    for cells in rows(latex):
        assert len(cells) == len(columns), cells


def table(**changes):
    values = {
        "name": "t", "caption": "C", "heads": ("A", "B"), "numbers": (False, True),
        "lines": (Line(("a", "1")),), "notes": "N",
    }  # fmt: skip
    return PaperTable(**(values | changes))


def test_a_table_by_hand():
    lines = (Line(("group_1",)), Line(("[a] & b", "97%")), Line(("c", "−1"), strong=True))
    assert table(lines=lines, name="first_one", caption="50% done").latex() == (
        "% \\usepackage[T1]{fontenc} \\usepackage{booktabs,graphicx,textcomp}\n"
        "\\begin{table}\n"
        "  \\centering\n"
        "  \\caption{50\\% done}\n"
        "  \\label{tab:first-one}\n"
        "  \\footnotesize\\setlength{\\tabcolsep}{4pt}\n"
        f"  {FIT}\\begin{{tabular}}{{lr}}\n"
        "    \\toprule\n"
        "    A & \\multicolumn{1}{c}{B} \\\\\n"
        "    \\midrule\n"
        "    \\multicolumn{2}{l}{\\emph{group\\_1}} \\\\\n"
        "    {}[a] \\& b & 97\\% \\\\\n"
        "    \\textbf{c} & \\textbf{$-$1} \\\\\n"
        "    \\bottomrule\n"
        "  \\end{tabular}}\n"
        "  \\par\\smallskip\n"
        "  \\begin{minipage}{\\linewidth}\\footnotesize\n"
        "  N\n"
        "  \\end{minipage}\n"
        "\\end{table}\n"
    )


def test_many_rows_break_over_pages():
    latex = table(lines=(Line(("a", "1")),) * (LONGEST + 1)).latex()
    assert r"\begin{longtable}{lr}" in latex
    assert "longtable" in latex.splitlines()[0]
    check(latex)


def test_letters_that_pdflatex_lacks_are_said():
    assert "LuaLaTeX" not in table().latex()
    assert "LuaLaTeX" in table(caption="猫").latex()


@pytest.mark.parametrize("make", [whole_study, of_areas])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_table_of_a_study_is_whole(make, language):
    with speaking(language):
        found = of_study(make())
    assert {"experiments", "comparison-accuracy"} <= set(found)
    for latex in found.values():
        check(latex)


def test_experiments_and_what_their_figures_mean():
    latex = of_study(whole_study())["experiments"]
    mlp, cnn = rows(latex)
    assert mlp[0] == r"\textbf{mlp-1}"
    assert cnn[1] == r"86.67\% (70.32--94.69\%)"  # Wilson, of 26 in 30
    assert mlp[2] == r"\textbf{0.00 (2)}"
    assert "Wilson's 95\\% interval" in latex
    assert "In bold: the best on validation images." in latex


def guessing_study(mlp, cnn):
    return replace(
        whole_study(),
        guessing={"mlp-1": guess_of(0.25, 1 / 3, mlp), "cnn-1": guess_of(0.5, 1 / 3, cnn)},
    )


NO_BETTER = "Not shown to be better than guessing: mlp-1."


def test_the_best_is_not_in_bold_where_it_may_be_guessing():
    latex = of_study(guessing_study("not shown", "better"))["experiments"]
    assert [cells[0] for cells in rows(latex)] == ["mlp-1", "cnn-1"]
    assert "textbf" not in latex
    assert "In bold" not in latex
    assert NO_BETTER in latex


def test_the_best_that_only_ranks_better_than_guessing_is_named_below_the_table():
    found = of_study(guessing_study("ranking only", "better"))
    assert rows(found["experiments"])[0][0] == r"\textbf{mlp-1}"
    for name in ("experiments", "tradeoffs"):
        assert (
            "Accuracy not shown to exceed always predicting the most frequent class, although the "
            "AUROC is above 0.5: mlp-1."
        ) in found[name], name
    with speaking("fr"):
        french = of_study(guessing_study("ranking only", "better"))["experiments"]
    assert "bien que l'AUROC dépasse 0,5 : mlp-1." in french.replace("~", " ")


def test_all_that_may_be_guessing_are_named_in_every_table_that_ranks():
    both = "Not shown to be better than guessing: mlp-1 and cnn-1."
    found = of_study(guessing_study("not shown", "not shown"))
    assert both in found["experiments"]
    assert both in found["tradeoffs"]
    areas = replace(of_areas(), guessing=guessing_study("not shown", "not shown").guessing)
    assert both in of_study(areas)["measures"]


def test_nothing_is_said_of_guessing_where_all_are_better():
    found = of_study(guessing_study("better", "better"))
    assert not any("guessing" in latex for latex in found.values())
    assert r"\textbf{mlp-1}" in found["experiments"]


def test_a_run_that_may_be_guessing_has_it_below_its_scores():
    page = sample_run(guessing=guess_of(0.25, 1 / 3))
    classes = run_latex(RunView(page))[0].latex()
    assert "Not shown to be better than guessing. Always predicting a is right for" in classes
    plain = run_latex(RunView(sample_run(guessing=guess_of(0.9, 1 / 3, "better"))))[0].latex()
    assert "guessing" not in plain


def test_pairs_with_their_tests():
    runs = sample_run("mlp-1"), sample_run("cnn-1")
    page = StudyPage("s", "S", "", runs, comparison=comparison(pair("mlp-1", "cnn-1", 0.0123)))
    latex = of_study(page)["comparison-accuracy"]
    assert rows(latex) == [["mlp-1", "cnn-1", "+1.23", "+0.83 to +1.63", "0.012", "0.62", "better"]]
    for said in ("(Holm)", "0.50 percentage points", "Tests: t-test over images and seeds."):
        assert said in latex


def test_costs_with_their_fronts():
    latex = of_study(whole_study())["tradeoffs"]
    mlp, cnn = rows(latex)
    assert mlp[:3] == ["mlp-1", r"86.67\%", "6,403 (front)"]
    assert mlp[-1] == "0.072 ms (front)"
    assert cnn[-1] == "617 ms"
    assert "no other experiment does better" in latex


def test_areas_have_a_table_of_their_own():
    found = of_study(of_areas())
    assert {"comparison-auroc", "measures"} <= set(found)
    (mlp, _) = rows(found["measures"])
    assert mlp[0] == "mlp-1"
    assert "PNEUMONIA" in found["measures"]


def test_a_run_has_its_classes_and_layers():
    found = {one.name: one.latex() for one in run_latex(RunView(sample_run()))}
    assert list(found) == ["classes-mlp-1-seed-0", "layers-mlp-1-seed-0"]
    cat, script, _ = rows(found["classes-mlp-1-seed-0"])
    assert cat[:2] == ["cat", "10"]
    assert script[0] == r"\textless{}script\textgreater{}alert(1)\textless{}/script\textgreater{}"
    *_, total = rows(found["layers-mlp-1-seed-0"])
    assert total[3] == r"\textbf{6,403}"


def test_french_tables_have_french_numbers():
    with speaking("fr"):
        latex = of_study(whole_study())["experiments"]
    assert r"86,67\,\%" in latex


@needs_latex
@pytest.mark.slow
def test_latex_takes_them_all(tmp_path):
    hostile = sample_run("cnn-1", dataset_name=r"50% of \films_1 & ~more^ #2")
    pages = [whole_study(), of_areas(), replace(whole_study(), title=r"A & B_{x} \undefined")]
    tables = [one for page in pages for one in study_latex(StudyView(page))]
    tables += [*run_latex(RunView(hostile)), *run_latex(RunView(two_class_run()))]
    tables.append(table(lines=(Line(("a", "1")),) * 60))
    said = compiled(tmp_path, "\\clearpage\n".join(one.latex() for one in tables))
    assert "Overfull \\hbox" not in said
