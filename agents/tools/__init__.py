"""What an agent may call: each tool reads the plan and returns a bounded result."""
