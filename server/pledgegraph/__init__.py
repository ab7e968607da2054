"""Who has committed to what about military AI, with the passage that proves it."""

__version__ = "0.1.0"
