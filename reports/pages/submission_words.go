package pages

// submissionWords are the words of the pages about submissions.
var submissionWords = words{
	"of": "Submission", "id": "Submission", "quarter": "Quarter", "state": "State", "since": "Since", "who": "By", "ref": "Number of the portal", "none": "Nothing is prepared yet.",
	"prepare": "Prepare the published quarter", "prepare_hint": "Writes the workbooks, the data and what they stand on into one folder, as the command: tributary submit prepare. A newer draft takes the place of one that is not signed.",
	"prepared": "Prepared. Another person approves it.", "approved": "Approved. Give the zip to those who sign.", "took": "Signatures taken: %d of %d.",
	"noted_sent": "Noted: it was sent.", "noted_returned": "Noted: the ministry sent it back. Mend it, run the quarter and prepare it again; what is then signed takes its place.",
	"no_file": "no file was chosen", "no_file_fix": "choose the signed zip, or the .minisig file that signing wrote", "no_ref": "the number of the portal is missing", "no_ref_fix": "type the confirmation number that the portal showed",

	"draft": "draft", "checked": "checked", "approved_": "approved", "state_draft": "draft: something is open", "state_checked": "checked: nothing is open", "state_approved": "approved, waits for signatures", "state_signed": "signed",
	"state_sent": "sent", "state_returned": "returned", "state_restated": "restated by a newer one", "state_replaced": "replaced by a newer draft",

	"steps": "Its steps", "open": "What is open", "open_none": "Nothing is open.", "blocks": "blocks", "asks": "asks for a reason", "findings": "Findings", "check": "Check", "agencies_at": "Agencies",
	"left_why": "Why it is left as it is", "approve": "Approve", "approve_title": "Approve", "approve_why": "Words for the record (may be empty)", "approve_hint": "Another person than who prepared it. Approving seals the folder and packs it as one zip for the signers.",
	"prepared_by": "Prepared by", "approved_by": "Approved by", "restates": "Takes the place of", "blocked": "What blocks must be mended before anybody can approve.",
	"sign_title": "Signatures", "sign_how": "No key leaves its signer's computer: download the zip; it is signed there (tributary submit sign FILE.zip --key KEY); then the signed zip, or the .minisig file, comes back here.",
	"download": "Download the zip with its seal", "book": "The approver's page as a workbook", "upload": "Signed zip or .minisig", "take": "Take the signatures", "signed_of": "Signatures", "signers": "Who may sign", "valid": "valid", "not_valid": "not valid",
	"whole": "Every file is as it was prepared.", "differs": "Not as it was prepared", "key": "Key", "when": "When",
	"sent_title": "Sent to the ministry", "sent_do": "It was sent", "returned_title": "Returned by the ministry", "returned_do": "It was returned", "returned_words": "The ministry's words",
	"sign_here": "Sign on this computer", "sign_here_how": "This console answers this computer alone, so your key does not leave it. The file and the passphrase are used once and kept nowhere.", "key_file": "Your key file", "passphrase": "Its passphrase", "sign_do": "Sign", "sign_away": "Signed on another computer",
	"no_key": "no key file was chosen", "no_key_fix": "choose the file that tributary submit key made on this computer",
	"restate_title": "Restate", "restate_hint": "What came or was said since this was signed makes a new version beside it, with old, new and cause of each number. This one stays as it is.", "restate_do": "Make a restatement", "restated": "The restatement is prepared. Another person approves it.",
	"compare": "Compare with", "compare_do": "Show", "version": "Version",
	"words_title": "Explanations", "words_link": "Explanations of numbers", "words_hint": "The workbook prints these words for the ministry; what is typed into its marked cells in Excel is the same. After a change, prepare the submission again.", "words_none": "No number of this quarter asks for an explanation, and none has one.",
	"words_asked": "asks for an explanation", "words_keep": "Keep", "words_kept": "Kept: %d changed. They are printed when the workbooks are next written, at the latest by preparing.", "words_why": "Why is it so?",
	"field_under_performance": "What happened", "field_cause": "Cause", "field_corrective_action": "Corrective action", "field_catch_up_on": "Catch-up date (as 2026-01-15)", "field_remark": "Remark",

	"page": "The approver's page", "page_en": "English", "page_fr": "Français", "page_lang": "Language of the page",
	"changed": "Changed since", "changed_none": "No number changed.", "cell": "Number", "old": "Before", "new": "Now", "more": "more numbers changed", "all": "All submissions", "of_": "of",
}
