"""制度: what is in force, where each number comes from, and a new version tried before it is saved."""
