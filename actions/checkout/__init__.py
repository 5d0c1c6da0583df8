"""From cart to paid: who, where to, how, an explicit yes, a link, and the payment's arrival."""
