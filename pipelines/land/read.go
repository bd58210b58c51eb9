package land

import (
	"context"
	"io"

	"tributary"
)

// readerVersion changes when a reader would now make another copy of the same bytes.
const readerVersion = 2

// earlyRows is how many records are looked at for headings.
const earlyRows = 20

// reading is the reading of one file: where it is, where its copies go, what was found.
type reading struct {
	ctx     context.Context
	path    string
	name    string
	size    int64
	hint    tributary.Hint
	into    string
	temp    string
	threads int

	file  tributary.File
	found findings
	// sheets numbers the copies.
	sheets int
	// members are the files inside a zip, still to be read.
	members []member
	// opaque says that the content could not be looked at.
	opaque bool
	// keep opens the store's copy of the original; nil when the file is only looked at.
	keep func() (io.Writer, error)
	sum  *source
}

// read fills r.file. An error is about this machine (disk full, stopped); what is wrong with the
// file is a finding.
func (r *reading) read() error {
	src, err := openSource(r.path)
	if err != nil {
		return err
	}
	defer src.close()
	r.sum = src
	r.size = src.size
	head, err := src.peek(64 << 10)
	if err != nil {
		return err
	}
	r.file = tributary.File{Name: r.name, Size: src.size, Original: true}
	r.file.Format = r.hint.Format
	switch {
	case r.file.Format != "":
	case len(r.hint.Widths) > 0:
		r.file.Format = "fixed"
	default:
		r.file.Format = detectFormat(r.name, head)
	}
	if !isBlank(head) || src.size > int64(len(head)) {
		if err := r.readAs(r.file.Format); err != nil {
			return err
		}
	}
	if r.isEmpty() {
		r.found.add("file_empty", tributary.Blocks, "", 0, "", "holds nothing; a nil report is made with: tributary nil")
	}
	if err := r.keepOriginal(); err != nil {
		return err
	}
	if err := src.drain(); err != nil {
		return err
	}
	r.file.SHA256 = src.sha()
	r.file.Findings = r.found.result()
	r.file.Held = r.found.blocks()
	r.file.Original = r.mayKeep()
	return nil
}

// mayKeep says whether the file as it came may stay. One that cannot be opened may not: nobody can
// tell what is in it. An encrypted one may: nobody can read it.
func (r *reading) mayKeep() bool { return len(r.file.Stripped) == 0 && !r.opaque }

// keepOriginal begins the copy of the original, once it is known that it may be kept.
func (r *reading) keepOriginal() error {
	if r.keep == nil || r.sum.copyTo != nil || !r.mayKeep() {
		return nil
	}
	w, err := r.keep()
	if err == nil {
		r.sum.copyTo = w
	}
	return err
}

// isEmpty says that reading found neither a row nor a reason why.
func (r *reading) isEmpty() bool {
	for _, s := range r.file.Sheets {
		if s.Rows > 0 {
			return false
		}
	}
	return len(r.members) == 0 && !r.found.blocks()
}

func (r *reading) readAs(format string) error {
	switch format {
	case "delimited", "text":
		return r.readDelimited()
	case "fixed":
		return r.readFixed()
	case "xlsx":
		return r.hostile(r.readWorkbook)
	case "json", "jsonl":
		return r.readJSON(format == "jsonl")
	case "parquet":
		return r.hostile(r.readParquet)
	case "zip":
		return r.readZip()
	}
	r.unreadable(adviceFor(format))
	return nil
}

// hostile runs a reader that stands on a library which may panic over bytes made to break it: one
// bad file must not stop the others. It is the one place here that recovers.
func (r *reading) hostile(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.unreadable("is damaged: its inside does not hold together; ask for the file again")
			err = nil
		}
	}()
	return read()
}

// unreadable holds the file; what was read of it before is dropped, so nothing half is used.
func (r *reading) unreadable(detail string) {
	r.file.Sheets, r.opaque = nil, true
	r.found.add("file_unreadable", tributary.Blocks, "", 0, "", detail)
}
