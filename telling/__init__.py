"""What a person or a message is told: words, sentences, the rows of tables, safe exports. No Streamlit."""
