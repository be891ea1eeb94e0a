"""Compares the storage with the rows, and keeps what is missing on either side."""
