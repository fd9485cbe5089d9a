"""Measurements of speed on the machine they run on; nothing in src/ imports them."""
