"""RIM: who will engage with this item? Activity of a user times relevance of an item."""
