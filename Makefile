# Everything that can be done here; `make help` lists it. Go and Node are all that must be there.

# The patched toolchain builds, tests and releases (go.mod asks for less, so that a plain `go build`
# works). The go command fetches it like a module.
export GOTOOLCHAIN := go1.27.3

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UI := gateway/ui
OPENID := auth/openid
BIN := bin/sightglass
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
LINT := go tool -modfile=tools/go.mod golangci-lint
CODEGEN := go tool -modfile=../tools/go.mod oapi-codegen
ARGS ?=

say = @printf '\n\033[1m==> %s\033[0m\n' "$(1)"

.PHONY: help demo build ui test setup vet lint gotest uicheck uitest browsertest verify generate fuzz test-clients bench bench-player screenshots soak demo-audio clean FORCE

help: ## list what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BIN) ## run the whole thing with simulated providers: nothing to configure, no network (ARGS="--json …")
	@exec $(BIN) demo $(ARGS)

build: $(BIN) ## build bin/sightglass with its page inside

ui: $(UI)/built/app/index.html ## build the page only

test: ## all that must hold: lint, generated code, Go with -race, the page in a real Chromium
	@$(MAKE) setup
	@$(MAKE) verify
	@$(MAKE) vet lint
	@$(MAKE) build
	@$(MAKE) gotest
	@$(MAKE) uicheck uitest
	@$(MAKE) browsertest
	$(call say,all of make test passed)

setup: ## install what the tests need (Debian packages, npm packages)
	$(call say,installing what the tests need)
	@tools/setup.sh
	@$(MAKE) $(UI)/node_modules/.package-lock.json $(OPENID)/node_modules/.package-lock.json

vet:
	$(call say,go vet)
	@go vet ./...

lint: ## golangci-lint, pinned in tools/go.mod
	$(call say,golangci-lint (the first time it is built: two minutes))
	@$(LINT) run --allow-parallel-runners ./...
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }

gotest: $(OPENID)/node_modules/.package-lock.json ## the Go tests, with the race detector
	$(call say,go test -race)
	@OPENID_PROVIDER=needed CGO_ENABLED=1 go test -race -timeout 10m ./...

uicheck: $(UI)/node_modules/.package-lock.json
	$(call say,the page: types and style)
	@npm --prefix $(UI) run --silent check

uitest: $(UI)/node_modules/.package-lock.json
	$(call say,the page: unit tests)
	@npm --prefix $(UI) run --silent test

browsertest: $(BIN) ## the page in Debian's Chromium, against the demo
	$(call say,the page: in Chromium against the demo)
	@SIGHTGLASS_BIN=$(CURDIR)/$(BIN) npm --prefix $(UI) run --silent browser

bench-player: $(BIN) ## how soon a call is heard in Chromium, near and far (ROUNDS=5)
	@SIGHTGLASS_BIN=$(CURDIR)/$(BIN) node $(UI)/browser/player-bench.mjs

test-clients: $(BIN) ## curl, wget, aria2c, ffmpeg, mpv, Chromium and Firefox play and seek through it (installs them)
	@tools/setup.sh clients
	@SIGHTGLASS_BIN=$(CURDIR)/$(BIN) node --test --test-concurrency=1 --test-reporter=spec $(UI)/browser/clients.mjs $(UI)/browser/player-proof.mjs

bench: $(BIN) ## the gateway against nginx, HAProxy, Caddy and others (installs them; ARGS="-quick -only range")
	@tools/setup.sh bench
	@go build -o bin/bench ./bench
	@PATH=$$PATH:/usr/sbin bin/bench -gateway $(BIN) $(ARGS)

screenshots: $(BIN) ## take the pictures of the README and docs again
	@SIGHTGLASS_BIN=$(CURDIR)/$(BIN) SIGHTGLASS_PICTURES=$(CURDIR)/docs/pictures npm --prefix $(UI) run --silent browser

generate: $(UI)/node_modules/.package-lock.json ## make generated code from gateway/openapi.yaml again
	@cd gateway && $(CODEGEN) --config oapi-codegen.yaml openapi.yaml
	@npm --prefix $(UI) run --silent codegen

verify: ## generated code is current
	$(call say,generated code is current)
	@old=$$(mktemp -d); trap 'rm -rf "$$old"' EXIT; \
	cp gateway/api/api.gen.go $(UI)/src/api/schema.gen.ts "$$old"; \
	$(MAKE) generate; \
	cmp gateway/api/api.gen.go "$$old/api.gen.go" && cmp $(UI)/src/api/schema.gen.ts "$$old/schema.gen.ts" \
		|| { echo 'It was not: commit what `make generate` has made.'; exit 1; }

FUZZTIME ?= 30s
fuzz: ## every fuzz target for FUZZTIME (30s)
	@go list ./... | while read -r p; do \
		dir=$$(go list -f '{{.Dir}}' "$$p"); \
		{ grep -ho '^func Fuzz[A-Za-z0-9_]*' "$$dir"/*_test.go 2>/dev/null || true; } | sed 's/func //' | while read -r f; do \
			echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) "$$p"; done; done

soak: ## the long tests in full: storms of 10,000 opens with Redis and gateways killed (10 minutes), 2,000 ranges of a 60 MB recording with every fault
	@SIGHTGLASS_SOAK=1 go test -count=1 -timeout 40m -v -run '^TestStorm$$' ./cmd/sightglass
	@SIGHTGLASS_SOAK=1 go test -count=1 -timeout 20m -v -run '^TestEveryByteIsTheOrigins$$' ./gateway

demo-audio: ## make the demo's calls again from their scripts (installs Debian's speech tools)
	@tools/demo-audio.sh

clean: ## remove what was built
	@rm -rf bin $(UI)/built/app

# --- files ---

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json $(UI)/codegen/package-lock.json
	$(call say,npm packages of the page)
	@npm --prefix $(UI) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@npm --prefix $(UI)/codegen ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The OpenID provider that signing in is tested against.
$(OPENID)/node_modules/.package-lock.json: $(OPENID)/package-lock.json
	$(call say,npm packages of the OpenID provider)
	@npm --prefix $(OPENID) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(UI)/built/app/index.html: $(UI)/node_modules/.package-lock.json $(UI)/index.html $(UI)/vite.config.ts $(shell find $(UI)/src $(UI)/public -type f ! -name '*.test.*' 2>/dev/null)
	$(call say,building the page)
	@npm --prefix $(UI) run --silent build
	@touch $@

# go decides itself what is stale.
$(BIN): $(UI)/built/app/index.html FORCE
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/sightglass

FORCE:
