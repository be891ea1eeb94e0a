"""Reading the facts: each file asks one part, in a number of statements that does not grow."""
