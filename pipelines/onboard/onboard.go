// Package onboard proposes an agency's mapping from its files.
//
// Takes files as landing reads them and what a person answered; leaves the text of agencies/<code>.yaml,
// with the evidence for every line, or the few lines by which one that is there must change. Never
// guesses what only an agreement or the agency can say, never writes a value of a person.
package onboard
