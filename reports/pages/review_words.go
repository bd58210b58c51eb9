package pages

// reviewWords are the words of the pages about pairs.
var reviewWords = words{
	"intro": "Questions that the engine leaves to a person. The first ones move the published numbers most.", "begin": "Begin with the first",
	"kind_": "All", "kind_child": "One child?", "kind_family": "One family?", "kind_split": "One child or two?", "kind_again": "Asked again", "kind_decided": "A pair of records",
	"open": "Open", "open_none": "No question is open.", "done": "Answered since the numbers were published", "more": "Only the first are listed:", "of": "of",
	"question": "Question", "what": "What is doubtful", "effect": "What the answer does", "probability": "Probability of one child", "agencies_pair": "Agencies", "look": "Look",
	"history": "What was decided", "pair": "Pair", "verdict": "Answer", "state": "State", "acts": "Acts", "yes": "yes", "no": "no", "who": "Who", "on": "On", "history_none": "Nothing is decided yet.",
	"changed": "Changed since",

	"verdict_same": "Same child", "verdict_family": "Same family only", "verdict_different": "Different", "verdict_later": "Later",
	"no_verdict": "no answer was chosen", "no_verdict_fix": "choose one of the four answers",
	"noted": "Noted: %s. The next run %s", "moves": "%s from %.0f to %.0f", "all_done": "All questions are answered.", "taken_back": "The answer was taken back.",
	"answer": "Your answer", "seen_answer": "Answered already", "again": "Answer again", "undo": "Take it back", "undo_last": "Take the last answer back",
	"keys": "1 same child, 2 same family only, 3 different, 4 later, j next, k back, u take back, ? this line. They act outside of text fields. An answer wants its reason: write it and press Enter.", "keys_on": "Answer by single keys:",
	"next": "Next", "before": "Back", "list": "All questions", "place": "Question",
	"differ_people": "People have answered this and do not agree.",
	"withheld":      "The agreement does not allow to show these two records beside each other: only how they compare. Without the families' consent, recorded by their agencies, “later” is an answer: the range of the counts holds both.",
	"together":      "The two records", "column": "Value", "mark": "", "differs": "differ", "spelt": "spelt differently", "one_of": "of several, one is in both",
	"caregivers": "Caregivers", "others": "Other records of the same child", "siblings": "Other children of the family", "lived": "Addresses over time", "none": "none",
	"weights": "What each comparison says", "weights_text": "Bits for one child; each bit doubles the odds. Each bar begins where the one above ends. Both sums must speak for one child.",
	"comparison": "Comparison", "stranger": "Against two unrelated children", "sibling": "Against two siblings", "all_together": "all together", "found_by": "Found by", "now": "As it is counted now",
	"family_pic": "The two families", "outcome_link": "one child", "outcome_review": "in doubt, counted as two", "outcome_held": "held back, counted as two", "outcome_twin": "held back, counted as two",
	"outcome_apart": "two children", "outcome_": "", "two_homes": "two families", "one_home": "one family", "they_share": "they share", "their_homes": "Their families", "decided_before": "Decided about either record",

	"split_lead":         "These records are counted as one child. They are shown as the weakest link parts them: the marked ones would be the second child.",
	"split_differ":       "People have answered this and do not agree, be it on whether the child is two or on how they are parted.",
	"split_hidden":       "Of the same child, but not to be shown beside these, and not parted by the answer:",
	"split_verdict_same": "One child", "split_verdict_family": "Two children of one family", "split_verdict_different": "Two children, unrelated", "split_verdict_later": "Later",
	"split_keys":    "a record's letter marks it for the second child, 1 one child, 2 two of one family, 3 two unrelated, 4 later, j next, k back, u take back. They act outside of text fields. An answer wants its reason: write it and press Enter.",
	"split_records": "The records", "split_record": "Record", "split_second": "Second child",
	"split_links": "What holds them together", "split_links_text": "Each pair that was compared, the strongest first: the probability of one child, and bits for one child against two unrelated children and against two siblings.",
	"split_pair": "Pair", "split_and": "and", "split_says": "What the comparison says", "split_weakest": "The weakest: without it there would be two children.", "split_cross": "Between the two parts.", "split_pairs": "one answer about pairs:", "split_more": "Weaker ones that are not listed:",
	"is_asked": "is asked about", "ago": "", "column_given_name": "", "chance": "Probability that the two are one", "chance_home": "that they are one family", "home_held": "other children of the two families speak against it",
}
