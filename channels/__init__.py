"""Channels: platforms' messages in, turns of the dialogue, replies out."""
