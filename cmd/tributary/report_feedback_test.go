package main

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// TestFeedback types what an analyst and an agency's data person type, in workbooks too:
//
//	xlsx FILE SHEET CSV             makes a workbook of a CSV
//	type FILE SHEET CELL VALUE      types into a cell
//	answer FILE WORD HEADING VALUE  types into the column of that heading, in the first row that has a cell WORD (or
//	                                the cells of WORD|WORD)
//	[!] cells FILE PATTERN          looks for "sheet!cell = value"
func TestFeedback(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/feedback",
		UpdateScripts: *update,
		Setup:         asAnalyst,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"xlsx": makeWorkbook, "type": typeCell, "answer": typeAnswer, "cells": findCells,
		},
	})
}

func makeWorkbook(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[2]))).ReadAll()
	ts.Check(err)
	f := excelize.NewFile()
	defer f.Close()
	ts.Check(f.SetSheetName("Sheet1", args[1]))
	for i, row := range rows {
		for j, v := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			ts.Check(err)
			ts.Check(f.SetCellStr(args[1], at, v))
		}
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
}

func edit(ts *testscript.TestScript, path string, change func(*excelize.File)) {
	f, err := excelize.OpenFile(ts.MkAbs(path))
	ts.Check(err)
	defer f.Close()
	change(f)
	ts.Check(f.Save())
}

func typeCell(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args[0], func(f *excelize.File) { ts.Check(f.SetCellStr(args[1], args[2], args[3])) })
}

func typeAnswer(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args[0], func(f *excelize.File) {
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			ts.Check(err)
			column := -1
			for i, row := range rows {
				if at := slices.Index(row, args[2]); at >= 0 {
					column = at
				}
				hasAll := !slices.ContainsFunc(strings.Split(args[1], "|"), func(word string) bool { return !slices.Contains(row, word) })
				if column >= 0 && hasAll {
					at, err := excelize.CoordinatesToCellName(column+1, i+1)
					ts.Check(err)
					ts.Check(f.SetCellStr(sheet, at, args[3]))
					return
				}
			}
		}
		ts.Fatalf("no row %q under a heading %q", args[1], args[2])
	})
}

func findCells(ts *testscript.TestScript, neg bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	var all strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		ts.Check(err)
		for i, row := range rows {
			fmt.Fprintf(&all, "%s!%d: %s\n", sheet, i+1, strings.Join(row, " | "))
		}
	}
	if found := regexp.MustCompile("(?m)" + args[1]).MatchString(all.String()); found == neg {
		ts.Fatalf("cells %s %q: found %v\n%s", args[0], args[1], found, all.String())
	}
}
