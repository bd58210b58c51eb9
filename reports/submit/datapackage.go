package submit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
)

// Field is one column of a machine-readable table, in the words of Frictionless Table Schema.
type Field struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
}

// Table is one machine-readable table.
type Table struct {
	Name, Title string
	Fields      []Field
	Rows        [][]string
}

// DataPackage writes tables as CSV below data/ and a Frictionless datapackage.json that describes them.
func DataPackage(name, title string, tables []Table) ([]File, error) {
	type schema struct {
		Fields        []Field  `json:"fields"`
		MissingValues []string `json:"missingValues"`
		PrimaryKey    string   `json:"primaryKey"`
	}
	type resource struct {
		Profile  string `json:"profile"`
		Name     string `json:"name"`
		Title    string `json:"title"`
		Path     string `json:"path"`
		Format   string `json:"format"`
		Media    string `json:"mediatype"`
		Encoding string `json:"encoding"`
		Bytes    int    `json:"bytes"`
		Hash     string `json:"hash"`
		Schema   schema `json:"schema"`
	}
	var files []File
	var resources []resource
	for _, t := range tables {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		head := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			head[i] = f.Name
		}
		if err := w.WriteAll(append([][]string{head}, t.Rows...)); err != nil {
			return nil, err
		}
		path := "data/" + t.Name + ".csv"
		files = append(files, File{Name: path, Data: out.Bytes()})
		resources = append(resources, resource{"tabular-data-resource", t.Name, t.Title, path, "csv", "text/csv", "utf-8", out.Len(),
			"sha256:" + hash(out.Bytes()), schema{t.Fields, []string{""}, head[0]}})
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(struct {
		Profile   string     `json:"profile"`
		Name      string     `json:"name"`
		Title     string     `json:"title"`
		Resources []resource `json:"resources"`
	}{"tabular-data-package", name, title, resources})
	return append(files, File{Name: "datapackage.json", Data: text.Bytes()}), err
}
