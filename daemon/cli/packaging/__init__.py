"""How a wheel is made: used by whoever builds one, and in none."""
