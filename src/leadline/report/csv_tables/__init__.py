"""What a record holds as tables of plain rows, for spreadsheets and data frames: CSV.

A row is a record's value laid flat: `test_accuracy.mean` becomes the column `test_accuracy_mean`,
an interval two columns that end in `_low` and `_high`.
"""

from leadline.report.csv_tables.csv_run import run_tables
from leadline.report.csv_tables.csv_study import study_tables
from leadline.report.csv_tables.csv_table import Table, flat

__all__ = ["Table", "flat", "run_tables", "study_tables"]
