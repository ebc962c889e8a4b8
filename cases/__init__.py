"""Case files: filing tips into them, working them, and closing them."""
