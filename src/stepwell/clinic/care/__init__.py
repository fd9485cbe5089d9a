"""Episodes, plans, what people tell, what the engine recommends, and what people decide."""
