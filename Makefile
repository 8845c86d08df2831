# make alone says what there is.
GO ?= go
FUZZTIME ?= 10s
SOAK ?= 2m
DEMO ?=
DEPLOY_ENV = deploy/.env
HOSTS =

.DEFAULT_GOAL := help

.PHONY: help
help: ## say what the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## four roles log into a collector with a page at 127.0.0.1:9000; DEMO="--for 5s" ends it
	@echo "building the demo; the first time fetches its modules"
	@$(GO) build -o bin/synlogger ./cmd/synlogger
	@./bin/synlogger demo $(DEMO)

.PHONY: test
test: ## all tests; export AXE_CORE=$(.ci/axe) has them look for barriers in pages, too
	$(GO) test ./...
	$(GO) test -C tools ./...

.PHONY: race
race: ## all tests under the race detector
	$(GO) test -race -timeout 20m ./...

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, go.mod is tidy, no API newer than its go line
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	$(GO) run -C tools ./apicheck -C "$(CURDIR)"

.PHONY: fuzz
fuzz: ## each fuzz test for FUZZTIME (10s)
	@set -e; for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
		done; \
	done

.PHONY: soak
soak: ## faults at random for SOAK (2m); each record is delivered or counted at the end
	SYNLOGGER_SOAK=$(SOAK) $(GO) test -count 1 -timeout 0 -run '^TestSoak$$' -v ./handler

# One package after the other: a message can cost others of the same batch.
.PHONY: graylog-test
graylog-test: ## the tests that need a real Graylog: set GRAYLOG_URL and GRAYLOG_PASSWORD
	@if [ -z "$$GRAYLOG_URL" ]; then echo "set GRAYLOG_URL to the address of a Graylog"; exit 1; fi
	$(GO) test -count 1 -p 1 -timeout 10m -v -run '^TestRealGraylog' \
		$$(grep -rl --include='*_test.go' '^func TestRealGraylog' . | xargs -n 1 dirname | sort -u)

.PHONY: bench
bench: ## the benchmarks, ours beside their peers; compare medians
	$(GO) test -run '^$$' -bench . -benchmem -count 6 ./...

.PHONY: cover
cover: ## the share of statements that the tests reach
	$(GO) test -coverpkg ./... -coverprofile cover.out ./...
	$(GO) tool cover -func cover.out | tail -1

.PHONY: golden
golden: ## write the golden files anew; read the difference before you commit it
	$(GO) test ./... -update

.PHONY: vuln
vuln: ## known vulnerabilities in what we depend on; asks vuln.go.dev
	$(GO) tool govulncheck ./...

.PHONY: build
build: ## the command bin/synlogger
	$(GO) build -trimpath -o bin/synlogger ./cmd/synlogger

.PHONY: deploy-env
deploy-env: ## the secrets of deploy/compose.yaml, drawn at random into deploy/.env
	@deploy/make-env $(DEPLOY_ENV)

.PHONY: deploy-certs
deploy-certs: ## a private authority and Graylog's certificate: HOSTS="graylog.example 192.0.2.7"
	@deploy/make-certs $(HOSTS)
