// Package mapping turns landed rows into the canonical tables: the step stage.
//
// Takes landed files, each agency's file agencies/<code>.yaml, and the facts; leaves the canonical
// tables, typed, each row with its address, and a count for every row that was read; never joins
// agencies, invents a value, or lets one agency's fault stop another.
package mapping
