"""初始设置: the few screens by which an empty hub becomes a hall's."""
