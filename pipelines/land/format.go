package land

import (
	"bytes"
	"path/filepath"
	"strings"
)

// adviceFor says what to do with a kind of file that has no reader.
func adviceFor(format string) string {
	switch format {
	case "xls":
		return "is an old Excel workbook (.xls); open it in Excel and save it as .xlsx"
	case "xlsb":
		return "is a binary Excel workbook (.xlsb); save it as .xlsx"
	case "ods":
		return "is an OpenDocument spreadsheet; save it as .xlsx"
	case "pdf":
		return "is a PDF; ask for the table that it was printed from, as .xlsx or .csv"
	case "docx":
		return "is a Word document; ask for the table as .xlsx or .csv"
	case "gzip":
		return "is compressed with gzip; send it as .zip or plain"
	case "markup":
		return "is a web page or XML, whatever its name says; open it in Excel and save it as .xlsx"
	case "access":
		return "is an Access database; export its tables as .xlsx or .csv"
	}
	return "is of a kind that cannot be read; send .xlsx, .csv, .txt, .json, .jsonl, .parquet or a .zip of these"
}

// detectFormat goes by the first bytes; the name only tells kinds of text apart.
func detectFormat(name string, head []byte) string {
	ext := strings.ToLower(filepath.Ext(name))
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case has("PK\x03\x04"), has("PK\x05\x06"):
		switch ext {
		case ".xlsx", ".xlsm", ".xltx", ".xltm":
			return "xlsx"
		case ".ods", ".xlsb", ".docx":
			return ext[1:]
		case ".zip":
			return "zip"
		}
		if bytes.Contains(head, []byte("xl/")) || bytes.Contains(head, []byte("[Content_Types].xml")) {
			return "xlsx"
		}
		return "zip"
	case has("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		// An encrypted .xlsx is wrapped in the container that .xls used to be.
		if ext == ".xls" {
			return "xls"
		}
		return "xlsx"
	case has("PAR1"):
		return "parquet"
	case has("%PDF-"):
		return "pdf"
	case has("\x1f\x8b"):
		return "gzip"
	case has("\x00\x01\x00\x00Standard "):
		return "access"
	}
	// A name that promises a workbook is held to it, whatever the bytes: a damaged one must say so.
	switch ext {
	case ".xlsx", ".xlsm":
		return "xlsx"
	case ".parquet":
		return "parquet"
	case ".zip":
		return "zip"
	}
	if isBinary(head) {
		return "unknown"
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch ext {
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".json":
		return jsonKind(text)
	case ".csv", ".tsv":
		return "delimited"
	case ".xml", ".html", ".htm":
		return "markup"
	}
	if len(text) > 1 && text[0] == '<' && bytes.ContainsAny(text, ">") && ext != ".txt" {
		return "markup"
	}
	if len(text) > 1 && (text[0] == '{' && bytes.Contains(text, []byte(`":`)) || text[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{"))) {
		return jsonKind(text)
	}
	return "delimited"
}

// jsonKind tells JSON Lines in a .json file from one document: a whole object ends the first line
// and another begins the second.
func jsonKind(text []byte) string {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	first, rest = bytes.TrimSpace(first), bytes.TrimSpace(rest)
	if ok && len(first) > 1 && first[0] == '{' && first[len(first)-1] == '}' && len(rest) > 0 && rest[0] == '{' {
		return "jsonl"
	}
	return "json"
}

// isBinary says that the bytes are no text in any encoding read here.
func isBinary(head []byte) bool {
	if len(head) == 0 || utf16Form(head) != "" {
		return false
	}
	odd := 0
	for _, c := range head {
		if c == 0 || c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1a && c != '\f' {
			odd++
		}
	}
	return odd*10 > len(head)
}

func isBlank(head []byte) bool {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	text = bytes.TrimPrefix(text, []byte("\xff\xfe"))
	return len(bytes.Trim(text, " \t\r\n\x00\x1a")) == 0
}
