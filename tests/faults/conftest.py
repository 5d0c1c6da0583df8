"""The model, the action server and the databases of the channels' tests."""

from tests.channels.conftest import actions, cluster, database, model

__all__ = ["actions", "cluster", "database", "model"]
