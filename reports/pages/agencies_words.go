package pages

// agencyWords are the words of the pages about agencies, runs, the audit log and settings.
var agencyWords = homeWords.with(words{
	"role": "Role", "source": "Source", "schedule": "Pulled", "due": "Due", "contacts": "Write to", "health": "Newest delivery",
	"none": "There is none.", "by_hand": "by hand", "linking": "Without consent", "authority": "By which authority", "category": "Category", "language": "Language", "area": "Area",
	"reach": "Try the source", "email": "E-mail", "no_contacts": "Nobody. Add a contact to register.xlsx or to the agency's file.",
	"mapping": "How its files are read", "mapping_hint": "What the headings of the newest delivery become. To change it, edit the file and run again: the console reads it anew.",
	"file": "File", "sheet": "Sheet", "heading": "Its heading", "table": "Our table", "column": "Our column",
	"mapping_change": "Change it, and see first what would come of it",
	"mapping_none":   "No delivery has been read by this mapping yet.", "mapping_text": "The mapping as it is written", "mapping_sql": "The SQL that it compiles to", "deliveries_title": "Deliveries",

	"generation_number": "Generation", "quarter": "Quarter", "program": "Program", "when": "When", "built": "What was built anew", "current": "published now", "same": "nothing",
	"runs_hint": "The last three generations stay, so that a page or a workbook that was opened before can be finished.", "run_ended": "The last run started here",

	"audit_hint": "Every look at named records and every statement, newest first, as it stands in the ledger.", "audit_well": "The ledger is as it was written.",
	"kind": "Kind", "all_kinds": "all", "show": "Show", "who": "Who", "at": "When", "what": "What", "number": "No.", "taken_back": "takes back",
	"page_of": "%d to %d of %d", "before": "Newer", "after": "Older",

	"setting": "Setting", "value": "Value", "meaning": "What it says", "stands": "Where it stands", "line": "line", "default": "default of the program",
	"settings_hint": "Change them in the file; the console reads it anew. None of the rules is claimed to be the ministry's.",
})

// ruleWords say what the rules of a workspace mean, where its file says nothing beside them.
var ruleWords = words{
	"age_limit": "children are counted up to this age", "age_limit_in_school": "and up to this age while in school",
	"agreement_notice_days": "an agreement that ends within so many days is expiring", "meeting_target_days": "first contact to first meeting, days",
	"plan_target_days": "referral to plan, days", "review_months": "a plan is reviewed within so many months", "small_below": "counts below this are marked as small",
	"disclosure_width": "a hidden number of a public release can lie anywhere in a span of this many", "variance_pct": "a target missed by more than this, in percent, asks for an explanation",
	"transition_age": "planning for adulthood begins at this age",
}
