"""Files of other machines through fsspec: connections, and what goes wrong with them."""
