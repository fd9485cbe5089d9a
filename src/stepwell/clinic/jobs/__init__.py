"""Timers and deliveries: what has to happen though nobody opens a page."""
