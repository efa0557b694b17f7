"""审计记录: who decided what, when, from where."""
