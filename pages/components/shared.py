"""What several pages hold for all visitors: each resource is read, kept and bounded here, once."""
