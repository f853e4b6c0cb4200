"""The product without a screen. Read in this order:

workflow (what happens), features (what is asked), deliverables (what it produces), agents (who does it),
workspaces (the files), runs (when it happens), evidence (why we believe it), criteria (how success is judged),
reviews (who signs), ledger (what was decided), notifications (what a person should know), reminders (who must be told),
metrics (how we are doing), people, exports.
Imports go downward only; `pyproject.toml` holds the order as a contract. Nothing here imports streamlit.
"""
