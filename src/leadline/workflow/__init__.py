"""One module per command: the steps from the user's request to the finished result.

Start with `run_training.py`, then `study_training.py` and `report_writing.py`.
"""
