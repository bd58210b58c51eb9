package pages

// measureWords are the words of the pages about numbers.
var measureWords = words{
	"measure": "Measure", "quarter": "Quarter", "year": "Year to date", "range": "Range", "trend": "Trend by quarter", "basis": "How it is counted", "none": "Nothing is published yet.",
	"range_hint": "Unduplicated counts of children and families have a range: it says where the true number lies, as far as doubtful links leave it open. Other measures have none.",
	"click_hint": "Each number leads to its reason, and on to the rows of the files.",
	"number":     "Number", "by": "By", "of": "Of", "what": "What it counts", "all": "All measures",
	"why_title": "Why", "cites": "Definition", "recounted": "Worked out again from the rows below", "waterfall": "From everyone considered to the number", "bridge": "From the rows of the agency to its children",
	"units": "What was counted, and where it stands in the file", "units_more": "rows in all; the first are listed", "unit": "Unit", "address": "Address", "evidence": "The fields", "text": "Show what the files say there",
	"child_title": "What one child counts in:", "child_of": "Child", "child_show": "Show", "child_known": "Known as", "child_in": "Counts in", "child_out": "Left out, by the first rule that says so", "agency": "Agency",
	"child_withheld": "more, which the agreement does not allow to show beside these.", "child_none": "No measure considered this child.", "child_link": "What one child counts in, and what keeps it out",
	"page_of": "%d to %d of %d", "before": "Before", "after": "Next",
	"sql": "The SQL that finds who is considered", "step": "Rule", "how_many": "How many", "bar": "Picture", "numbers": "Its numbers", "explain": "Words to the ministry about it", "statistic": "Statistic",
}
