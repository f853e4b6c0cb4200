"""What is remembered: tables, the queries that join or sum them, and the migrations. No rule lives here."""
