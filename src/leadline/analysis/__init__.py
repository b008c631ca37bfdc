"""Conclusions from predictions: significance, diagnosis, label errors, OOD scores."""
