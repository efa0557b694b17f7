"""考勤: a day of everybody, and a month of one person, with the facts and the clauses behind every verdict."""
