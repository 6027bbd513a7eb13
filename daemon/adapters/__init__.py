"""The world, one library each. Every library's exceptions become those of `daemon.errors` here, once."""
