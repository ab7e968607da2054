"""Facts from accepted claims, the OWL 2 RL closure, contradictions, and why a triple holds."""
