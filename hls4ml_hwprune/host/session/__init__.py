"""State that is remembered beside a model: plan, samples, reference, device."""
