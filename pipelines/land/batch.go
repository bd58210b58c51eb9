package land

import (
	"github.com/apache/arrow-go/v18/parquet"
)

// column is one column of a batch: the values that are there, and for every row whether it is.
// Values are slices of the buffer they were read into, so a field costs no allocation.
type column struct {
	values []parquet.ByteArray
	levels []int16
}

// set gives row i a value; the rows left out since the last one are NULL.
func (c *column) set(i int, v []byte) {
	for len(c.levels) < i {
		c.levels = append(c.levels, 0)
	}
	c.values = append(c.values, v)
	c.levels = append(c.levels, 1)
}

func (c *column) pad(rows int) {
	for len(c.levels) < rows {
		c.levels = append(c.levels, 0)
	}
}

func (c *column) reset() {
	c.values = c.values[:0]
	c.levels = c.levels[:0]
}

// batch is a run of rows on their way into one row group.
type batch struct {
	rows              int
	number            []int64
	path, fault, more column
	shown, raw        []column
	// bytes is what the values point into; it travels with the batch.
	bytes []byte
	// size is the length of the values that own memory outside of bytes.
	size int
}

func newBatch(columns int, raw bool) *batch {
	b := &batch{shown: make([]column, columns)}
	if raw {
		b.raw = make([]column, columns)
	}
	return b
}

func (b *batch) widen(columns int, raw bool) {
	for len(b.shown) < columns {
		b.shown = append(b.shown, column{})
	}
	for raw && len(b.raw) < columns {
		b.raw = append(b.raw, column{})
	}
}

func (b *batch) reset() {
	b.rows, b.size = 0, 0
	b.number = b.number[:0]
	for _, c := range []*column{&b.path, &b.fault, &b.more} {
		c.reset()
	}
	for i := range b.shown {
		b.shown[i].reset()
	}
	for i := range b.raw {
		b.raw[i].reset()
	}
}

func (b *batch) begin(number int64) {
	b.number = append(b.number, number)
}

func (b *batch) end() { b.rows++ }

// own copies text into memory that stays until the batch is written.
func (b *batch) own(s string) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	b.size += len(s)
	if cap(b.bytes)-len(b.bytes) < len(s) {
		b.bytes = make([]byte, 0, max(64<<10, len(s)))
	}
	start := len(b.bytes)
	b.bytes = append(b.bytes, s...)
	return b.bytes[start:len(b.bytes):len(b.bytes)]
}
