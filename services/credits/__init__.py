"""Credits and dollars: what things cost, who may still pay for them, and what was spent."""
