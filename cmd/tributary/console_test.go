package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var shots = flag.String("shots", "", "folder that keeps pictures of the console's pages")

// browser is a person before the console: a real browser, a real workspace.
type browser struct {
	*testing.T
	ctx  context.Context
	base string
	axe  string
	seen map[string]bool
}

// startConsole begins the console on a workspace, for one person, and returns the address that it prints.
func startConsole(t *testing.T, workspace, who string, flags ...string) string {
	t.Helper()
	c := command(workspace, append([]string{"console", "--no-browser", "--listen", "127.0.0.1:0"}, flags...)...)
	c.Env = append(c.Env, "TRIBUTARY_WHO="+who)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = t.Output()
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
	return strings.TrimSpace(strings.TrimPrefix(line, "console: "))
}

// withChromium leaves a test out where there is no browser.
func withChromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not here: run make deps")
		}
		t.Skip("left out: chromium is not here; make deps installs it")
	}
	return path
}

// openBrowser sits a person down before a real browser.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(withChromium(t)), chromedp.NoSandbox, chromedp.WindowSize(1280, 800), chromedp.WSURLReadTimeout(time.Minute))
	alloc, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, end2 := chromedp.NewContext(alloc)
	t.Cleanup(end2)
	ctx, end3 := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(end3)
	b := &browser{T: t, ctx: ctx, seen: map[string]bool{}}
	if axe, err := os.ReadFile(filepath.Join("..", "..", "bin", "axe", "axe.min.js")); err == nil {
		b.axe = string(axe)
	} else {
		t.Log("left out: axe-core is not here; make deps fetches it where npm is")
	}
	return b
}

// enter opens the console by the address that it printed.
func (b *browser) enter(address string) {
	b.Helper()
	b.base, _, _ = strings.Cut(address, "/enter")
	b.do(chromedp.Navigate(address))
	b.await(`location.pathname === "/" && document.querySelector("h1")?.textContent === "Home"`)
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
		if time.Since(start) > time.Minute {
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
	if b.seen[name] { // the same page at another hour
		return
	}
	b.seen[name] = true
	size, err := chromedp.Run(b.ctx, chromedp.Evaluate[int]("new TextEncoder().encode(document.documentElement.outerHTML).length"))
	if err != nil || size > 200_000 {
		b.Errorf("%s: %d bytes, %v", name, size, err)
	}
	b.keepPicture(name)
	b.narrow(name)
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

// narrow looks at the page on a telephone, which is a screen of 1280 at 400 %: nothing is to lie beside the screen.
func (b *browser) narrow(name string) {
	b.Helper()
	b.do(chromedp.EmulateViewport(320, 800))
	beside, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.documentElement.scrollWidth <= 320 ? "" : [...document.querySelectorAll("main *, header *")]
		.filter(e => e.getBoundingClientRect().right > 321 && !e.closest(".wide > *, table > *, pre")).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n") || "the page itself"`))
	if err != nil || beside != "" {
		b.Errorf("%s at 320 pixels: %v lies beside the screen:\n%s", name, err, beside)
	}
	b.keepPicture(name + " narrow")
	b.do(chromedp.EmulateViewport(1280, 800))
}

// keepPicture keeps how the page looks, where somebody asked for it.
func (b *browser) keepPicture(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	at := filepath.Join(*shots, "page"+strings.NewReplacer("/", "-", "?", "-", " ", "-").Replace(name))
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(at+".png", picture, 0o600)
	}
	paper, err2 := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err2 == nil {
		err2 = os.WriteFile(at+".pdf", paper, 0o600)
	}
	if err := errors.Join(err, err2); err != nil {
		b.Error(err)
	}
}

// byTab goes through the page by the Tab key alone: first comes the way past the menu, then all that can be used, in the
// order of the page, and where one stands is seen.
func (b *browser) byTab() {
	b.Helper()
	ask := func(script string) string {
		b.Helper()
		text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
		if err != nil {
			b.Fatal(err)
		}
		return text
	}
	ask(`document.activeElement.blur(); window.all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e => e.offsetParent || e.className === "skip"); ""`)
	for i := 0; ; i++ {
		b.do(chromedp.KeyEvent(kb.Tab))
		switch at := ask(fmt.Sprintf(`(() => { const e = document.activeElement, s = getComputedStyle(e);
			if (e === document.body || all.length === %[1]d) return "end";
			if (e !== all[%[1]d]) return "comes after or before its place: " + e.outerHTML.slice(0, 200) + " for " + all[%[1]d].outerHTML.slice(0, 200);
			if (parseFloat(s.outlineWidth) < 2 || s.outlineStyle === "none") return "is not seen: " + e.outerHTML.slice(0, 200);
			return ""; })()`, i)); {
		case at == "end" && i > 10:
			return
		case at != "":
			b.Errorf("by Tab, step %d: %s", i, at)
			return
		}
		if i == 0 && ask(`document.activeElement.className`) != "skip" {
			b.Error("the first step is not the way past the menu")
		}
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
