"""The claude engine: agents that think and write with a model. The only door to the `anthropic` SDK.

From the outside in: `engine.py` plays a task, `prompting.py` lays out what is sent, `calls.py` pays and retries,
`streams.py` is one HTTP exchange, `faults.py` says what can go wrong and what a person does then.
"""
