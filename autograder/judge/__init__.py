"""The judge: what an exercise is, and (exercise, questions, answers) → verdict."""
