"""Who signs in, in which service and role, and what each person has consented to."""
