package patch

const (
	maxFormulas = 500_000
	maxFormula  = 32 << 10
)

type formula struct {
	place
	kind, shared, text string
	covers             area
}
