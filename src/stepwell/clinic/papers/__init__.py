"""Documents that a person or a team takes away: values in, a file out. Nothing is stored here."""
