"""Who did what, when, to which episode: written with the act itself, and never changed."""
