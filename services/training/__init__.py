"""What a trainer says while it works and what it leaves: its log, and the trained weights."""
