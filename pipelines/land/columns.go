package land

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

const (
	// rowGroupRows is DuckDB's own row group, so that its scans split the copy evenly.
	rowGroupRows = 122880
	// rowGroupBytes bounds the memory of a batch of wide rows.
	rowGroupBytes = 4 << 20
)

// columnFile writes the columnar copy of one sheet. Batches are encoded by other goroutines than
// the one that reads, column by column.
type columnFile struct {
	out     *os.File
	writer  *file.Writer
	columns int
	raw     bool
	threads int

	pending chan *batch
	free    chan *batch
	done    chan struct{}
	failed  atomic.Pointer[error]
}

// createColumnFile starts the copy; dictionary says for which of c1..cN values repeat enough to
// be worth a dictionary.
func createColumnFile(path string, columns int, raw bool, dictionary []bool, threads int) (*columnFile, error) {
	node, err := copySchema(columns, raw)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	properties := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy),
		parquet.WithStats(false),
		parquet.WithDictionaryDefault(true),
		// One page per column and row group, flushed by writeColumn; the batch bounds it.
		parquet.WithDataPageSize(1 << 30),
		parquet.WithDictionaryPageSizeLimit(1 << 30),
		parquet.WithBatchSize(16 << 10),
		parquet.WithCreatedBy("tributary"),
		parquet.WithDictionaryFor("_row", false),
	}
	for i := range columns {
		if i < len(dictionary) && !dictionary[i] {
			properties = append(properties, parquet.WithDictionaryFor("c"+strconv.Itoa(i+1), false))
		}
	}
	writer, err := file.NewParquetWriterWithError(out, node,
		file.WithWriterProps(parquet.NewWriterProperties(properties...)))
	if err != nil {
		out.Close()
		return nil, err
	}
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	f := &columnFile{out: out, writer: writer, columns: columns, raw: raw, threads: threads,
		pending: make(chan *batch, 1), free: make(chan *batch, 4), done: make(chan struct{})}
	go f.encode()
	return f, nil
}

// copySchema is the contract of tributary.Sheet in Parquet words.
func copySchema(columns int, raw bool) (*schema.GroupNode, error) {
	text := func(name string) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional,
			schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
	}
	number, err := schema.NewPrimitiveNode("_row", parquet.Repetitions.Required, parquet.Types.Int64, -1, -1)
	if err != nil {
		return nil, err
	}
	names := []string{"_path", "_fault", "_more"}
	for i := range columns {
		names = append(names, "c"+strconv.Itoa(i+1))
	}
	for i := range columns {
		if raw {
			names = append(names, "r"+strconv.Itoa(i+1))
		}
	}
	fields := schema.FieldList{number}
	for _, name := range names {
		node, err := text(name)
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}

// put hands a batch over; take gives an empty one back.
func (f *columnFile) put(ctx context.Context, b *batch) error {
	if err := f.failed.Load(); err != nil {
		return *err
	}
	select {
	case f.pending <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *columnFile) take() *batch {
	select {
	case b := <-f.free:
		b.reset()
		return b
	default:
		return newBatch(f.columns, f.raw)
	}
}

func (f *columnFile) encode() {
	defer close(f.done)
	for b := range f.pending {
		if f.failed.Load() == nil {
			if err := f.writeGroup(b); err != nil {
				f.failed.Store(&err)
			}
		}
		select {
		case f.free <- b:
		default:
		}
	}
}

type pageFlusher interface{ FlushCurrentPage() error }

func (f *columnFile) writeGroup(b *batch) error {
	group, err := f.writer.AppendBufferedRowGroupChecked()
	if err != nil {
		return err
	}
	columns := []*column{&b.path, &b.fault, &b.more}
	for i := range b.shown {
		columns = append(columns, &b.shown[i])
	}
	for i := range b.raw {
		columns = append(columns, &b.raw[i])
	}
	var (
		next   atomic.Int64
		wait   sync.WaitGroup
		faults = make([]error, f.threads)
	)
	for t := range f.threads {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i > len(columns) {
					return
				}
				if err := writeColumn(group, i, b, columns); err != nil {
					faults[t] = err
					return
				}
			}
		})
	}
	wait.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return group.Close()
}

// writeColumn writes column i of the group: 0 is _row, the rest stand in columns.
func writeColumn(group file.BufferedRowGroupWriter, i int, b *batch, columns []*column) error {
	writer, err := group.Column(i)
	if err != nil {
		return err
	}
	if i == 0 {
		if _, err := writer.(*file.Int64ColumnChunkWriter).WriteBatch(b.number, nil, nil); err != nil {
			return err
		}
	} else {
		c := columns[i-1]
		c.pad(b.rows)
		if _, err := writer.(*file.ByteArrayColumnChunkWriter).WriteBatch(c.values, c.levels, nil); err != nil {
			return err
		}
	}
	// Compressed here, in parallel; closing the group would do it one column after the other.
	if p, ok := writer.(pageFlusher); ok && b.rows > 0 {
		return p.FlushCurrentPage()
	}
	return nil
}

// close finishes the file and forces it to disk.
func (f *columnFile) close() error {
	close(f.pending)
	<-f.done
	if err := f.failed.Load(); err != nil {
		f.out.Close()
		return fmt.Errorf("write columnar copy: %w", *err)
	}
	if err := f.writer.Close(); err != nil {
		f.out.Close()
		return fmt.Errorf("write columnar copy: %w", err)
	}
	// The Parquet writer has closed the file; it is forced to disk through a second handle.
	return syncPath(f.out.Name())
}

// abandon ends the goroutine and leaves the file for the caller to remove.
func (f *columnFile) abandon() {
	close(f.pending)
	<-f.done
	f.out.Close()
}

func syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
