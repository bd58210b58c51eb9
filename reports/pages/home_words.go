package pages

// homeWords are the words of the first page and of the run that is started from it.
var homeWords = words{
	"title": "Home", "tasks": "What needs a person today", "tasks_none": "Nothing waits for a person.", "tasks_hint": "Findings are those of the published quarter. Those of earlier quarters stand under Agencies by quarter: the number beside a delivery leads to them.",
	"task_partly": "delivery was taken in part: ask for what it lacks",
	"task_paused": "delivery is held: accept it, or ask for it again", "task_drift": "findings say that the files no longer look as the mapping says",
	"task_source": "source cannot be read: whether its agency is late is not known",
	"task_blocks": "findings keep the quarter from being approved", "task_late": "delivery is late",
	"task_submission": "submission waits for its next step", "task_pairs": "pairs of children may be one; Review also asks about families, and about children that may be two",
	"task_confirm": "doubtful values wait for the agency's word",
	"count":        "How many", "what": "What", "where": "Where",

	"steps": "The run, step by step", "step": "Step", "does": "What it does", "state": "State", "made": "Last made",
	"step_pull": "fetches what the agencies published", "step_land": "keeps each file as it came",
	"step_stage": "reads the files by each agency's mapping, and checks them", "step_core": "lays all agencies side by side, quarter by quarter",
	"step_link": "finds the same child and the same family", "step_measure": "counts", "step_release": "decides who may see which number",
	"step_report": "writes workbooks, letters and pages", "step_submit": "is signed and sent by people",
	"state_done": "made", "state_now": "under way", "state_waits": "waits",
	"run": "Run", "run_quarter": "Quarter", "run_hint": "Pulls, checks, links, counts and writes, as the command: tributary run. What is published stays until the new numbers are whole.",
	"run_now": "A run is under way", "run_by": "started by", "run_ended": "The last run", "run_started": "The run has begun; this page follows it.",
	"run_faults": "went on without", "run_is": "is being run",

	"agencies_title": "Agencies by quarter", "agency": "Agency", "late": "late", "findings": "findings",
	"grid_key":      "asks: there are findings to confirm. The number: findings. Late: after the due day.",
	"no_agencies":   "No agency is set up yet.",
	"state_not_due": "not due", "state_expected": "expected", "state_received": "received", "state_paused": "held", "state_accepted": "accepted",
	"state_accepted_with_findings": "accepted, asks", "state_partly_accepted": "partly accepted", "state_refused": "refused", "state_nil": "nil", "state_excused": "excused", "state_": "",
}

// stateMarks say each state by a sign too, for those who see no colour.
var stateMarks = map[string]string{
	"not_due": "·", "expected": "○", "received": "◔", "paused": "‖", "accepted": "●", "accepted_with_findings": "◕", "partly_accepted": "◑",
	"refused": "✕", "nil": "∅", "excused": "–", "": "",
}
