"""Order of inputs under which slots are worth most."""
