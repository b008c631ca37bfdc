"""One module per command: the steps from the user's request to the finished result.

Start with `pipeline.py`.
"""
