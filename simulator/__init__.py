"""A server of its own that speaks the Replicate, Gemini and Hugging Face HTTP APIs to their real clients.

Nothing of the application imports it, and it imports nothing of the application.
"""
