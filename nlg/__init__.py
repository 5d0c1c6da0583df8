"""How responses become messages; named in endpoints.yml."""
