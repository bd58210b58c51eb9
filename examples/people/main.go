// Command people writes a file of invented people records with the truth beside them, to measure
// linking by.
//
// Takes how many records and a seed; leaves one CSV or Parquet file, the same bytes for the same
// options; never describes a real person.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"tributary/examples/demo"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "people:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("people", flag.ContinueOnError)
	var opt demo.PeopleOptions
	flags.Int64Var(&opt.Seed, "seed", 1, "another seed is another population")
	flags.IntVar(&opt.Records, "records", 100_000, "how many, at least")
	flags.Float64Var(&opt.Twins, "twins", 0.032, "share of births that are part of a multiple birth")
	flags.IntVar(&opt.MinMultiples, "min-multiples", 0, "at least so many pairs of children of one birth")
	flags.BoolVar(&opt.HasHealth, "health", false, "with a health number")
	out := flags.String("out", "people.parquet", "the file, .csv or .parquet")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := demo.NewPopulation(opt)
	write := p.WriteParquet
	switch filepath.Ext(*out) {
	case ".parquet":
	case ".csv":
		write = p.WriteCSV
	default:
		return fmt.Errorf("-out %s: neither .csv nor .parquet", *out)
	}
	f, err := os.Create(*out)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", *out, err)
	}
	fmt.Printf("%d records of %d children in %d families, %d pairs of one birth\n", p.Records, p.Children, p.Families, p.MultiplePairs)
	return nil
}
