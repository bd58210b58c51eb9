package database

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// batchRows is one row group: DuckDB's own size.
const batchRows = 122880

// sink writes batches of rows as Parquet while the next batch is being read.
type sink struct {
	builder *array.RecordBuilder
	rows    int
	total   int64
	batches chan arrow.RecordBatch
	done    chan error
	failed  chan struct{}
}

func newSink(out io.Writer, fields []arrow.Field) (*sink, error) {
	schema := arrow.NewSchema(fields, nil)
	// The Parquet writer closes what it can; then a fault that follows would look like the end of the file.
	w, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{out}, parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Snappy), parquet.WithCreatedBy("tributary"), parquet.WithStats(false), parquet.WithDictionaryDefault(true),
	), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, err
	}
	s := &sink{builder: array.NewRecordBuilder(memory.DefaultAllocator, schema),
		batches: make(chan arrow.RecordBatch, 1), done: make(chan error, 1), failed: make(chan struct{})}
	go func() {
		var err error
		for b := range s.batches {
			if err == nil {
				if err = w.Write(b); err != nil {
					close(s.failed)
				}
			}
			b.Release()
		}
		if closed := w.Close(); err == nil {
			err = closed
		}
		s.done <- err
	}()
	return s, nil
}

// row ends a row whose values were appended to the builder.
func (s *sink) row(ctx context.Context) error {
	s.total++
	if s.rows++; s.rows < batchRows {
		return nil
	}
	return s.flush(ctx)
}

func (s *sink) flush(ctx context.Context) error {
	if s.rows == 0 {
		return nil
	}
	s.rows = 0
	b := s.builder.NewRecordBatch()
	select {
	case s.batches <- b:
		return nil
	case <-s.failed:
		b.Release()
		return io.ErrClosedPipe
	case <-ctx.Done():
		b.Release()
		return ctx.Err()
	}
}

// close ends the file. After a fault of the rows the file is not finished: whoever reads it must see the fault.
func (s *sink) close(ctx context.Context, fault error) error {
	if fault == nil {
		fault = s.flush(ctx)
	}
	close(s.batches)
	err := <-s.done
	s.builder.Release()
	if fault != nil {
		return fault
	}
	return err
}
