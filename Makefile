# Every target says what it does: make help.
SHARED ?= ../shared
N ?= 200
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
GO := go
BIN := bin/tributary

.DEFAULT_GOAL := help
.PHONY: help build demo test check accuracy bench bench-large fuzz area-a onboard attack twice kill leak deps clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build bin/tributary
	@test -x $(BIN) || echo "building; a cold build takes 2 to 9 minutes, most of it the engine"
	@$(GO) build -ldflags "-X main.buildVersion=$(VERSION)" -o $(BIN) ./cmd/tributary

demo: build ## make an invented area in demo/ and walk it through all steps
	@rm -rf demo
	@$(BIN) demo demo
	@printf '\nWhere needs are not met, and how long families wait:\n'
	@$(BIN) -C demo/workspace report gaps
	@printf '\nThe console, in the browser (end with Ctrl-C):\n  %s -C demo/workspace console\n' $(BIN)

test: ## all tests
	$(GO) test -timeout 30m ./...

check: ## the walls, gofmt, vet and the models' rules, without the slow tests
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) test . ./sql/... ./pipelines/model ./pipelines/mapping

accuracy: build ## linking against the truth, where it is known; fails below a floor
	@$(GO) run ./examples/accuracy -program $(BIN) -shared $(SHARED)

bench: build ## ours against a named floor in the same run; fails past a limit
	$(GO) test ./pipelines/land -v -count=1 -timeout 60m -run '^TestBenchLanding$$' -bench-gb=1
	$(GO) run ./examples/area-a/bench -shared $(SHARED)
	$(GO) test ./pipelines/link -v -count=1 -timeout 60m -run '^TestBenchLinking$$|^TestBenchGoingOn$$' -bench-records=1000000
	$(GO) test ./reports/patch -v -count=1 -timeout 60m -run '^TestBench' -bench-cells=2400000
	$(GO) test ./reports/template -v -count=1 -timeout 60m -run '^TestBenchTemplate$$' -bench-mb=5
	$(GO) test ./pipelines/why -v -count=1 -timeout 60m -run '^TestBenchWhy$$' -bench-children=156250
	$(GO) test ./pipelines -v -count=1 -timeout 60m -run '^TestBenchChecks$$' -bench-rows=1000000
	$(GO) test ./cmd/tributary -v -count=1 -timeout 60m -run '^TestBench(SFTP|Postgres)$$' -bench-files=1000 -bench-rows=1000000
	$(GO) test ./pipelines/release/disclose -v -count=1 -timeout 60m -run '^TestBenchDisclosure$$' -bench-tables=50
	$(GO) test ./pipelines -v -count=1 -timeout 60m -run '^TestBenchGaps$$' -bench-gap-children=30000
	$(GO) test ./cmd/tributary -v -count=1 -timeout 60m -run '^TestBenchConsole$$' -bench-clients=500000

bench-large: ## linking ten million records, reported only
	GOMEMLIMIT=13GiB $(GO) test ./pipelines/link -v -count=1 -timeout 120m -run '^TestBenchLinking$$' -bench-records=10000000 -bench-runs=1 -bench-memory=5GB -bench-floors=false

fuzz: ## a minute of hostile input for each reader
	@for p in . ./pipelines ./pipelines/config ./pipelines/land ./reports/feedback ./reports/forms ./reports/ministry ./reports/patch ./reports/template; do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep ^Fuzz); do \
			$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s -fuzzminimizetime 5x $$p || exit 1; done; done

area-a: build ## the wild area of SHARED against its truth
	@$(GO) run ./examples/area-a/verify -program $(BIN) -shared $(SHARED) -dir build-area-a

onboard: build ## mappings that onboard proposes for area a against those by hand
	@$(GO) run ./examples/area-a/onboard -program $(BIN) -shared $(SHARED)

attack: build ## attack what public releases show: random linked tables, worked examples, the demo, and area-a of SHARED
	$(GO) test ./pipelines/release/disclose -v -count=1 -timeout 30m -run '^Test(Attack|Attacker_finds|Example.*|Protect.*)$$' -attacks 400
	@SHARED=$(SHARED) bash examples/attack.sh $(BIN)

twice: build ## demo and area-a in two folders, other time zone, locale, threads, umask: equal bytes
	@SHARED=$(SHARED) bash examples/twice.sh $(BIN)

kill: build ## N kills at random moments: the old generation or the new one, nothing between
	$(GO) test ./cmd/tributary -v -count=1 -timeout 30m -run '^TestKill$$' -kills $(N)

leak: build ## canaries in the demo's files are nowhere where they may not be
	$(GO) test ./cmd/tributary -v -count=1 -run '^TestLeak$$' -canaries 200

deps: ## from Debian: what tests with LibreOffice, a browser and real servers need; axe-core where npm is
	@missing=""; for p in libreoffice-calc:soffice poppler-utils:pdftoppm chromium:chromium openssh-server:sshd openssh-client:sftp; do \
		PATH="$$PATH:/usr/sbin" command -v $${p#*:} >/dev/null || missing="$$missing $${p%:*}"; done; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$$missing postgresql"; \
	if [ -n "$$missing" ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing fonts-dejavu-core; fi
	@if command -v npm >/dev/null && ! test -s bin/axe/axe.min.js; then mkdir -p bin/axe && cd bin/axe && \
		npm pack axe-core@4.12.1 --silent >/dev/null 2>&1 && tar xzf axe-core-*.tgz --strip-components=1 package/axe.min.js && rm -f axe-core-*.tgz || echo "axe-core cannot be fetched: pages are not held against it"; fi

clean: ## remove what make made
	rm -rf bin demo build-area-a build-area-a-*
