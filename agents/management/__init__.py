"""What an operator of the server may do with agents."""
