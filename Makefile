# make without a target lists the targets.
GO ?= go
FUZZTIME ?= 10s
SOAK ?= 2m
DEMO ?=
BENCH ?=
TESTS ?= ^TestRealGraylog
VERSION ?=
DEPLOY_ENV = deploy/.env
HOSTS =
PLATFORMS = linux/386 linux/arm windows/amd64 darwin/arm64

# The modules, as go.work lists them, and the patterns of their packages.
MODULES := $(shell sed -n 's/^\t\(\.[^ ]*\)$$/\1/p' go.work)
PACKAGES := $(addsuffix /...,$(MODULES))
comma := ,
empty :=
coverpkg = $(subst $(empty) $(empty),$(comma),$(PACKAGES))
# The directories below . whose test files have a line that matches $(1).
tests = $$(grep -rlE --include='*_test.go' '$(1)' . | xargs -n 1 dirname | sort -u)

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## log from four roles to a collector; its page is at 127.0.0.1:9000; DEMO="--for 5s" limits the time
	@echo "building the demo; the first build downloads modules"
	@$(GO) build -o bin/synlogger ./cmd/synlogger
	@./bin/synlogger demo $(DEMO)

# The tests below ./test read files of other modules. The go command does not notice
# changes of those files, so cached results would be wrong.
.PHONY: test
test: ## run all tests; export AXE_CORE=$(.ci/axe) adds accessibility checks of the pages
	$(GO) test $(filter-out ./test/...,$(PACKAGES))
	$(GO) test -count 1 ./test/...

.PHONY: test-library
test-library: ## run the tests of the root module alone, with the modules that applications get
	GOWORK=off $(GO) test ./...

.PHONY: race
race: ## run all tests under the race detector
	$(GO) test -race -timeout 20m $(PACKAGES)

.PHONY: lint
lint: ## check format, go vet, staticcheck, go.mod files, and APIs newer than the go line
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $(PACKAGES)
	.ci/tidy --check
	@set -e; for module in $(MODULES); do \
		echo "apicheck $$module"; \
		$(GO) run -C tools ./apicheck -C "$(CURDIR)/$$module"; \
	done

.PHONY: vet-platforms
vet-platforms: ## run go vet for each of PLATFORMS
	@set -e; for platform in $(PLATFORMS); do \
		echo "go vet for $$platform"; \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) vet $(PACKAGES); \
	done

.PHONY: tidy
tidy: ## run go mod tidy in each module
	.ci/tidy

.PHONY: fuzz
fuzz: ## run each fuzz test for FUZZTIME (10s)
	@set -e; for dir in $(call tests,^func Fuzz); do \
		for target in $$($(GO) test -list '^Fuzz' $$dir | grep '^Fuzz' || true); do \
			echo "$$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$dir; \
		done; \
	done

.PHONY: soak
soak: ## cause random faults for SOAK (2m); each record must be delivered or counted
	SYNLOGGER_SOAK=$(SOAK) $(GO) test -count 1 -timeout 0 -run '^TestSoak$$' -v $(call tests,^func TestSoak)

# The packages run one after another: a message that the index refuses can cause the loss
# of other messages in the same batch.
.PHONY: graylog-test
graylog-test: ## run the tests with the Graylog at GRAYLOG_URL and GRAYLOG_PASSWORD, or start VERSION=6.1.0
ifneq ($(VERSION),)
	.ci/graylog $(VERSION)
else
	@if [ -z "$$GRAYLOG_URL" ]; then echo "set GRAYLOG_URL to the address of a Graylog"; exit 1; fi
	$(GO) test -count 1 -p 1 -timeout 10m -v -run '$(TESTS)' \
		$(call tests,^func TestRealGraylog)
endif

.PHONY: bench
bench: ## run the benchmarks; compare medians
	$(GO) test -run '^$$' -bench . -benchmem -count 6 $(PACKAGES)

.PHONY: bench-peers
bench-peers: ## measure beside other logging packages (5 minutes); print tables, draw docs/bench-*.svg
	$(GO) build -o bin/bench ./bench
	./bin/bench -svg docs/bench $(BENCH)

.PHONY: bench-check
bench-check: ## fail if the handler allocates, or falls behind go-gelf v2 or slog-graylog
	$(GO) build -o bin/bench ./bench
	./bin/bench check

.PHONY: cover
cover: ## print the share of statements that tests cover
	$(GO) test -coverpkg $(coverpkg) -coverprofile cover.out $(PACKAGES)
	$(GO) tool cover -func cover.out | tail -1

.PHONY: golden
golden: ## write the golden files; read the difference before you commit it
	$(GO) test $(call tests,/internal/golden") -update

.PHONY: vuln
vuln: ## look for known vulnerabilities in dependencies; needs vuln.go.dev
	$(GO) tool govulncheck $(PACKAGES)

.PHONY: build
build: ## build the command bin/synlogger
	$(GO) build -trimpath -o bin/synlogger ./cmd/synlogger

.PHONY: deploy-env
deploy-env: ## write random secrets for deploy/compose.yaml to deploy/.env
	@deploy/make-env $(DEPLOY_ENV)

.PHONY: deploy-certs
deploy-certs: ## make a private authority and Graylog's certificate; HOSTS="graylog.example 192.0.2.7"
	@deploy/make-certs $(HOSTS)
