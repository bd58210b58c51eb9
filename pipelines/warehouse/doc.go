// Package warehouse owns DuckDB: step files, the manifest that publishes them, and locked-down
// connections.
//
// Takes a step's name, its fingerprint and a function that fills it; leaves one immutable database
// file per step; never overwrites a file, downloads an extension or lets SQL out of its folder.
package warehouse
