package patch

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"tributary"
)

const (
	// maxParts, maxUnfolded, maxRatio and smallBook bound what a workbook may unfold to: the bounds
	// that landing keeps.
	maxParts    = 1000
	maxUnfolded = 4 << 30
	maxRatio    = 200
	smallBook   = 64 << 20
	// maxFile keeps every place in the zip within 32 bits.
	maxFile = 2 << 30
	// maxInMemory is the largest part that is read whole. Sheets never are.
	maxInMemory = 64 << 20
)

// deflateLevel packs the XML of sheets as small as the library's default does, in two thirds of the
// time.
const deflateLevel = 5

const (
	localHeader   = 30
	centralHeader = 46
	endHeader     = 22
	none32        = 0xFFFFFFFF
)

// part is one member of the zip: what it is called, where its bytes stand, and its record in the
// directory.
type part struct {
	name   string
	file   *zip.File
	record []byte
	// start to end is the local header, the data and whatever follows up to the next part.
	start, end int64
}

// readZip finds the parts, in the order of the directory.
func readZip(r io.ReaderAt, size int64) ([]*part, error) {
	head := make([]byte, 8)
	if n, _ := r.ReadAt(head, 0); n == 8 && bytes.Equal(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
		return nil, tributary.Fix(fmt.Errorf("%w, or older than .xlsx", ErrEncrypted),
			"open it in Excel, take the password off and save it as .xlsx")
	}
	if size > maxFile {
		return nil, tributary.Fix(fmt.Errorf("%w: the file is larger than %d GB", ErrTooLarge, maxFile>>30), "split it into several workbooks")
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged("it is no zip, or cut off")
	}
	if err := withinBounds(z, size); err != nil {
		return nil, err
	}
	directory, at, err := readDirectory(r, size)
	if err != nil {
		return nil, err
	}
	var parts []*part
	for i, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, tributary.Fix(ErrEncrypted, "send it without a password over the agreed channel")
		}
		if len(directory) < centralHeader || binary.LittleEndian.Uint32(directory) != 0x02014b50 {
			return nil, damaged("part %d has no record in the directory", i+1)
		}
		u16 := func(at int) int { return int(binary.LittleEndian.Uint16(directory[at:])) }
		length := centralHeader + u16(28) + u16(30) + u16(32)
		if length > len(directory) {
			return nil, damaged("the directory is cut off")
		}
		p := &part{name: f.Name, file: f, record: directory[:length]}
		if string(p.record[centralHeader:centralHeader+u16(28)]) != f.Name {
			return nil, damaged("the directory is read in two ways")
		}
		if p.start, err = p.offset(); err != nil {
			return nil, err
		}
		parts, directory = append(parts, p), directory[length:]
	}
	return parts, spans(r, parts, at)
}

// withinBounds refuses what could unfold without end.
func withinBounds(z *zip.Reader, size int64) error {
	const fix = "ask for the file again, saved by Excel itself"
	if len(z.File) > maxParts {
		return tributary.Fix(fmt.Errorf("%w: it holds more than %d parts", ErrTooLarge, maxParts), fix)
	}
	var total uint64
	seen := map[string]bool{}
	for _, f := range z.File {
		total += min(f.UncompressedSize64, maxUnfolded+1)
		if total > maxUnfolded || total > smallBook && total > uint64(size)*maxRatio {
			return tributary.Fix(fmt.Errorf("%w: it unfolds to more than a workbook of its size does", ErrTooLarge), fix)
		}
		name := strings.ToLower(f.Name)
		if seen[name] {
			return damaged("it holds %s twice", f.Name)
		}
		seen[name] = true
	}
	return nil
}

// readDirectory returns the records of the directory, and where it stands.
func readDirectory(r io.ReaderAt, size int64) ([]byte, int64, error) {
	tail := make([]byte, min(size, 1<<16+endHeader+20))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	end := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	for end >= 0 && (len(tail)-end < endHeader || len(tail)-end-endHeader < int(binary.LittleEndian.Uint16(tail[end+20:]))) {
		end = bytes.LastIndex(tail[:end], []byte("PK\x05\x06"))
	}
	if end < 0 {
		return nil, 0, damaged("it is cut off")
	}
	length, at := int64(binary.LittleEndian.Uint32(tail[end+12:])), int64(binary.LittleEndian.Uint32(tail[end+16:]))
	if end >= 20 && bytes.HasPrefix(tail[end-20:], []byte("PK\x06\x07")) {
		wide := make([]byte, 56)
		if _, err := r.ReadAt(wide, int64(binary.LittleEndian.Uint64(tail[end-12:]))); err != nil || !bytes.HasPrefix(wide, []byte("PK\x06\x06")) {
			return nil, 0, damaged("its directory is not where it says")
		}
		length, at = int64(binary.LittleEndian.Uint64(wide[40:])), int64(binary.LittleEndian.Uint64(wide[48:]))
	}
	if at < 0 || length < 0 || at > size || length > size-at {
		return nil, 0, damaged("its directory is not where it says")
	}
	records := make([]byte, length)
	if _, err := r.ReadAt(records, at); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	return records, at, nil
}

// wideOffset finds the part's place in the extra field of a 64-bit record; nil where it is not there.
func (p *part) wideOffset() []byte {
	u16 := func(b []byte, at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	extra := p.record[centralHeader+u16(p.record, 28):]
	extra = extra[:u16(p.record, 30)]
	for len(extra) >= 4 && 4+u16(extra, 2) <= len(extra) {
		body := extra[4 : 4+u16(extra, 2)]
		if u16(extra, 0) == 1 {
			for _, at := range []int{24, 20} {
				if binary.LittleEndian.Uint32(p.record[at:]) == none32 && len(body) >= 8 {
					body = body[8:]
				}
			}
			if len(body) >= 8 {
				return body[:8]
			}
			return nil
		}
		extra = extra[4+len(body):]
	}
	return nil
}

func (p *part) offset() (int64, error) {
	at := int64(binary.LittleEndian.Uint32(p.record[42:]))
	if at != none32 {
		return at, nil
	}
	wide := p.wideOffset()
	if wide == nil {
		return 0, damaged("the place of %s is not written", p.name)
	}
	return int64(binary.LittleEndian.Uint64(wide)), nil
}

// spans says where each part ends, and that none lies on another.
func spans(r io.ReaderAt, parts []*part, directory int64) error {
	order := slices.Clone(parts)
	slices.SortStableFunc(order, func(a, b *part) int { return int(min(max(a.start-b.start, -1), 1)) })
	for i, p := range order {
		p.end = directory
		if i+1 < len(order) {
			p.end = order[i+1].start
		}
		head := make([]byte, 4)
		if p.start < 0 || p.start > directory {
			return damaged("%s is not where the directory says", p.name)
		}
		if _, err := r.ReadAt(head, p.start); err != nil || string(head) != "PK\x03\x04" {
			return damaged("%s is not where the directory says", p.name)
		}
		data, err := p.file.DataOffset()
		if err != nil || data < p.start || p.file.CompressedSize64 > maxFile || data+int64(p.file.CompressedSize64) > p.end {
			return damaged("%s lies over another part", p.name)
		}
	}
	return nil
}

// open reads the part's content, no more of it than the directory says.
func (p *part) open() (io.ReadCloser, error) {
	in, err := p.file.Open()
	if err != nil {
		return nil, damaged("%s cannot be unfolded", p.name)
	}
	return struct {
		io.Reader
		io.Closer
	}{&bounded{in, int64(p.file.UncompressedSize64), p.name}, in}, nil
}

// bounded ends in an error where a part is damaged or longer than the directory says.
type bounded struct {
	r    io.Reader
	left int64
	name string
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, damaged("%s is longer than the zip says", b.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged("%s does not match its checksum, or is cut off", b.name)
	}
	return n, err
}

func (p *part) bytes() ([]byte, error) {
	if p.file.UncompressedSize64 > maxInMemory {
		return nil, tributary.Fix(fmt.Errorf("%w: %s is larger than %d MB", ErrTooLarge, p.name, maxInMemory>>20), "split it into several workbooks")
	}
	in, err := p.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// zipWriter writes a zip part by part. Records come out in the order in which parts were announced.
type zipWriter struct {
	w       io.Writer
	at      int64
	records map[string][]byte
	deflate *flate.Writer
}

func (z *zipWriter) Write(b []byte) (int, error) {
	n, err := z.w.Write(b)
	z.at += int64(n)
	return n, err
}

// keep copies a part as it stands: header, compressed bytes, descriptor.
func (z *zipWriter) keep(r io.ReaderAt, p *part) error {
	record := slices.Clone(p.record)
	if binary.LittleEndian.Uint32(record[42:]) == none32 {
		copied := part{record: record}
		binary.LittleEndian.PutUint64(copied.wideOffset(), uint64(z.at))
	} else {
		binary.LittleEndian.PutUint32(record[42:], uint32(z.at))
	}
	z.records[p.name] = record
	_, err := io.Copy(z, io.NewSectionReader(r, p.start, p.end-p.start))
	return err
}

// put writes a part anew. What replaces a part keeps its time, attributes and comment.
func (z *zipWriter) put(name string, old *part, content func(io.Writer) error) error {
	record := make([]byte, centralHeader, centralHeader+len(name))
	le := binary.LittleEndian
	le.PutUint32(record, 0x02014b50)
	le.PutUint16(record[4:], 20)
	le.PutUint16(record[14:], 1<<5|1) // 1 January 1980, the earliest time that a zip can say
	flags, comment := uint16(8), ""
	if strings.ContainsFunc(name, func(r rune) bool { return r > 127 }) {
		flags |= 0x800
	}
	if old != nil {
		copy(record[4:6], old.record[4:6])
		copy(record[12:16], old.record[12:16])
		copy(record[36:42], old.record[36:42])
		flags |= le.Uint16(old.record[8:]) & 0x800
		comment = old.file.Comment
	}
	le.PutUint16(record[6:], 20)
	le.PutUint16(record[8:], flags)
	le.PutUint16(record[10:], zip.Deflate)
	le.PutUint16(record[28:], uint16(len(name)))
	le.PutUint16(record[32:], uint16(len(comment)))
	le.PutUint32(record[42:], uint32(z.at))
	head := make([]byte, localHeader, localHeader+len(name))
	le.PutUint32(head, 0x04034b50)
	copy(head[4:14], record[6:16])
	le.PutUint16(head[26:], uint16(len(name)))
	if _, err := z.Write(append(head, name...)); err != nil {
		return err
	}
	start := z.at
	if z.deflate == nil {
		z.deflate, _ = flate.NewWriter(z, deflateLevel)
	} else {
		z.deflate.Reset(z)
	}
	sum := &summed{w: z.deflate}
	if err := content(sum); err != nil {
		return err
	}
	if err := z.deflate.Close(); err != nil {
		return err
	}
	if sum.size > maxUnfolded-1 {
		return fmt.Errorf("%w: %s grows past %d GB", ErrTooLarge, name, int64(maxUnfolded)>>30)
	}
	le.PutUint32(record[16:], sum.crc)
	le.PutUint32(record[20:], uint32(z.at-start))
	le.PutUint32(record[24:], uint32(sum.size))
	z.records[name] = append(append(record, name...), comment...)
	descriptor := append([]byte("PK\x07\x08"), record[16:28]...)
	_, err := z.Write(descriptor)
	return err
}

// summed counts and sums what goes through it.
type summed struct {
	w    io.Writer
	crc  uint32
	size int64
}

func (s *summed) Write(b []byte) (int, error) {
	s.crc = crc32.Update(s.crc, crc32.IEEETable, b)
	s.size += int64(len(b))
	return s.w.Write(b)
}

// close writes the directory, in the order of the names given.
func (z *zipWriter) close(names []string) error {
	start := z.at
	for _, name := range names {
		if _, err := z.Write(z.records[name]); err != nil {
			return err
		}
	}
	end := make([]byte, endHeader)
	le := binary.LittleEndian
	le.PutUint32(end, 0x06054b50)
	le.PutUint16(end[8:], uint16(len(names)))
	le.PutUint16(end[10:], uint16(len(names)))
	le.PutUint32(end[12:], uint32(z.at-start))
	le.PutUint32(end[16:], uint32(start))
	if start > none32-1 {
		return fmt.Errorf("%w: the workbook grows past 4 GB", ErrTooLarge)
	}
	_, err := z.Write(end)
	return err
}
