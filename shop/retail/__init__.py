"""The retail acceptance set as a shop of its own, in the embedded store."""
