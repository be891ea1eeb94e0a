"""What providers are called on pages, and which of them answer with the pictures themselves."""

from services.providers.base import LOCAL

PROVIDER_LABELS = {
    "replicate": "Replicate",
    "gemini": "Gemini",
    "huggingface": "Hugging Face",
    "local": "Atelier",
}


SYNCHRONOUS = frozenset({"gemini", "huggingface", LOCAL})
"""Those that work while the submit step waits for the pictures."""
