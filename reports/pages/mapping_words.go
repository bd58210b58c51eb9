package pages

// mappingWords are the words of the page that changes a mapping.
var mappingWords = words{
	"title": "How the files are read:", "text": "The mapping, as it stands in its file", "try": "Try it on the newest delivery", "keep": "Keep it", "kept": "The mapping is kept. It acts from the next run on; the one before stands beside it as CODE.yaml.before.",
	"hint": "Nothing changes until you keep it. The newest delivery is read by what you typed, and you see what becomes of its rows.", "all_words": "Every word of a mapping is explained in pipelines/mapping/README.md.",
	"trial": "What would become of", "where": "Where the rows go", "file": "File", "table": "Our table", "read": "Read", "taken": "Taken", "then": "As it stands now", "aside": "Set aside", "what": "What would be found", "check": "Check", "severity": "Severity",
	"column": "Column", "detail": "Detail", "count": "How often", "found_none": "Nothing.", "rows": "The first rows", "of": "of", "none": "no row", "agency": "The agency",
}
