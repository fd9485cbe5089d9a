"""The clinic: people sign in, tell, agree and decide; everything they do is kept with its actor."""
