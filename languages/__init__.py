"""The words of the product in other languages: collected, kept apart by risk, and compiled."""
