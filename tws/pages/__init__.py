"""The plan page and the pages of its objects: what they ask and how they say it."""
