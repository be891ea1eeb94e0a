"""The rules, one file a subject: pure functions from facts to findings."""
