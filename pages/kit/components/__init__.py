"""The pieces that Streamlit does not draw: tiles, rows of facts and the large picture."""
