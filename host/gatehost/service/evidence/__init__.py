"""What the signed log says and who vouches for it: checkpoints, exports, the register, and lawful erasure."""
