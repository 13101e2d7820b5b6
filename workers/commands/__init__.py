"""What people say to our bots: heard, answered, in the order of each chat."""
