"""What the assistant understands and says: arithmetic and rules, no database and, but for `llm`, no network."""
