"""What every page shares: the running services, the frame, the widgets and the wording."""
