"""The desk service: owns every conversation, decides who answers, and is the only public process."""
