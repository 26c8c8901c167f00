"""Which calls to listen to: the draw, its files and its book."""
