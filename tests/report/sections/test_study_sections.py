"""The sections of a study's page: in the page and in the list of contents, in one order."""

import re

import jinja2
import pytest
from tests.report.test_json_complete import whole_study

from leadline.report import html_rendering
from leadline.report.html_pages import render_study
from leadline.report.sections import study_sections
from leadline.report.sections.section import Section
from leadline.report.sections.study_view import StudyView


@pytest.fixture(scope="module")
def html():
    return render_study(whole_study())


def test_contents_and_page_have_the_same_order(html):
    entries = re.search(r'<nav class="contents".*?</nav>', html, re.DOTALL)
    assert entries is not None
    listed = re.findall(r'href="#([\w-]+)"', entries[0])
    assert listed == [one.id for one in StudyView(whole_study()).sections]
    places = [html.index(f' id="{name}"') for name in listed]
    assert places == sorted(places)


def test_a_section_is_one_function_and_one_template(tmp_path, monkeypatch):
    """Written outside the package: it arrives in the page and in the contents."""
    (tmp_path / "largest.html.j2").write_text(
        "{% macro said(name) %}most weights{% endmacro %}"
        "{% macro section(name) %}<p>{{ name }} is the largest.</p>{% endmacro %}"
    )

    def largest(study):
        row = max(study.page.rows, key=lambda row: row.totals.weights)
        return Section("largest", "Largest model", "largest.html.j2", row.name)

    loader = html_rendering.templates().loader
    assert loader is not None
    monkeypatch.setattr(
        html_rendering.templates(),
        "loader",
        jinja2.ChoiceLoader([loader, jinja2.FileSystemLoader(tmp_path)]),
    )
    monkeypatch.setattr(
        "leadline.report.sections.study_view.SECTIONS", (*study_sections.SECTIONS, largest)
    )
    html = render_study(whole_study())
    assert '<a href="#largest">Largest model</a>' in html
    assert re.search(
        r'<h2>Largest model</h2> <span class="fold-said">most weights</span>.*is the largest\.</p>',
        html,
        re.DOTALL,
    )
