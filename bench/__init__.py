"""What the kit is measured with; nothing imports it. `make bench` runs it all."""
