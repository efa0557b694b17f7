"""The hub: ledger, services, pages; and the kiosk, the small page of a station."""
