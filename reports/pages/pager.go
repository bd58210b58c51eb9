package pages

import (
	"maps"
	"net/url"
	"strconv"
)

// pager leads to the pages before and after; empty where there is none.
type pager struct{ Before, After string }

// page reads which page is asked for; what is no number is the first.
func page(v *Visit) int {
	at, err := strconv.Atoi(v.FormValue("page"))
	return map[bool]int{true: at, false: 1}[err == nil && at >= 1 && at < 1_000_000]
}

func pagerOf(path string, query url.Values, at int, hasMore bool) pager {
	link := func(page int) string {
		q := maps.Clone(query)
		q.Set("page", strconv.Itoa(page))
		return path + "?" + q.Encode()
	}
	var p pager
	if at > 1 {
		p.Before = link(at - 1)
	}
	if hasMore {
		p.After = link(at + 1)
	}
	return p
}
