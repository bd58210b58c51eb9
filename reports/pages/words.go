package pages

// shared are the words that all pages have.
var shared = words{
	"product": "Tributary", "skip": "Skip to the content", "menu": "Pages", "signed_in": "You are", "leave": "Leave",
	"published": "Published", "generation": "generation", "nothing_published": "nothing is published yet",
	"why": "Why", "why_hint": "The reason stays with what you do, for the record.", "send": "Send", "back": "Back",
	"home": "Home", "deliveries": "Deliveries", "review": "Review", "measures": "Measures", "gaps": "Gaps", "submission": "Submission",
	"agencies": "Agencies", "runs": "Runs", "audit": "Audit", "settings": "Settings", "accounts": "Accounts",

	"error_title": "This did not work", "error_fix": "What to do:", "error_home": "To the first page",

	"login_title": "Who is it?", "login_name": "Name", "login_password": "Password", "login_code": "Code",
	"login_code_hint": "The console opens with the address that stands in the window where tributary runs. Its last part is the code; it opens the console once.",
	"login_enter":     "Enter", "login_wrong": "That is not right.", "login_wait": "Too many wrong passwords: wait five minutes.",
	"login_kept": "You were away too long, so the console asks again. What you typed is kept and can be sent after this.",

	"entered_title": "You are in", "entered_go": "Go on",
	"again_title": "Nothing is lost", "again_text": "This is what you typed before the console asked who you are, or why you look. Look at it and send it.",
	"again_send": "Send it now", "again_drop": "Drop it",

	"stale_title": "The numbers were published anew meanwhile",
	"stale_text":  "What your form speaks of is not there any more, or not as it was: nothing was written. This is what you typed.",

	"you_look": "You look at named records because", "look_other": "give another reason",
	"anew": "the numbers were published anew since this page was shown", "anew_fix": "look at them as they are now, then send it again; what you typed is still here",

	"because_title": "Why do you look?",
	"because_text":  "This page shows records of named people. Each look is written to the audit log with your name and this reason. You are asked once in a visit.",
	"because_label": "Reason, such as: call from the family, review of 2025-26Q4", "because_go": "Look",
}
