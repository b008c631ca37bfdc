"""Sentences, labels and equations that several parts of the report share."""
