"""After the sale: wishes about orders, one after the other, read back and then done."""
