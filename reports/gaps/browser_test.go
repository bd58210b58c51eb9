package gaps_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser opens a real Chromium; its complaints and whatever it asks for are kept.
type browser struct {
	context.Context
	mu    sync.Mutex
	wrong []string
	asked []string
}

func open(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not here: run make deps")
		}
		t.Skip("left out: chromium is not here; make deps installs it")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900), chromedp.WSURLReadTimeout(time.Minute))
	alloc, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	b := &browser{}
	ctx, end2 := chromedp.NewContext(alloc, chromedp.WithListener(func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.wrong = append(b.wrong, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			b.wrong = append(b.wrong, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			b.asked = append(b.asked, e.Request.URL)
		}
	}))
	t.Cleanup(end2)
	b.Context = ctx
	command(t, b, log.Enable, cdp.Empty{})
	command(t, b, network.Enable, network.EnableParams{})
	return b
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

func command[P, R any](t *testing.T, b *browser, c cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b, c, params); err != nil {
		t.Fatal(err)
	}
}

// says evaluates an expression of the page.
func says[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	out, err := chromedp.Run(b, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func pageFile(t *testing.T, lang string) string {
	t.Helper()
	_, page := report(t, lang)
	path := filepath.Join(t.TempDir(), "gaps-"+lang+".html")
	if err := os.WriteFile(path, page, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPage_inChromium(t *testing.T) {
	t.Parallel()
	b := open(t)
	url := "file://" + pageFile(t, "en")
	first := `[...document.querySelectorAll('#where [data-dots] g')][0].textContent`
	b.do(t, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("#filters")))
	for what, c := range map[string][2]string{
		"the first of the ranked":  {first, "Northmoor"},
		"a tile":                   {`document.querySelector('g[data-k="Ashby"] .tv').textContent`, "50%"},
		"the title of the section": {`document.querySelector('#where .now').textContent`, "(All services, All children, 2025-26Q4)"},
	} {
		if got := says[string](t, b, c[0]); !strings.Contains(got, c[1]) {
			t.Errorf("%s: got %q, want %q in it", what, got, c[1])
		}
	}

	// The keyboard alone: into the first filter, two services down.
	b.do(t, chromedp.Focus(chromedp.CSS("#f-s")), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	if got := says[string](t, b, `document.getElementById('said').textContent`); !strings.Contains(got, "Shown: Speech-language, All children, 2025-26Q4. Whole area: 53% not met (285 of 534).") {
		t.Errorf("the filter tells %q", got)
	}
	if got := says[string](t, b, first); !strings.Contains(got, "Northmoor: 78% (67% to 87%). ▲ more than chance explains") {
		t.Errorf("the largest is %q", got)
	}
	if got := says[bool](t, b, `document.querySelector('g[data-k="Northmoor"] .area').classList.contains('more')`); !got {
		t.Error("the tile of the gap has no thick border")
	}
	picture := `[...document.querySelectorAll('#where [data-dots] g title')].map(e => e.textContent.split(':')[0]).join()`
	table := `[...document.querySelectorAll('#where tbody th')].map(e => e.textContent).join()`
	if p, tb := says[string](t, b, picture), says[string](t, b, table); p != tb || strings.Count(tb, ",") != 11 {
		t.Errorf("the picture shows %s, its table %s", p, tb)
	}

	// Nobody told of vision in Elm: hatched, said in words, and last.
	says[bool](t, b, `document.getElementById('f-s').value = '6'; document.getElementById('f-s').dispatchEvent(new Event('change'))`)
	if got := says[string](t, b, `document.querySelector('g[data-k="Elm"] .area').getAttribute('class') + document.querySelector('#where [data-dots] g:last-of-type').textContent`); !strings.Contains(got, "silent") || !strings.Contains(got, "nobody reported") {
		t.Errorf("what nobody told of is shown as %q", got)
	}
	// A line over the quarters is broken where other agencies reported.
	if got := says[int](t, b, `document.querySelectorAll('#time .panels svg:first-of-type .brk').length`); got == 0 {
		t.Error("no line is broken")
	}
	b.do(t, chromedp.Click(chromedp.CSS(`button[type=reset]`)), chromedp.Sleep(100*time.Millisecond))
	if got := says[string](t, b, `document.querySelector('#where .now').textContent`); !strings.Contains(got, "All services") {
		t.Errorf("after reset the page shows %s", got)
	}

	// What axe-core can tell of WCAG 2.2 AA. It is fetched by make deps and is no part of the project.
	if axe, err := os.ReadFile(filepath.Join("..", "..", "bin", "axe", "axe.min.js")); err != nil {
		t.Log("left out: axe-core is not here; make deps fetches it where npm is")
	} else {
		says[any](t, b, string(axe)+";null")
		found, err := chromedp.Run(b, chromedp.Evaluate[string](`axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r =>
			r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html).join('\n'))`, chromedp.EvalAwaitPromise))
		if err != nil || found != "" {
			t.Errorf("axe-core: %v\n%s", err, found)
		}
	}

	// Twice as large on a screen of 1280 nothing runs out of it.
	command(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 640, Height: 450, DeviceScaleFactor: 1})
	if got := says[int](t, b, `document.documentElement.scrollWidth`); got > 640 {
		t.Errorf("at 200%% the page is %d wide", got)
	}
	// On a telephone every name and number of a picture is within it.
	command(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 400, Height: 800, DeviceScaleFactor: 1})
	cut := `[...document.querySelectorAll('[data-dots] text')].filter(e => e.getBoundingClientRect().right > e.closest('.wide').getBoundingClientRect().right + 1 ||
		e.getBoundingClientRect().left < e.closest('.wide').getBoundingClientRect().left - 1).map(e => e.textContent).join('; ')`
	b.do(t, chromedp.Sleep(100*time.Millisecond))
	if got := says[string](t, b, cut); got != "" || says[int](t, b, `document.documentElement.scrollWidth`) > 400 {
		t.Errorf("at 400 pixels these are cut: %s", got)
	}
	pdf, err := chromedp.Run(b, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	left(t, "gaps-en.print.pdf", pdf)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong) > 0 || len(b.asked) != 1 {
		t.Errorf("the browser complains %q and asks for %q", b.wrong, b.asked)
	}
}

func TestPage_withoutScriptIsTables(t *testing.T) {
	t.Parallel()
	b := open(t)
	command(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(t, chromedp.Navigate("file://"+pageFile(t, "fr")))
	for what, expression := range map[string]string{
		"the filters are hidden":  `document.getElementById('filters').offsetParent === null`,
		"no empty picture":        `[...document.querySelectorAll('figure')].every(e => e.offsetParent === null)`,
		"every table is open":     `[...document.querySelectorAll('table')].every(e => e.offsetParent !== null)`,
		"the municipalities":      `document.querySelectorAll('#where tbody tr').length === 12`,
		"quarters in French":      `!/\d{2}Q\d/.test(document.body.innerText) && document.body.innerText.includes('T4 2025-2026')`,
		"French":                  `document.documentElement.lang === 'fr-CA' && document.body.textContent.includes('plus que le hasard')`,
		"names are text, no tags": `document.querySelector('header i') === null`,
	} {
		if !says[bool](t, b, expression) {
			t.Errorf("not so: %s", what)
		}
	}
}
