"""WHO DOES IT: the twelve agents' prompts and definitions, and the engines that play them.

`engine.py` is the door that both engines stand behind. An engine knows nothing of the database, the durable engine,
decisions or the ledger; it gets a brief and gives a draft.
"""
