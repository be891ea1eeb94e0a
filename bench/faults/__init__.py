"""Every cause planted for real: kills, flushes, deletes, and faults of the simulator."""
