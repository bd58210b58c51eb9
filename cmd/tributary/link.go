package main

import "github.com/spf13/cobra"

// link is the parent of what finds the same child and the same family.
func (p *program) link() *cobra.Command {
	c := &cobra.Command{
		Use:   "link",
		Short: "The same child and the same family, across agencies or in any file of people",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.linkDedupe())
	c.AddCommand(p.linkReview(), p.linkWhy(), p.linkDecide(), p.linkUndo(), p.linkDecisions(), p.linkTrain(), p.linkEvaluate())
	return c
}
