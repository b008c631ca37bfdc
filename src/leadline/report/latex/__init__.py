"""Tables for a paper, as LaTeX, in the language that is spoken.

| module | holds |
|---|---|
| `escape` | text that LaTeX prints as it is |
| `table` | one table: booktabs, caption, label, notes |
| `of_study` | experiments, pairs, measures of two classes |
| `of_run` | scores by class, layers |
"""

from leadline.report.latex.latex_run import run_latex
from leadline.report.latex.latex_study import study_latex
from leadline.report.latex.latex_table import PaperTable

__all__ = ["PaperTable", "run_latex", "study_latex"]
