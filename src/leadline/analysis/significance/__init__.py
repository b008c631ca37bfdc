"""Paired tests between models, corrected for multiple comparisons."""
