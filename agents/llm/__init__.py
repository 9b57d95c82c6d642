"""Language models: the port, the one door to openai, and answers without a model."""
