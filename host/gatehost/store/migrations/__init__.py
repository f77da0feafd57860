"""The steps of the schema, one module each in `versions`, oldest first; `store.migration` takes them."""
