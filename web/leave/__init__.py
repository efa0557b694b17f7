"""请假: what waits for me, the list, filing for somebody, one leave with its chain, its papers."""
