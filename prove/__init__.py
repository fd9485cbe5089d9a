"""What `make prove` runs: the engine checked from outside. Nothing in src imports this."""
