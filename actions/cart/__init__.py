"""The cart: choosing a variant, quantities, changes, promotion codes."""
