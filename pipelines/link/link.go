// Package link finds the records of one child and the children of one family.
//
// Takes the tables of core, the consents and the facts; leaves children, families and which clients
// count among them; never changes core, and never merges: source records stay as they are. It goes by
// exact rules so far, each a model of sql/link that anyone can query.
package link

import (
	"context"
	"log/slog"

	"tributary/pipelines/warehouse"
)

// Facts are the kinds of fact that linking reads.
var Facts = []string{"id_register"}

// Models runs the SQL files of a step.
type Models interface {
	Run(ctx context.Context, db *warehouse.DB, step string, log *slog.Logger) error
}

// Fingerprint covers what decides the result besides the SQL files and the facts.
func Fingerprint() string { return "link 1, exact rules" }

// Run makes the tables of the attached database link.
func Run(ctx context.Context, db *warehouse.DB, models Models, log *slog.Logger) error {
	return models.Run(ctx, db, "link", log)
}
