package land

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
)

// source reads a file once: hashing it, and copying it to the store as soon as it is known that the
// original may be kept. Until then what was read is remembered, so nothing of a file that may not
// be kept is ever written.
type source struct {
	file *os.File
	size int64
	hash hash.Hash
	// at counts the bytes that were hashed.
	at     int64
	copyTo io.Writer
}

func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &source{file: f, size: info.Size(), hash: sha256.New()}, nil
}

// peek returns the first bytes without taking them.
func (s *source) peek(n int) ([]byte, error) {
	head := make([]byte, min(int64(n), s.size))
	got, err := s.file.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:got], err
}

// Read takes the next bytes, once each.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	if n > 0 {
		s.at += int64(n)
		s.hash.Write(p[:n])
		if s.copyTo != nil {
			if _, err := s.copyTo.Write(p[:n]); err != nil {
				return n, err
			}
		}
	}
	return n, err
}

// drain hashes and copies what no reader took.
func (s *source) drain() error {
	buf := make([]byte, 1<<20)
	for {
		_, err := s.Read(buf)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *source) sha() string { return hex.EncodeToString(s.hash.Sum(nil)) }

func (s *source) close() error { return s.file.Close() }
