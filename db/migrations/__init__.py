"""The history of the schema: one revision per change, each goes up and down."""
