package main

import (
	"sort"

	"tributary/pipelines/mapping"
)

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func columnNames(t mapping.Table) []string { return sortedKeys(t.Columns) }
