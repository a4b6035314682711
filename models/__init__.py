"""What has an evidence: the interfaces, exact oracles, and models that were trained."""
