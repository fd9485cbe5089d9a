"""The engine: what is open to this person today, and why.

Pure and standard library only: no clock, no input or output, no randomness.
`decide` is the only public door; `wire` is the same door for JSON.
"""
