"""The invented country: its entities and facts, and the texts, questions and exams about them."""
