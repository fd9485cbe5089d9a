"""Ease off one agreed step at a time: an engine that recommends, a clinic where people decide."""
