"""Runs, studies and audits rendered as HTML, JSON, CSV and LaTeX; a page opens without a network.

| module | holds |
|---|---|
| `page_content` | what a page is made of: results of `leadline.analysis`, and pictures |
| `html_pages` | `render_run`, `render_study`, `render_questions` |
| `json_report` | `report.json`: the summaries of `leadline.analysis.summary` |
| `csv_tables/`, `latex/` | the same values as tables |
| `sections/` | what the templates need for each section |
| `plots/` | arrays to SVG that fits a page: themed, described, no clashing ids |
| `words/` | sentences and numbers in the reader's language |
| `translations/`, `locales/` | French |
| `templates/` | the sentences of the pages, the style sheet |
"""
