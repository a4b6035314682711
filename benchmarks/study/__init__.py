"""What is asked: settings, named studies, plug-ins, the plan, and whether it can be run here."""
