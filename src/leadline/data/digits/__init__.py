"""Preprocessing of photographed and drawn digits in the style of MNIST."""
