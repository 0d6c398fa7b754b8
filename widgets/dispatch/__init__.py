"""Who could be sent to an incident, and how soon each would be there."""
