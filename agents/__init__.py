"""The chat: profiles become agents, agents answer turns, turns travel over sockets."""
