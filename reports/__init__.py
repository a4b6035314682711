"""How a run is told: tables, figures and one HTML file, made from the run folder alone."""
