"""The jobs page: counts, queues, workers, the list of runs, and what pauses them."""
