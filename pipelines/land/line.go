package land

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lineReader reads lines of any length, without their ends.
type lineReader struct {
	in   *bufio.Reader
	end  byte
	line []byte
	at   int64
}

func newLineReader(r io.Reader, loneReturn bool) *lineReader {
	l := &lineReader{in: bufio.NewReaderSize(r, 1<<20), end: '\n'}
	if loneReturn {
		l.end = '\r'
	}
	return l
}

// next returns nil after the last line. ended says that the line had an end.
func (l *lineReader) next() (line []byte, ended bool, err error) {
	l.line = l.line[:0]
	for {
		part, err := l.in.ReadSlice(l.end)
		l.line = append(l.line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(l.line) > recordLimit {
				return nil, false, errTooLong
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, false, err
		}
		break
	}
	if len(l.line) == 0 {
		return nil, false, nil
	}
	if l.at == 0 {
		l.line = bytes.TrimPrefix(l.line, []byte("\xef\xbb\xbf"))
	}
	l.at++
	line = l.line
	if ended = len(line) > 0 && line[len(line)-1] == l.end; ended {
		line = line[:len(line)-1]
	}
	if l.end == '\n' {
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	if line == nil {
		line = []byte{}
	}
	return line, ended, nil
}
