# make alone says what there is.
GO ?= go
FUZZTIME ?= 10s
SOAK ?= 2m
DEMO ?=
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
help: ## say what the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## four roles log into a collector with a page at 127.0.0.1:9000; DEMO="--for 5s" ends it
	@echo "building the demo; the first time fetches its modules"
	@$(GO) build -o bin/synlogger ./cmd/synlogger
	@./bin/synlogger demo $(DEMO)

.PHONY: test
test: ## all tests; export AXE_CORE=$(.ci/axe) has them look for barriers in pages, too
	$(GO) test $(PACKAGES)

.PHONY: test-library
test-library: ## the tests of the root module alone, with the modules that applications get
	GOWORK=off $(GO) test ./...

.PHONY: race
race: ## all tests under the race detector
	$(GO) test -race -timeout 20m $(PACKAGES)

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, each go.mod is tidy and has no API newer than its go line
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
vet-platforms: ## go vet for each of PLATFORMS
	@set -e; for platform in $(PLATFORMS); do \
		echo "go vet for $$platform"; \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) vet $(PACKAGES); \
	done

.PHONY: tidy
tidy: ## go mod tidy in each module
	.ci/tidy

.PHONY: fuzz
fuzz: ## each fuzz test for FUZZTIME (10s)
	@set -e; for dir in $(call tests,^func Fuzz); do \
		for target in $$($(GO) test -list '^Fuzz' $$dir | grep '^Fuzz' || true); do \
			echo "$$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$dir; \
		done; \
	done

.PHONY: soak
soak: ## faults at random for SOAK (2m); each record is delivered or counted at the end
	SYNLOGGER_SOAK=$(SOAK) $(GO) test -count 1 -timeout 0 -run '^TestSoak$$' -v $(call tests,^func TestSoak)

# One package after the other: a message can cost others of the same batch.
.PHONY: graylog-test
graylog-test: ## the tests that need a real Graylog: set GRAYLOG_URL and GRAYLOG_PASSWORD
	@if [ -z "$$GRAYLOG_URL" ]; then echo "set GRAYLOG_URL to the address of a Graylog"; exit 1; fi
	$(GO) test -count 1 -p 1 -timeout 10m -v -run '^TestRealGraylog' \
		$(call tests,^func TestRealGraylog)

.PHONY: bench
bench: ## the benchmarks, ours beside their peers; compare medians
	$(GO) test -run '^$$' -bench . -benchmem -count 6 $(PACKAGES)

.PHONY: cover
cover: ## the share of statements that the tests reach
	$(GO) test -coverpkg $(coverpkg) -coverprofile cover.out $(PACKAGES)
	$(GO) tool cover -func cover.out | tail -1

.PHONY: golden
golden: ## write the golden files anew; read the difference before you commit it
	$(GO) test $(call tests,/internal/golden") -update

.PHONY: vuln
vuln: ## known vulnerabilities in what we depend on; asks vuln.go.dev
	$(GO) tool govulncheck $(PACKAGES)

.PHONY: build
build: ## the command bin/synlogger
	$(GO) build -trimpath -o bin/synlogger ./cmd/synlogger

.PHONY: deploy-env
deploy-env: ## the secrets of deploy/compose.yaml, drawn at random into deploy/.env
	@deploy/make-env $(DEPLOY_ENV)

.PHONY: deploy-certs
deploy-certs: ## a private authority and Graylog's certificate: HOSTS="graylog.example 192.0.2.7"
	@deploy/make-certs $(HOSTS)
