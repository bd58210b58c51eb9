package pages

// deliveryWords are the words of the pages about deliveries and findings.
var deliveryWords = homeWords.with(words{
	"quarters": "Quarters", "received": "Received", "due": "Due", "files": "Files", "rows": "Rows", "lacks": "Lacks",
	"came": "What came", "unread": "Not read:", "unread_hint": "What lies there is not known: the agency is not asked for files yet.", "came_none": "No file of this delivery is here.", "file": "File", "version": "version", "size": "Size", "format": "Format",
	"file_taken": "read", "file_held": "held", "file_superseded": "replaced by", "file_nil": "says: nothing to report", "file_unknown": "not used", "file_new": "came since the last run",
	"accepted": "Accepted as it is:", "accept": "Accept as it is", "accept_why": "Why the file is right as it is", "accept_undo": "Take the acceptance back",
	"state_set": "Nothing to report, or need not report", "state_nil_label": "There is nothing to report (nil)", "state_excused_label": "It need not report (excused)",
	"state_now": "Recorded", "state_undo": "Take it back", "record": "Record",
	"equation": "Where the rows went", "equation_hint": "read = taken + set aside + headings + blank + totals + sent twice + skipped",
	"sheet": "Sheet", "table": "Into", "read": "Read", "taken": "Taken", "set_aside": "Set aside", "heading": "Headings", "blank": "Blank", "total": "Totals", "twice": "Sent twice", "skipped": "Skipped", "all": "All",
	"replaced": "replaced, does not count",
	"causes":   "Findings by cause", "causes_none": "Nothing was found.", "severity": "What it does", "cause": "Cause", "fix": "What to do", "how_many": "Findings",
	"sev_blocks": "blocks", "sev_sets_aside": "sets aside", "sev_please_confirm": "please confirm", "sev_note": "note",
	"see_all": "See all findings one by one",
	"letters": "Letter and marked files", "letters_hint": "The letter says what is wrong and what to do first; the marked files are the agency's own with the cells marked. All hold personal data: never mail them.",
	"letters_none": "None has been written yet.", "letters_write": "Write them here", "letters_beside": "Write them, also beside the agency's files",
	"letters_written": "Files written: %d.",
	"noted":           "Noted. It acts in the next run.", "came_all_the_same": "Files that came for that quarter all the same: %d; what they hold counts.",
	"no_why": "a reason is missing", "no_why_fix": "say why in a few words: it stays with what you do",
	"no_state": "neither nil nor excused is chosen", "no_state_fix": "choose one of the two",
	"no_answer": "nothing was chosen to be done", "no_answer_fix": "use one of the buttons of the page",

	"page_of": "%d to %d of %d", "before": "Before", "after": "Next", "address": "Address", "column": "Column", "detail": "Fact", "open_row": "row",
	"confirm_all": "All of these are right", "confirm_all_hint": "They ask no more, in whatever file the same records say the same. When a value changes, it is asked again.",
	"confirm_why": "Why they are right", "confirmed": "Noted. Findings: %d. It acts in the next run.",
	"to_delivery": "To the delivery", "none": "There is none.",

	"row": "The row as it came", "row_gone": "The row is not kept any more, or the finding is about the whole file.",
	"at": "Cell", "what_it_says": "What it says", "ours": "We call it", "client": "Client number", "shown": "It says", "said_before": "Said before",
	"correct": "State another value", "correct_hint": "Used from the next run on, until the agency's file says something else. Leave the value empty for: not known.",
	"correct_column": "Column", "correct_value": "Right value", "correct_do": "Correct", "corrected": "Noted. Rows of the client: %d. It acts in the next run.",
	"is_right": "The value is right", "confirm_do": "Confirm", "explain_do": "Only explain", "explain_hint": "Confirmed, it asks no more. Explained, it goes on asking with your words beside it.",
	"doubt": "This one",
})
