"""How the assistant tells what a message wants. `ml.chatbot.intents` is the way in."""
