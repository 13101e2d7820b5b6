"""The forms that a message takes, one module each: pure functions, none of them ever too long."""
