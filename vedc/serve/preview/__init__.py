"""The film in a browser, following every save."""
