"""Staff: who they are, what their role permits, how they sign in."""
