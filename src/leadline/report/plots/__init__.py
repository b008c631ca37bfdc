"""Figures of the report, as SVG, PNG and PDF."""
