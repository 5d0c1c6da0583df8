"""What e-mail needs beside the adapter (channels/mail.py)."""
