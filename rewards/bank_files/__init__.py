"""Read what banks, mobile-money operators and agents report. PURE."""
