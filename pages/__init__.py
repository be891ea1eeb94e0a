"""The screens: each reads, draws and calls one service method."""
