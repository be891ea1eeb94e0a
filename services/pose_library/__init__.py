"""The pose library: poses as data, their skeletons, and the two ways in which these are drawn."""
