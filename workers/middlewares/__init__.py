"""What treats an Event before anybody hears of it: one module per tag."""
