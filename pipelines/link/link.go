// Package link finds the records of one child, and the children of one family, across agencies.
//
// Takes a table of people, one row per record, standardised. Leaves every pair worth a look with its
// weight against a stranger and against a sibling, the clusters that hold together, and what a person
// should decide. Never changes a record, never links in the doubt band by itself, never shows one
// agency's values beside another's.
//
// The model is Fellegi and Sunter's (JASA 64, 1969) with three classes instead of two: same child;
// same household but another child; unrelated. Its parameters are learned without labels by
// expectation-maximisation over counted agreement patterns.
package link
