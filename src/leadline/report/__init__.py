"""Runs, studies and audits as one HTML page each, which opens without a network.

| module | holds |
|---|---|
| `content` | what a page is made of: `RunPage`, `StudyPage` |
| `pages` | `render_run`, `render_study` |
| `run_view`, `study_view`, `study_row` | what the templates need beside the content |
| `binary_view`, `threshold_view`, `binary_study` | of two classes: curves, thresholds, models |
| `explanation_view`, `scope_view` | where a network looks; which images are of another kind |
| `audit_view`, `audit_page` | an audit and its page, without any figure library |
| `figures`, `tradeoff_plot` | arrays to SVG |
| `curves`, `reliability`, `forest` | the same of two classes, and values with their intervals |
| `svg` | a matplotlib figure to SVG that fits a page: themed, described, no clashing ids |
| `equations`, `expressions` | optimizer and loss as MathML, and as plain text |
| `images` | pixels to PNG data URIs |
| `wording`, `estimate_words` | numbers for people: 407,050; 97.26%; 0.984 (0.972–0.991) |
| `rendering` | the templates, loaded once |
| `templates/` | the sentences, the style sheet |
"""
