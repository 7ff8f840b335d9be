"""Figures that take a layer apart: a trace from the NumPy layer, drawn by one small stage."""
