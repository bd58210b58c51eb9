// Package feedback writes the letter that goes back to an agency with its delivery, and reads the answers
// that come back in it.
//
// Takes a letter's facts in one language; leaves a workbook with a summary, the list of what is to be
// mended or confirmed, what was corrected for the agency and what changed since its last file, the same
// bytes for the same facts. Never opens anything else and counts nothing but the rows it is given.
package feedback

import (
	"time"

	"tributary"
)

// Letter is what is said of one delivery, in one language.
type Letter struct {
	// Language is en or fr.
	Language string
	// Agency and AgencyCode are whose delivery it is; From is who writes.
	Agency, AgencyCode, From string
	Quarter                  tributary.Quarter
	// List names what was kept of all that the letter asks.
	List string
	// State is one of DESIGN 7 (accepted, refused, ...).
	State string
	// IsTrial says that it answers files that were tried and not delivered: nothing can be answered in it.
	IsTrial bool
	IsLate  bool
	DueOn   time.Time
	Files   []File
	// Bridge leads from the rows sent to the children counted; empty where the delivery has no clients.
	Bridge []Step
	// Causes are in the order in which they should be mended.
	Causes []Cause
	// Few of the causes explain Explained of the All findings that ask for something.
	Few, Explained, All int
	// Items are asked; Notes only inform. Left of each cause are counted in it and not listed.
	Items, Notes []Item
	Corrected    []Correction
	// Since names the files that this delivery is compared with; empty when there is nothing before.
	Since string
	// Closed were asked then and are not any more; of Unread what came now tells nothing, so they stay open. Stayed and
	// New are counts of Items before any was left out.
	Closed      []Item
	Unread      []Item
	Stayed, New int
	// MarkedFiles are the copies of their files beside the letter that may come back corrected, ReadOnly those
	// that may not; in CleanFiles nothing is marked. Unmarked says of the others why there is none.
	MarkedFiles []string
	CleanFiles  []string
	ReadOnly    []string
	Unmarked    []string
}

// File is a file of the delivery.
type File struct {
	Name, State string
	ReceivedOn  time.Time
	Rows        int64
}

// Step is one line of the bridge: a count that stands, or what was left out of it and why.
type Step struct {
	Label, Reason string
	Count         int64
	IsTotal       bool
}

// Cause is what several findings have in common.
type Cause struct {
	// Key names the cause when the letter comes back.
	Key       string
	Severity  tributary.Severity
	Name, Fix string
	// Detail is what all its findings have to say; empty when they differ.
	Detail         string
	Column, Sheets string
	Rows, Listed   int
}

// Item is one finding.
type Item struct {
	// Key names the finding when the letter comes back.
	Key      string
	Client   string
	Date     time.Time
	Message  string
	Severity tributary.Severity
	// Value is what the file holds there.
	Value, File, Sheet string
	Row                int64
	Column, Check      string
	// IsNew says that it was not in the last letter; Said are words that were given about it.
	IsNew bool
	Said  string
}

// Correction is a value that was stated in place of what the file says.
type Correction struct {
	Client, File, Sheet string
	Row                 int64
	Column, Was, Used   string
	Who, On, Why        string
	IsUsed              bool
}

// Answer is what came back about one finding, or about all of a cause.
type Answer struct {
	// Finding or Cause is the key that the letter gave.
	Finding, Cause string
	// Value is the corrected value, as the agency writes it.
	Value string
	// Confirmed says that the value is right as it is; Why is the reason, or words without a decision.
	Confirmed bool
	Why       string
	// Sheet and Row are where the answer stands.
	Sheet string
	Row   int
}

// Returned is a letter that came back.
type Returned struct {
	Agency  string
	Quarter string
	// List names what was kept of all that the letter asked.
	List    string
	Answers []Answer
}
