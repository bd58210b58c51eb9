// Package sql embeds the models, measures, checks, code lists and the dictionary.
//
// Takes nothing; leaves a read-only file system with the folders core, link, measure, check and seed
// and the files tables.yaml and columns.yaml; never holds code.
package sql

import "embed"

// FS holds this folder; a workspace may overlay it.
//
//go:embed all:*
var FS embed.FS
