"""What is on disk between a platform's request and the dialogue, and back."""
