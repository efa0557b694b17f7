"""Serial fingerprint modules of the ZFM family: frames, link, our driver, and pyfingerprint as the second choice."""
