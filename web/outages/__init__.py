"""设备故障: gaps of stations, confirmed by the duty leader before they excuse anybody."""
