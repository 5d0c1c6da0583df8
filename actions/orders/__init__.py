"""Orders already placed: told, cancelled, changed, ordered again."""
