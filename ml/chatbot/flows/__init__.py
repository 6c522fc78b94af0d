"""The conversations of the assistant, one module a kind. `ml.chatbot.flow` is the way in."""
