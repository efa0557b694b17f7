"""申请: what people asked for at the kiosks."""
