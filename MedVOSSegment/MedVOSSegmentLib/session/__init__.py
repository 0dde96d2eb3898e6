"""What the user is doing: steps, what is theirs, what the model did, and how to take it back."""
