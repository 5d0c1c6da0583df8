"""What the assistant decides: one module a topic; rasa_sdk registers every action found here."""
