package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "folder that keeps pictures of the console's pages")

// browser is a person before the console: a real browser, a real workspace.
type browser struct {
	*testing.T
	ctx  context.Context
	base string
	axe  string
}

// openConsole makes the demo's area, starts the console on it and enters.
func openConsole(t *testing.T, children int) (*browser, string) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not here: run make deps")
		}
		t.Skip("left out: chromium is not here; make deps installs it")
	}
	dir := t.TempDir()
	if out, err := command(dir, "demo", filepath.Join(dir, "demo"), "--children", fmt.Sprint(children)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	workspace := filepath.Join(dir, "demo", "workspace")
	c := command(dir, "-C", workspace, "console", "--no-browser", "--listen", "127.0.0.1:0")
	c.Env = append(c.Env, "TRIBUTARY_TODAY=2026-05-06", "TRIBUTARY_WHO=anna")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait() // ended by us
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(line, "console: "))
	base, _, _ := strings.Cut(address, "/enter")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 800), chromedp.WSURLReadTimeout(time.Minute))
	alloc, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, end2 := chromedp.NewContext(alloc)
	t.Cleanup(end2)
	ctx, end3 := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(end3)
	b := &browser{T: t, ctx: ctx, base: base}
	if axe, err := os.ReadFile(filepath.Join("..", "..", "bin", "axe", "axe.min.js")); err == nil {
		b.axe = string(axe)
	} else {
		t.Log("left out: axe-core is not here; make deps fetches it where npm is")
	}
	b.do(chromedp.Navigate(address))
	b.await(`location.pathname === "/" && document.querySelector("h1")?.textContent === "Home"`)
	return b, workspace
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	for tries := 0; ; tries++ {
		err := chromedp.Do(b.ctx, steps...)
		if err == nil {
			return
		}
		// A page that came in between has the same element under another number.
		if tries == 5 || !strings.Contains(err.Error(), "Could not find node") {
			b.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// open goes to a page, looks whether everybody can use it, and keeps a picture where one is asked for.
func (b *browser) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + path))
	b.check(path)
}

// await waits until a condition holds in the page.
func (b *browser) await(condition string) {
	b.Helper()
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		// While a page goes and the next comes there is nothing to ask.
		if is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+condition+")")); err == nil && is {
			return
		}
		if time.Since(start) > 3*time.Minute {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + document.body.innerText"))
			b.Fatalf("did not come: %s\n%s", condition, text)
		}
	}
}

// fill types into a field.
func (b *browser) fill(selector, text string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](fmt.Sprintf("document.querySelector(%q).value = ''", selector))); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// press clicks what a selector names, which leads to another page that says something.
func (b *browser) press(selector, says string) {
	b.Helper()
	quoted, err := json.Marshal(says)
	if err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Click(chromedp.CSS(selector)))
	b.await("document.querySelector('main')?.innerText.includes(" + string(quoted) + ")")
}

// text is what the page says.
func (b *browser) text() string {
	b.Helper()
	b.await("document.querySelector('main')")
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector('main').innerText"))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// check holds the page against WCAG 2.2 AA as far as axe-core can tell, and against its size.
func (b *browser) check(name string) {
	b.Helper()
	size, err := chromedp.Run(b.ctx, chromedp.Evaluate[int]("new TextEncoder().encode(document.documentElement.outerHTML).length"))
	if err != nil || size > 200_000 {
		b.Errorf("%s: %d bytes, %v", name, size, err)
	}
	if *shots != "" {
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(*shots, "page"+strings.NewReplacer("/", "-", "?", "-", " ", "-").Replace(name)+".png"), picture, 0o600)
		}
		if err != nil {
			b.Error(err)
		}
	}
	if b.axe == "" {
		return
	}
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](b.axe+";null"))
	if err != nil {
		b.Fatal(err)
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
		r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ")).join("\n"))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	if found != "" {
		b.Errorf("%s: not for everybody:\n%s", name, found)
	}
}

// because says why one looks at named records, where the page asks for it.
func (b *browser) because(why string) {
	b.Helper()
	if strings.Contains(b.text(), "audit log") {
		b.fill("[name=why]", why)
		b.do(chromedp.Submit(chromedp.CSS("main form")))
		b.await(`document.querySelector("form[action='/because']") === null && document.querySelector("h1") !== null`)
	}
}

func TestGuardListen_otherMachinesNeedAccountsAndHTTPS(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		isLoopback, hasAccounts, isSecure, isRefused bool
	}{{true, false, false, false}, {false, false, true, true}, {false, true, false, true}, {false, true, true, false}} {
		if err := guardListen("0.0.0.0:8078", x.isLoopback, x.hasAccounts, x.isSecure); (err != nil) != x.isRefused {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

// TestConsole_day is a person's day: open, accept a delivery, correct a value, run, see what changed.
func TestConsole_day(t *testing.T) {
	t.Parallel()
	b, workspace := openConsole(t, 200)
	b.check("/")
	if text := b.text(); !strings.Contains(text, "delivery is held") || !strings.Contains(text, "2025-26Q4") {
		t.Errorf("home says:\n%s", text)
	}

	for _, page := range []string{"/deliveries", "/agencies", "/agencies/CFTC", "/runs", "/audit", "/settings"} {
		b.open(page)
	}
	b.open("/deliveries/NLSB/2025-26Q2")
	b.fill("form[action$='/accept'] [name=why]", "checked with the board by phone")
	b.press("form[action$='/accept'] button", "checked with the board by phone (anna, 2026-05-06)")

	b.open("/deliveries/HHCS/2025-26Q4/findings")
	b.do(chromedp.Click(chromedp.CSS("tbody th a")))
	b.await(`document.body.innerText.includes("Why do you look?")`)
	b.check("because")
	b.because("call from the agency")
	b.await(`document.querySelector("#row") !== null`)
	b.check("finding")
	b.fill("section[aria-labelledby=correct] [name=value]", "2012-05-31")
	b.fill("section[aria-labelledby=correct] [name=why]", "birth certificate seen")
	b.press("button[value=correct]", "It acts in the next run")

	b.open("/")
	b.press("form[action='/run'] button", "published as generation 2")
	b.check("home after a run")
	if text := b.text(); strings.Contains(text, "delivery is held") {
		t.Errorf("what was accepted still waits:\n%s", text)
	}
	b.open("/deliveries/NLSB/2025-26Q2")
	if text := b.text(); !strings.Contains(text, "accepted") || strings.Contains(text, "refused") {
		t.Errorf("the accepted delivery says:\n%s", text)
	}
	if log := must(t, workspace, "audit"); !strings.Contains(log, "call from the agency") {
		t.Errorf("the audit log lacks the look:\n%s", log)
	}
	b.reviewByKeys(10)
	b.open("/measures")
	before := b.text()
	b.open("/")
	b.press("form[action='/run'] button", "published as generation 3")
	b.open("/measures")
	if b.text() == before {
		t.Errorf("ten answers moved no number:\n%s", before)
	}
	b.open("/why?cell=children_known@2025-26Q4")
	if text := b.text(); !strings.Contains(text, "Worked out again from the rows below") {
		t.Errorf("the number is not explained:\n%s", text)
	}
}

// reviewByKeys answers so many pairs, or all that there are, by single keys alone.
func (b *browser) reviewByKeys(most int) {
	b.Helper()
	b.open("/review")
	b.do(chromedp.KeyEvent("j"))
	b.await(`location.pathname !== "/review"`)
	b.because("review of the quarter")
	for i := range most {
		b.await(`document.querySelector("button[value=same]") !== null`)
		if i == 0 {
			b.check("pair")
		}
		before, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href"))
		if err != nil {
			b.Fatal(err)
		}
		b.do(chromedp.KeyEvent([]string{"1", "2", "3", "4"}[i%4]))
		b.await(fmt.Sprintf("location.href !== %q && document.querySelector('.said') !== null", before))
		if text := b.text(); !strings.Contains(text, "Noted: ") {
			b.Fatalf("the answer was not noted:\n%s", text)
		}
		if strings.Contains(b.text(), "All questions are answered") {
			return
		}
	}
}
