"""Drawing that two screens share."""
