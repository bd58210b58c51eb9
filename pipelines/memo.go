package pipelines

import "sync"

// Memo keeps answers about one published generation, which never change, for a process that is asked the same again and
// again. Nothing that shows a person is kept in it.
type Memo struct {
	mu         sync.Mutex
	generation int
	kept       map[string]any
}

// mostKept is how many answers a Memo keeps before it begins anew.
const mostKept = 1000

// Remember returns the answer to a question about the published generation: the one from before, or a new one. The
// answer is shared: whoever gets it changes nothing in it.
func Remember[T any](w *Workspace, question string, answer func() (T, error)) (T, error) {
	m, err := w.House.Current()
	if w.Memo == nil || err != nil {
		return answer()
	}
	w.Memo.mu.Lock()
	if w.Memo.generation != m.Generation || len(w.Memo.kept) > mostKept {
		w.Memo.generation, w.Memo.kept = m.Generation, map[string]any{}
	}
	found, ok := w.Memo.kept[question].(T)
	w.Memo.mu.Unlock()
	if ok {
		return found, nil
	}
	// Two who ask at once both look: neither waits for the other.
	out, err := answer()
	if err == nil {
		w.Memo.mu.Lock()
		if w.Memo.generation == m.Generation {
			w.Memo.kept[question] = out
		}
		w.Memo.mu.Unlock()
	}
	return out, err
}
