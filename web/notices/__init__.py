"""What the hall posts for everybody on its network: closed months, without a login."""
