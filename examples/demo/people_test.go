package demo

import (
	"io"
	"testing"
)

func BenchmarkPopulation(b *testing.B) {
	for b.Loop() {
		p := NewPopulation(PeopleOptions{Records: 100_000})
		if err := p.WriteCSV(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
