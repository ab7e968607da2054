"""Who has committed to what about military AI, with the passage that proves it."""
