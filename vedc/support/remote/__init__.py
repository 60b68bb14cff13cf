"""Files of other machines through fsspec: connections and their failures."""
