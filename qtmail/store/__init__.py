"""The two databases. The only place that speaks SQL."""
