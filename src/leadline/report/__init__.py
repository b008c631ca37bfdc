"""Runs and studies as one HTML page each, which opens without a network.

| module | holds |
|---|---|
| `content` | what a page is made of: `RunPage`, `StudyPage` |
| `pages` | `render_run`, `render_study` |
| `run_view`, `study_view` | what the templates need beside the content |
| `figures`, `scatter` | arrays to SVG |
| `svg` | a matplotlib figure to SVG that fits a page: themed, described, no clashing ids |
| `equations`, `expressions` | optimizer and loss as MathML, and as plain text |
| `images` | pixels to PNG data URIs |
| `wording` | numbers for people: 407,050; 1.55 MB; 97.26% |
| `templates/` | the sentences, the style sheet |
"""
