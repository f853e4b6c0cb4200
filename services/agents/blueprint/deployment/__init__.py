"""Steps 10 to 12: how it is released, watched and explained."""
