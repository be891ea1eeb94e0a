"""What providers are called on pages, and which of them answer with the pictures themselves."""

from services.providers.base import DESK

PROVIDER_LABELS = {
    "replicate": "Replicate",
    "gemini": "Gemini",
    "huggingface": "Hugging Face",
    "desk": "Atelier",
}


SYNCHRONOUS = frozenset({"gemini", "huggingface", DESK})
"""Those that work while the submit step waits for the pictures."""
