"""Diagnosis of a training from its learning curves and its generalization gap."""
