"""Training of the network that balances shots."""
