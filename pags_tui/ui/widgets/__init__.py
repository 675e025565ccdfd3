"""The widgets of the war room: rows in, messages out. A widget decides nothing and knows no other widget."""
