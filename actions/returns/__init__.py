"""Goods that come back: returns, exchanges, refunds and problems."""
